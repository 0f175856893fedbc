"""Draw the README's picture from 03-how-it-learns: ``python -m docs.draw_picture``.

It runs the lesson's own cells, so the numbers and the probabilities are the lesson's.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from PIL import Image

from course_utils import figures

LESSON = "03-how-it-learns"
HEIGHT = 420
GAP = 28


def run_lesson():
    """Run the lesson's own cells, without the exercises, and give back all of its variables."""
    path = Path(__file__).parents[1] / "notebooks" / LESSON / f"{LESSON}.ipynb"
    namespace = {}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.source.startswith("## Exercises"):
            break
        if cell.cell_type == "code":
            exec(cell.source, namespace)
    return namespace


def panels():
    """Three pictures of one misread digit: its pixels, a network like ours, the answer."""
    lesson = run_lesson()
    chosen, test = lesson["mistakes"][0], lesson["mnist"].test
    yield figures.digit_with_numbers(test.images[chosen][4:24, 4:24])
    yield figures.network_diagram([4, 3, 3], ["pixels", "hidden", "classes"], counted_layer=1)
    yield figures.probability_bars(
        lesson["probabilities"][chosen],
        lesson["mnist"].class_names,
        label=test.labels[chosen],
        image=test.images[chosen],
    )


def side_by_side(pictures):
    """One image with the pictures in a row, all of one height."""
    images = []
    with TemporaryDirectory() as folder:
        for number, picture in enumerate(pictures):
            path = Path(folder, f"{number}.png")
            picture.save(path)
            image = Image.open(path).convert("RGB")
            images.append(image.resize((round(image.width * HEIGHT / image.height), HEIGHT)))
    width = sum(image.width for image in images) + GAP * (len(images) + 1)
    sheet = Image.new("RGB", (width, HEIGHT + 2 * GAP), "white")
    left = GAP
    for image in images:
        sheet.paste(image, (left, GAP))
        left += image.width + GAP
    return sheet


if __name__ == "__main__":
    side_by_side(panels()).save(Path(__file__).with_name("pixels-to-answers.png"), optimize=True)
