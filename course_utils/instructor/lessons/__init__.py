"""Lessons as they are written: exercises, the text of cells, pairs of files, pages."""
