"""Several pictures in one place: chosen with a slider, or all of them below each other."""

import sys
from dataclasses import dataclass
from html import escape

from .picture import Picture


@dataclass(frozen=True, repr=False)
class Album:
    """Pictures of which one is shown at a time, where somebody can move a slider.

    In Jupyter a slider chooses. The picture below it is ordinary output, so that the one shown last
    stays when the notebook is saved; nothing of the slider does. All pictures are shown, below each
    other, where nobody could move it: when a notebook is executed by a program, without ipywidgets,
    and in Colab. (Colab saves the state of sliders in a way that stops nbconvert, and so the
    feedback to a student's work: googlecolab/colabtools issue 4559, jupyter/nbconvert issue 1731.)

    Attributes
    ----------
    pictures : dict of str to Picture
        By the words that choose it; at least one.
    chooses : str
        What the slider chooses, such as ``"layer"``.

    Raises
    ------
    TypeError
        If ``pictures`` is no dict of pictures with strings as names, or ``chooses`` no string.
    ValueError
        If there are no pictures.
    """

    pictures: dict
    chooses: str = "picture"

    def __post_init__(self):
        if not isinstance(self.pictures, dict):
            raise TypeError(
                "pictures should be a dict from name to picture; got "
                f'{type(self.pictures).__name__}. Write {{"layer 1": figures.map_grid(...)}}.'
            )
        for name, picture in self.pictures.items():
            if not isinstance(name, str) or not isinstance(picture, Picture):
                raise TypeError(
                    "pictures should have strings as names and pictures as values; got "
                    f"{name!r} and {type(picture).__name__}. Use what a function of figures gave."
                )
        if not self.pictures:
            raise ValueError("pictures should be one at least; got none. Give one for each choice.")
        if not isinstance(self.chooses, str):
            raise TypeError(
                f"chooses should be a string; got {self.chooses!r}. Use a word such as 'layer'."
            )

    @property
    def alt_text(self):
        """The words of all pictures, one after the other."""
        return " ".join(f"{name}: {it.alt_text}" for name, it in self.pictures.items())

    def __repr__(self):
        """The words, for wherever pictures cannot be shown."""
        return self.alt_text

    def _repr_html_(self):
        """All pictures, below each other."""
        return "\n".join(self._page(name) for name in self.pictures)

    def _ipython_display_(self):
        """Show a slider and one picture, or all of them."""
        from IPython.display import display

        slider = _slider(tuple(self.pictures), self.chooses) if _somebody_is_there() else None
        if slider is None:
            display(_bundle(self._repr_html_(), self.alt_text), raw=True)
            return
        display(slider)
        shown = display(self._one(slider.value), raw=True, display_id=True)
        slider.observe(lambda change: shown.update(self._one(change["new"]), raw=True), "value")

    def _one(self, name):
        """One picture as IPython displays it."""
        return _bundle(self._page(name), f"{name}: {self.pictures[name].alt_text}")

    def _page(self, name):
        """One picture below its name, as HTML."""
        return f"<div><b>{escape(name)}</b></div>\n{self.pictures[name]._repr_html_()}"


def _bundle(html, words):
    """Output for IPython: HTML, and words where that cannot be shown."""
    return {"text/html": html, "text/plain": words}


def _somebody_is_there():
    """Whether a person runs this cell in Jupyter.

    Programs that execute notebooks (nbclient, so nbconvert, nbmake and nbgrader, and papermill) say
    with each cell that nobody can answer an ``input()``.
    """
    if "google.colab" in sys.modules:
        return False
    from IPython import get_ipython

    shell = get_ipython()
    if not hasattr(shell, "kernel"):
        return False
    request = shell.kernel.get_parent("shell") or {}
    return bool(request.get("content", {}).get("allow_stdin", False))


def _slider(names, label):
    """A slider with these stops; None where ipywidgets is not installed."""
    try:
        from ipywidgets import Layout, SelectionSlider
    except ImportError:
        return None
    return SelectionSlider(
        options=names,
        description=label,
        continuous_update=False,
        layout=Layout(width="60%"),
        style={"description_width": "initial"},
    )
