"""Marks are kept in nbgrader's database; hands on marks, and a record of each submission."""
