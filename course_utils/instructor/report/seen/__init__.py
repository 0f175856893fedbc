"""The class seen as a whole: one page for its instructor, and the numbers as tables."""
