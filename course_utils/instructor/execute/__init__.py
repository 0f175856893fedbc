"""A notebook is run, confined; hands on its outputs and the true state of every cell."""
