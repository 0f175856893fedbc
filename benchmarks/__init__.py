"""Measurements, each printed with the requirement or the peer it is held against."""
