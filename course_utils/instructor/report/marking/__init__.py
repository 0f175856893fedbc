"""Marking by hand: all answers to one question, one after the other."""
