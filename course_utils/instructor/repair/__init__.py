"""What a student did to a notebook is undone; hands on a submission that nbgrader understands."""
