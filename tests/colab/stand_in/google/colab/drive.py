"""Google Drive, which lessons must not ask for: students would have to let them in."""


def mount(mountpoint, force_remount=False, timeout_ms=120000, readonly=False):
    """Refuse, as Colab does when the student closes the dialogue."""
    raise ValueError("mount failed")
