"""What every figure function returns: a figure that can also be read aloud."""

from base64 import b64encode
from dataclasses import dataclass
from html import escape
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from . import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, repr=False)
class Picture:
    """A drawn figure and the words that say what is seen in it.

    A notebook shows it when it is the last expression of a cell, with the words as alternative
    text for screen readers; printed, it is the words.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
        Not known to pyplot: there is nothing to close, and nothing is shown twice.
    alt_text : str
        What is seen, and the trend.
    """

    figure: "Figure"
    alt_text: str

    def __repr__(self):
        """The words, for wherever a picture cannot be shown."""
        return self.alt_text

    def _repr_html_(self):
        """The picture for a notebook, as wide as the page at most."""
        data = b64encode(self._png()).decode("ascii")
        width = round(self.figure.get_figwidth() * style.PIXELS_PER_INCH)
        return (
            f'<img alt="{escape(self.alt_text)}" width="{width}" '
            f'style="max-width: 100%; height: auto" src="data:image/png;base64,{data}">'
        )

    def save(self, path):
        """Write the picture as a PNG file, the words included as its description.

        Parameters
        ----------
        path : str or pathlib.Path
            Where to write; ends with ``.png``. An existing file is replaced.

        Raises
        ------
        TypeError
            If ``path`` is neither a string nor a path.
        ValueError
            If ``path`` does not end with ``.png``.
        """
        if not isinstance(path, str | PathLike):
            raise TypeError(f"path should be a string or a path; got {path!r}. Use 'figure.png'.")
        path = Path(path)
        if path.suffix.lower() != ".png":
            raise ValueError(
                f"path should end with .png; got {path.name!r}. Use '{path.stem or 'figure'}.png'."
            )
        path.write_bytes(self._png())

    @style.course_style()
    def _png(self):
        """The bytes of the picture as a PNG file."""
        from PIL import Image
        from PIL.PngImagePlugin import PngInfo

        drawn, written = BytesIO(), BytesIO()
        self.figure.savefig(drawn, format="png", pil_kwargs={"compress_level": 1})
        image = Image.open(drawn).convert("RGB")
        if not self._shows_colour_images():
            # Lines and text have few colours: a palette halves the bytes and shows no difference.
            image = image.quantize(256, method=Image.Quantize.MAXCOVERAGE)
        words = PngInfo()
        words.add_text("Description", self.alt_text)
        image.save(written, format="png", pnginfo=words)
        return written.getvalue()

    def _shows_colour_images(self):
        """Whether there are photos, which a palette would spoil."""
        shown = (image for axes in self.figure.axes for image in axes.get_images())
        return any(image.get_array().ndim == 3 for image in shown)
