"""The heatmap's numbers are the correlations, in the order of likeness, and can be read."""

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.colors import to_rgb

from course_utils.figures import class_correlation

NAMES = ["coat", "boot", "shirt", "sandal"]
TABLE = np.array(
    [
        [1.0, 0.1, 0.9, -0.2],
        [0.1, 1.0, 0.0, 0.8],
        [0.9, 0.0, 1.0, 0.05],
        [-0.2, 0.8, 0.05, 1.0],
    ]
)


def heatmap(picture):
    """The axes with the cells: the trees' own axes are hidden."""
    [axes] = [axes for axes in picture.figure.axes if axes.get_visible()]
    return axes


def names_of(axes):
    """Class names beside the rows, from the top."""
    return [text.get_text() for text in axes.get_yticklabels()]


def contrast(one, other):
    """Contrast of two colours, as WCAG 2.2 defines it."""

    def luminance(colour):
        parts = np.array(to_rgb(colour))
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722] + 0.05

    light, dark = sorted([luminance(one), luminance(other)], reverse=True)
    return light / dark


def test_classes_that_are_alike_stand_next_to_each_other():
    axes = heatmap(class_correlation(TABLE, NAMES))
    rows = names_of(axes)
    assert sorted(rows) == sorted(NAMES)
    assert abs(rows.index("coat") - rows.index("shirt")) == 1
    assert abs(rows.index("boot") - rows.index("sandal")) == 1
    assert [text.get_text() for text in axes.get_xticklabels()] == rows


def test_every_cell_holds_the_correlation_of_its_row_and_column():
    axes = heatmap(class_correlation(TABLE, NAMES))
    order = [NAMES.index(name) for name in names_of(axes)]
    expected = [f"{TABLE[row, column]:.2f}" for row in order for column in order]
    assert [text.get_text() for text in axes.texts] == expected


def test_shades_grow_with_likeness_in_grey_too():
    axes = heatmap(class_correlation(TABLE, NAMES))
    [cells] = axes.collections
    grey = cells.get_facecolors()[:, :3] @ [0.299, 0.587, 0.114]
    values = [float(text.get_text()) for text in axes.texts]
    assert (np.diff(grey[np.argsort(values)]) <= 1e-9).all()
    assert np.ptp(grey) > 0.5


def test_numbers_can_be_read_on_their_shade():
    shares = np.linspace(0, 1, 20)
    table = (shares + shares[:, np.newaxis]) / 2
    axes = heatmap(class_correlation(table, [f"class {number}" for number in range(20)]))
    [cells] = axes.collections
    for text, shade in zip(axes.texts, cells.get_facecolors(), strict=True):
        assert contrast(text.get_color(), shade[:3]) >= 4.5


@pytest.mark.parametrize("classes", [2, 3, 10, 20])
def test_names_and_numbers_stay_on_the_figure_and_in_their_cells(classes, extents):
    names = [f"a class with a long name {number}" for number in range(classes)]
    table = np.eye(classes) * 1.8 - 0.8
    picture = class_correlation(table, names)
    axes = heatmap(picture)
    page = picture.figure.bbox
    labels = [*axes.get_yticklabels(), *axes.get_xticklabels(), axes.title]
    for box in extents(picture.figure, labels):
        assert box.x0 >= page.x0 - 1
        assert box.x1 <= page.x1 + 1
        assert box.y0 >= page.y0 - 1
    cell = axes.get_window_extent().width / classes
    assert max(box.width for box in extents(picture.figure, axes.texts)) <= cell


def test_pyplot_does_not_know_the_figure():
    before = pyplot.get_fignums()
    interactive = pyplot.isinteractive()
    class_correlation(TABLE, NAMES)
    assert pyplot.get_fignums() == before
    assert pyplot.isinteractive() == interactive


def test_alt_text_tells_the_order_and_who_is_most_alike():
    picture = class_correlation(TABLE, NAMES)
    words = picture.alt_text
    assert words.startswith(
        "Heatmap of the correlations of 4 classes, similar classes next to each other: "
    )
    assert words.endswith(
        "Most alike are coat and shirt (0.90), boot and sandal (0.80) and coat and boot (0.10); "
        "least alike are coat and sandal (−0.20)."
    )
    order = words.partition("other: ")[2].partition(". ")[0].replace(" and ", ", ").split(", ")
    assert order == names_of(heatmap(picture))


def test_two_classes_have_one_correlation():
    table = np.array([[1.0, 0.25], [0.25, 1.0]])
    assert class_correlation(table, NAMES[:2]).alt_text.endswith(
        "Most alike are coat and boot (0.25)."
    )
