"""Call a function, and see whether it does by hand what it was to do by hand."""

import gc
import inspect
import sys
from contextlib import suppress

LIBRARIES = {  # what "with NumPy and plain Python only" leaves out, by the name that is imported
    "course_utils": "the course",
    "cv2": "OpenCV",
    "jax": "JAX",
    "keras": "Keras",
    "pandas": "pandas",
    "PIL": "Pillow",
    "scipy": "SciPy",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "tensorflow": "TensorFlow",
    "tf_keras": "Keras",
    "torch": "PyTorch",
}
# Python calls these by itself: on an import, an isinstance, a name that is only mentioned.
NO_USE = {"<module>", "__del__", "__dir__", "__getattr__", "__instancecheck__", "__subclasscheck__"}


def by_hand(function, *arguments, without=tuple(LIBRARIES), **options):
    """Call a function and give back what it returns, unless it called what it was to do without.

    Parameters
    ----------
    function : callable
        The student's.
    *arguments, **options
        What it is called with.
    without : sequence of str
        Libraries such as ``"keras"`` of which nothing may be called, and single functions such as
        ``"numpy.corrcoef"``. Every library of `LIBRARIES`, if not given: NumPy and plain Python
        only.

    Returns
    -------
    object
        What the function returns.

    Raises
    ------
    AssertionError
        If it returned, and had called something of ``without`` on the way, under whatever name it
        was imported. Whatever the function itself raises is passed on as it is.

    Notes
    -----
    Calls are seen by Python's profiler (`sys.setprofile`) in this thread. Importing a library, or
    mentioning it without calling anything of it, is no use of it.
    """
    watch = _Watch(without)
    profiler, collecting = sys.getprofile(), gc.isenabled()
    gc.disable()  # what a library does when its objects are cleared away is not the student's doing
    sys.setprofile(watch.see)
    try:
        answer = function(*arguments, **options)
    finally:
        sys.setprofile(profiler)
        if collecting:
            gc.enable()
    if watch.used:
        name = getattr(function, "__name__", "your function")
        whole = tuple(without) == tuple(LIBRARIES)
        instead = "with NumPy and plain Python only" if whole else "without that"
        raise AssertionError(f"{name} called {watch.used}. Write it {instead}.")
    return answer


class _Watch:
    """What a profiler sees of forbidden calls; ``used`` names the first one."""

    def __init__(self, without):
        self.libraries = {name for name in without if "." not in name}
        self.functions = {name for name in without if "." in name}
        self.used = ""

    def see(self, frame, event, argument):
        """Look at one event of the profiler."""
        if self.used:
            return
        if event == "call":
            self.enter(_library(frame), frame.f_code.co_name, frame.f_back, frame)
        elif event == "c_call":
            library = (getattr(argument, "__module__", None) or "").partition(".")[0]
            self.enter(library, argument.__name__, frame)

    def enter(self, library, name, caller, frame=None):
        """Look at the call of a library's function; ``frame`` is its own, if it is in Python."""
        forbidden = library in self.libraries or f"{library}.{name}" in self.functions
        if forbidden and name not in NO_USE and _comes_from_outside(library, caller):
            with suppress(Exception):  # only words: some decorator may hide its function well
                name = _name(frame) if frame else name
            self.used = f"{name} of {LIBRARIES.get(library, 'NumPy')}"


def _library(frame):
    """The library that the code of a frame belongs to."""
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]


def _comes_from_outside(library, caller):
    """Whether a call is neither within the library itself nor part of importing anything."""
    while caller is not None and caller.f_code is not by_hand.__code__:
        if _library(caller) in (library, "importlib"):
            return False
        caller = caller.f_back
    return True


def _decorated(function):
    """The name of a function that may be a decorator's, with the one it decorates within."""
    function = inspect.unwrap(function)
    within = inspect.getclosurevars(function).nonlocals.values()
    inner = filter(inspect.isfunction, within)
    return next(map(_decorated, inner), function.__name__)


def _name(frame):
    """How a person calls the function of a frame: behind its decorator, and its class by name."""
    code = frame.f_code
    outer = [frame.f_locals.get(name) for name in code.co_freevars]
    name = next((_decorated(it) for it in outer if inspect.isfunction(it)), code.co_name)
    if not name.startswith("__") or name in NO_USE or not code.co_varnames:
        return name
    owner = frame.f_locals.get(code.co_varnames[0])
    owner = owner[0] if isinstance(owner, tuple) and owner else owner
    return owner.__name__ if isinstance(owner, type) else type(owner).__name__
