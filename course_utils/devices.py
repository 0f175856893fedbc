"""What a lesson computes on: decisions that take what was found, and so need no such device."""

from typing import NamedTuple

# From here on, NVIDIA's graphics cards have units that multiply matrices of float16.
TENSOR_CORES = (7, 0)

TO_A_GPU = "In the menu, choose Runtime → Change runtime type → T4 GPU"


class Graphics(NamedTuple):
    """A graphics card: its name, and its compute capability, (0, 0) if that is unknown."""

    name: str
    capability: tuple


class NoTensorFlowError(ImportError):
    """Colab gave a runtime without TensorFlow. In a notebook only the message is shown."""

    def _render_traceback_(self):
        """What IPython shows in place of the traceback."""
        return [str(self)]


def find_graphics(tensorflow):
    """Find the graphics card that TensorFlow computes on.

    Parameters
    ----------
    tensorflow : module
        TensorFlow, or what answers in its place.

    Returns
    -------
    Graphics or None
        The first one; None if there is none.
    """
    cards = tensorflow.config.list_physical_devices("GPU")
    if not cards:
        return None
    details = tensorflow.config.experimental.get_device_details(cards[0])
    name = details.get("device_name", "name unknown")
    return Graphics(name, tuple(details.get("compute_capability", (0, 0))))


def let_memory_grow(tensorflow):
    """Let TensorFlow take a graphics card's memory as it needs it, and not all of it at once.

    Only possible before the first operation. After it nothing changes, and nothing is said: the
    lesson runs all the same.

    Parameters
    ----------
    tensorflow : module
        TensorFlow, or what answers in its place.

    Returns
    -------
    bool
        Whether there is a card, and the memory of all cards grows.
    """
    cards = tensorflow.config.list_physical_devices("GPU")
    try:
        for card in cards:
            tensorflow.config.experimental.set_memory_growth(card, True)
    except RuntimeError:  # TensorFlow has begun to use the card
        return False
    return bool(cards)


def describe(graphics, cores):
    """Name what the lesson computes on, as a student would.

    Parameters
    ----------
    graphics : Graphics or None
        What `find_graphics` found.
    cores : int
        Processor cores.

    Returns
    -------
    str
        Such as ``"GPU (Tesla T4)"``.
    """
    return f"CPU ({cores} cores)" if graphics is None else f"GPU ({graphics.name})"


def advise(graphics, colab):
    """Say what would make the lesson quicker.

    Parameters
    ----------
    graphics : Graphics or None
        What `find_graphics` found.
    colab : bool
        Whether the lesson runs in Colab.

    Returns
    -------
    str or None
        The menu that gives a GPU, in Colab without one; None if there is nothing to say.
    """
    if graphics is not None or not colab:
        return None
    return (
        "This runtime has no GPU. Everything works without one, but trainings take longer. "
        f"{TO_A_GPU}, then run the cells from the first one on."
    )


def without_tensorflow(colab):
    """Say what to do where TensorFlow is not installed.

    Parameters
    ----------
    colab : bool
        Whether the lesson runs in Colab.

    Returns
    -------
    NoTensorFlowError or None
        In Colab, where that means a runtime of another kind; None elsewhere.
    """
    if not colab:
        return None
    return NoTensorFlowError(
        "This runtime has no TensorFlow, as those with a TPU have none. "
        f"{TO_A_GPU}, then run the cells from the first one on."
    )


def halves_pay(graphics):
    """Tell whether float16 is quicker than float32.

    Parameters
    ----------
    graphics : Graphics or None
        What `find_graphics` found.

    Returns
    -------
    bool
        True on a GPU whose compute capability is at least 7.0, such as a T4 (7.5); on a CPU and on
        older or unknown cards float16 saves no time, so False.
    """
    return graphics is not None and graphics.capability >= TENSOR_CORES
