"""A stand-in for Colab's own module: as much of it as notebooks of this course could notice."""

from google.colab import _message, drive, files, output, userdata

__all__ = ["_message", "drive", "files", "output", "userdata"]
