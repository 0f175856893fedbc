"""What students get is made of the lessons, and stopped if it would give an answer away."""
