"""An inbox is read: files, whose they are, which attempt counts; hands on ``build/submitted``."""
