"""What every moving figure is: frames that can be stepped through, and read aloud."""

import json
import math
from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape
from io import BytesIO
from os import PathLike
from pathlib import Path

import numpy as np

from ..arguments import array, integer, number_list, positive_integer, text_list
from . import style

MOST_BYTES = 5_000_000  # of one animation in a notebook or a file
MOST_FRAMES_PER_SECOND = 50  # browsers slow down a GIF that asks for more

# Opens on the first frame, as the last one may answer a question. Plays once, when it comes into
# sight, and never for those who asked their system for less motion. Its buttons suit a thumb.
PLAYER = """
<p style="font-family: sans-serif">STILL</p>
<div hidden style="font-family: sans-serif">
<button type="button" style="min-width: 6em; height: 44px">▶ Play</button>
<button type="button" aria-label="one frame back" style="width: 44px; height: 44px">◀</button>
<button type="button" aria-label="one frame on" style="width: 44px; height: 44px">▶</button>
<input type="range" aria-label="frame" min="0" value="0"
 style="vertical-align: middle; height: 44px">
<select aria-label="speed" style="height: 44px">
<option value="0.25">¼ speed</option><option value="0.5">½ speed</option>
<option value="1" selected>speed 1</option><option value="2">speed 2</option>
</select>
<select aria-label="time passes evenly by" style="height: 44px"></select>
<span aria-live="off"></span>
</div></div>
<script>
(() => {
const data = DATA;
const frames = data.frames.map(frame => {
  const image = new Image();
  image.src = "data:image/png;base64," + frame;
  return image;
});
const last = frames.length - 1;
for (const box of document.querySelectorAll(`[data-animation="${data.key}"]`)) {
  if (box.dataset.ready) continue;
  box.dataset.ready = "yes";
  const [picture, note, controls] = box.children;
  const [play, back, on, slider, speed, clock, words] = controls.children;
  let shown = 0;
  let timer = null;
  const show = frame => {
    shown = Math.min(Math.max(frame, 0), last);
    picture.src = frames[shown].src;
    slider.value = shown;
    words.textContent = data.captions[shown] ?? `${shown + 1} of ${last + 1}`;
  };
  const stop = () => {
    clearTimeout(timer);
    timer = null;
    play.textContent = "▶ Play";
    words.setAttribute("aria-live", "polite");
  };
  const goOn = () => {
    if (shown === last) return stop();
    const wait = data.waits[clock.value][shown] / Number(speed.value);
    timer = setTimeout(() => { show(shown + 1); goOn(); }, wait);
  };
  const start = () => {
    if (shown === last) show(0);
    play.textContent = "❚❚ Pause";
    words.setAttribute("aria-live", "off");
    goOn();
  };
  const jump = frame => { stop(); show(frame); };
  play.onclick = () => timer === null ? start() : stop();
  back.onclick = () => jump(shown - 1);
  on.onclick = () => jump(shown + 1);
  slider.oninput = () => jump(Number(slider.value));
  slider.max = last;
  for (const name of Object.keys(data.waits)) clock.add(new Option(`by ${name}`, name));
  clock.hidden = clock.length === 1;
  note.hidden = true;
  controls.hidden = false;
  show(shown);
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) continue;
  const watch = new IntersectionObserver(entries => {
    if (!entries.some(entry => entry.isIntersecting)) return;
    watch.disconnect();
    if (timer === null) start();
  }, { threshold: 0.6 });
  watch.observe(picture);
}
})();
</script>"""


@dataclass(frozen=True, repr=False, eq=False)
class Animation:
    """A figure that moves, and the words that say what is seen in it.

    A notebook shows it when it is the last expression of a cell, with buttons to play, pause and
    step, and a choice of speeds, which need neither network nor widgets and stay when the notebook
    is saved. It opens on its first frame, and plays once when it comes into sight. Where scripts do
    not run, its still is shown, and a line says which frame that is. Printed, it is the words. See
    `record` for one drawn with matplotlib.

    Attributes
    ----------
    frames : ndarray, uint8, shape (n, height, width, 3)
        Pixels of each frame, read-only.
    alt_text : str
        What is seen, and the trend.
    captions : tuple of str
        What each frame shows, in a few words, under the frame; empty for none.
    frames_per_second : float, above 0, at most 50
    rest : float, at least 0
        Seconds to rest on the first and on the last frame, in addition to a frame's own time.
    still : int
        The frame shown where nothing moves; -1 is the last one.
    density : int, at least 1
        Pixels of a frame for each pixel of the page.
    clocks : dict of str to sequence of n rising numbers
        What the film can be played by, such as ``{"steps": [0, 5, 20]}``: each frame then stays for
        as long as it is to the next one. The first is what it opens with; a GIF has only that.
        Empty for frames that all stay equally long.

    Raises
    ------
    TypeError
        If an attribute is of another kind.
    ValueError
        If ``frames`` has another shape or none, there are captions but not one a frame, or a
        number is out of range.
    """

    frames: np.ndarray
    alt_text: str
    captions: tuple = ()
    frames_per_second: float = 4.0
    rest: float = 1.5
    still: int = 0
    density: int = style.DENSITY
    clocks: dict = field(default_factory=dict)

    def __post_init__(self):
        array(self.frames, "frames")
        shape = self.frames.shape
        if self.frames.dtype != np.uint8 or len(shape) != 4 or shape[3] != 3 or 0 in shape:
            raise ValueError(
                "frames should be uint8 of shape (n, height, width, 3), one at least; got "
                f"{self.frames.dtype} of shape {shape}. Use np.stack on a list of frames."
            )
        if not isinstance(self.alt_text, str):
            raise TypeError(
                f"alt_text should be a string; got {type(self.alt_text).__name__}. "
                "Say what is seen, and how it changes."
            )
        if len(self.captions):
            text_list(self.captions, "captions", length=len(self.frames))
        _check_number(self.frames_per_second, "frames_per_second", MOST_FRAMES_PER_SECOND)
        if self.frames_per_second == 0:
            raise ValueError("frames_per_second should be above 0; got 0. Use 0.5 for two seconds.")
        _check_number(self.rest, "rest", 60)
        positive_integer(self.density, "density")
        count = len(self.frames)
        if not -count <= integer(self.still, "still") < count:
            raise ValueError(
                f"still should be one of the {count} frames, 0 to {count - 1}; got {self.still}. "
                "-1 is the last."
            )
        for name, positions in self.clocks.items():
            _check_clock(positions, f"clocks[{name!r}]", count)
        view = self.frames.view()  # so that the caller's own array stays as writeable as it was
        view.flags.writeable = False
        object.__setattr__(self, "frames", view)

    @classmethod
    @style.course_style()
    def record(cls, figure, update, count, alt_text, **options):
        """Draw a figure several times, and keep what is seen.

        Make the figure once, with everything that stays; then only change what moves
        (``line.set_data(...)``, ``image.set_data(...)``, ``text.set_text(...)``), which is many
        times faster than to draw anew. Places are laid out for the first frame and then kept, so
        that nothing jumps: set limits and the longest texts beforehand.

        Parameters
        ----------
        figure : matplotlib.figure.Figure
            Such as ``style.new_figure`` gives it. It is changed.
        update : callable
            Called with 0, 1, … ``count`` - 1; changes the figure into that frame.
        count : int
            How many frames.
        alt_text : str
            What is seen, and the trend.
        **options
            The other attributes of `Animation`.

        Returns
        -------
        Animation

        Raises
        ------
        TypeError
            If ``update`` cannot be called or ``count`` is no whole number.
        ValueError
            If ``count`` is less than 1; and whatever `Animation` refuses.
        """
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        if not callable(update):
            raise TypeError(
                f"update should be a function of the frame's number; got {type(update).__name__}. "
                "Write def update(frame): ..."
            )
        positive_integer(count, "count")
        density = positive_integer(options.get("density", cls.density), "density")
        figure.set_dpi(style.PIXELS_PER_INCH * density)
        canvas = FigureCanvasAgg(figure)
        frames = None
        for number in range(count):
            update(number)
            canvas.draw()
            figure.set_layout_engine("none")
            drawn = np.asarray(canvas.buffer_rgba())[..., :3]
            if frames is None:  # in one piece: a list that is stacked later takes twice the memory
                frames = np.empty((count, *drawn.shape), np.uint8)
            frames[number] = drawn
        return cls(frames, alt_text, **options)

    def __repr__(self):
        """The words, for wherever nothing can be shown."""
        return self.alt_text

    def _repr_html_(self):
        """The player for a notebook, as wide as the page at most."""
        pictures = _pngs(self.frames)
        waits = {
            name: np.rint(1000 * self._seconds(name)).astype(int).tolist()
            for name in self.clocks or ("frames",)
        }
        key = sha256(b"".join(pictures) + json.dumps(waits).encode()).hexdigest()[:16]
        width = round(self.frames.shape[2] / self.density)
        data = {
            "key": key,
            "frames": [b64encode(picture).decode("ascii") for picture in pictures],
            "captions": list(self.captions),
            "waits": waits,
        }
        # "<" could begin a tag that ends the script.
        script = PLAYER.replace("STILL", self._still_words()).replace(
            "DATA", json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
        )
        return (
            f'<div data-animation="{key}">'
            f'<img alt="{escape(self.alt_text)}" width="{width}" '
            'style="max-width: 100%; height: auto; display: block" '
            f'src="data:image/png;base64,{data["frames"][self.still]}">{script}'
        )

    def save(self, path):
        """Write the animation, or its still.

        Parameters
        ----------
        path : str or pathlib.Path
            Where to write; an existing file is replaced. ``.gif`` moves for ever, one pixel for
            each pixel of the page and in 256 colours; ``.html`` is the player as a page of its
            own; ``.png`` is the still.

        Raises
        ------
        TypeError
            If ``path`` is neither a string nor a path.
        ValueError
            If ``path`` ends otherwise, or the file would be larger than 5 MB.
        """
        if not isinstance(path, str | PathLike):
            raise TypeError(f"path should be a string or a path; got {path!r}. Use 'figure.gif'.")
        path = Path(path)
        makers = {".gif": self._gif, ".html": self._page, ".png": self._still}
        if path.suffix.lower() not in makers:
            raise ValueError(
                f"path should end with {', '.join(makers)}; got {path.name!r}. "
                f"Use '{path.stem or 'figure'}.gif'."
            )
        path.write_bytes(makers[path.suffix.lower()]())

    def _seconds(self, clock=None):
        """How long each frame is shown, by one of the clocks."""
        seconds = np.full(len(self.frames), 1 / self.frames_per_second)
        if clock in self.clocks:
            ways = np.diff(self.clocks[clock])
            seconds[:-1] *= ways / ways.mean() if len(ways) else 1
        seconds[[0, -1]] += self.rest
        return seconds

    def _still_words(self):
        """Which frame the still is, for where nothing moves."""
        count = len(self.frames)
        which = self.still % count
        words = f"A film, of which you see frame {which + 1} of {count}"
        words += f" ({self.captions[which]})" if len(self.captions) else ""
        return escape(f"{words}. Run the cell, or trust the notebook, to play it.")

    def _gif(self):
        """The bytes of the animation as a GIF file."""
        from PIL import Image

        size = (self.frames.shape[2] // self.density, self.frames.shape[1] // self.density)
        images = [
            Image.fromarray(frame).resize(size, Image.Resampling.BOX, reducing_gap=None)
            for frame in self.frames
        ]
        # One palette for all, so that what rests keeps its colour: that of up to eight of them.
        chosen = [
            images[k] for k in np.linspace(0, len(images) - 1, min(8, len(images)), dtype=int)
        ]
        sheet = Image.fromarray(np.concatenate([np.asarray(image) for image in chosen]))
        palette = sheet.quantize(256, method=Image.Quantize.MAXCOVERAGE)
        images = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
        waits = self._seconds(next(iter(self.clocks), None))
        written = BytesIO()
        images[0].save(
            written,
            format="gif",
            save_all=True,
            append_images=images[1:],
            # Browsers slow down what asks for less than two hundredths of a second.
            duration=[max(2, round(100 * seconds)) * 10 for seconds in waits],
            loop=0,
            comment=self.alt_text.encode(),
        )
        return _small_enough(written.getvalue())

    def _page(self):
        """The bytes of the player as a page of its own."""
        head = '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>Animation</title>'
        return f"{head}\n{self._repr_html_()}\n</html>\n".encode()

    def _still(self):
        """The bytes of the still as a PNG file, the words included as its description."""
        return _png(self.frames[self.still], words=self.alt_text)


def _pngs(frames):
    """Every frame as a PNG file: exact if that is small enough, else in 256 colours."""
    for colours in (None, 256):
        pictures = [_png(frame, colours) for frame in frames]
        shown = sum(map(len, pictures)) + max(map(len, pictures))  # the still is there once more
        size = shown * 4 / 3 + 10_000  # Base64, the words and the script
        if size <= MOST_BYTES:
            return pictures
    return _refuse_size(size)


def _png(frame, colours=None, words=None):
    """One frame's bytes as a PNG file."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    image = Image.fromarray(frame)
    if colours:
        image = image.quantize(colours, method=Image.Quantize.MAXCOVERAGE)
    info = PngInfo()
    if words:
        info.add_text("Description", words)
    written = BytesIO()
    image.save(written, format="png", pnginfo=info)
    return written.getvalue()


def _small_enough(data):
    """The same bytes, or an error if a notebook should not carry them."""
    if len(data) > MOST_BYTES:
        _refuse_size(len(data))
    return data


def _refuse_size(size):
    """Raise the error for an animation that is too large."""
    raise ValueError(
        f"An animation should take at most {MOST_BYTES / 1e6:.0f} MB; got {size / 1e6:.1f} MB. "
        "Record fewer frames, a smaller figure, or with density=1."
    )


def _check_number(value, name, most):
    """Refuse what is no number from 0 to ``most``."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(
            f"{name} should be a number such as 4; got {value!r}. Use float(...) around it."
        )
    if not (math.isfinite(value) and 0 <= value <= most):
        raise ValueError(f"{name} should lie between 0 and {most}; got {value}. Choose one within.")


def _check_clock(positions, name, count):
    """Refuse anything but a rising number for each frame."""
    values = number_list(positions, name, "frame", ("Pass one a frame.", "Pass one a frame."))
    if len(values) != count or not np.isfinite(values).all() or (np.diff(values) <= 0).any():
        raise ValueError(
            f"{name} should be {count} numbers that rise, one for each frame; got {values}. "
            "Pass snapshots.steps, for instance."
        )
