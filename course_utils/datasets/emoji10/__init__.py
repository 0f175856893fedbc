"""Emoji-10: images with CIFAR-10's class names, drawn anew from emoji art that may be shipped."""

from course_utils.datasets.emoji10.draw import draw, drawings_of

__all__ = ["draw", "drawings_of"]
