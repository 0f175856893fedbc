"""What `google.colab` is in the grader's kernels; its text is run there, and nothing imports it.

Whatever a notebook only calls in passing does nothing, and says so. What gives something back
that only Colab has (a file from the student's computer, a secret) raises `NotInTheGrader`, and
the grader goes on with the next statement.
"""

import sys
from types import ModuleType


class NotInTheGrader(Exception):
    """Something was asked for that only Google Colab has."""


def _stand_in(name, **functions):
    """A module of Colab's with these functions."""
    module = ModuleType(f"google.colab.{name}", "This stands in for Google Colab's own module.")
    vars(module).update(functions, __getattr__=_passing(module.__name__))
    return module


def _passing(module):
    """For names that are not told: functions that do nothing."""

    def __getattr__(name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _nothing(f"{module}.{name}")

    return __getattr__


def _nothing(name, answer=None):
    """A function that does nothing but say so."""

    def stand_in(*arguments, **options):
        print(f"{name} does nothing here: only Google Colab has it.")
        return answer

    return stand_in


def _refuse(name):
    """A function whose answer nobody can give here."""

    def stand_in(*arguments, **options):
        raise NotInTheGrader(f"{name} was called: only Google Colab can answer it.")

    return stand_in


def _show(image, *others, **options):
    """Show a picture, an array as OpenCV has it or whatever IPython can show."""
    from IPython.display import display

    if hasattr(image, "dtype"):
        from PIL import Image

        image = image.clip(0, 255).astype("uint8")
        image = Image.fromarray(image[..., ::-1] if image.ndim == 3 else image)
    display(image)


def _put_in_place():
    """Make the modules known to Python."""
    colab = ModuleType("google.colab", "This stands in for Google Colab's own package.")
    colab.__path__ = []
    parts = {
        "drive": {"mount": _nothing("drive.mount"), "flush_and_unmount": _nothing("drive")},
        "files": {
            "download": _nothing("files.download"),
            "upload": _refuse("files.upload"),
            "upload_file": _refuse("files.upload_file"),
            "view": _nothing("files.view"),
        },
        "output": {"eval_js": _refuse("output.eval_js"), "clear": _nothing("output.clear")},
        "userdata": {"get": _refuse("userdata.get")},
        "patches": {"cv2_imshow": _show},
        "auth": {"authenticate_user": _nothing("auth.authenticate_user")},
        "data_table": {},
        "widgets": {},
        "runtime": {},
        "autoviz": {},
    }
    sys.modules["google.colab"] = colab
    for name, functions in parts.items():
        module = _stand_in(name, **functions)
        setattr(colab, name, module)
        sys.modules[module.__name__] = module


_put_in_place()
