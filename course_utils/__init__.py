"""What the lessons of *From Pixels to Features* import.

Importing this package is cheap: TensorFlow is loaded by the first function that needs it.
"""
