"""The instructor's own machine: whether it is ready, its copies of the data, the example class."""
