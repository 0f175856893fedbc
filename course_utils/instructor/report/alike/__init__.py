"""Hand-ins that are more alike than independent work is, for a person to look at."""
