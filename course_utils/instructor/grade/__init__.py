"""Submissions are graded: each examined by a worker, written into the gradebook by one process."""
