"""Each cell of the map shows the image nearest to its middle, and words tell where classes lie."""

import numpy as np

from course_utils.figures import image_map

CORNERS = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0], [0.9, 0.9]])
IMAGES = np.stack([np.full((4, 4), value, np.uint8) for value in (10, 60, 110, 160, 210)])
LABELS = np.array([0, 1, 1, 1, 0])
NAMES = ["cat", "dog"]


def board_of(picture):
    """What is drawn, as shades of grey."""
    [axes] = picture.figure.axes
    [drawn] = axes.get_images()
    return np.asarray(drawn.get_array())[..., 0]


def test_images_lie_where_their_places_do():
    board = board_of(image_map(CORNERS, IMAGES, LABELS, NAMES, cells=2))
    side = len(board) // 2
    middle = side // 3
    assert board[middle, middle] == 110  # up is up: the place (0, 10)
    assert board[middle, side + middle] == 160
    assert board[side + middle, side + middle] == 60


def test_of_two_images_in_a_cell_the_one_nearer_to_its_middle_is_shown():
    board = board_of(image_map(CORNERS, IMAGES, LABELS, NAMES, cells=2))
    assert 210 in board
    assert 10 not in board


def test_a_cell_without_images_is_white():
    board = board_of(image_map(CORNERS, IMAGES, LABELS, NAMES, cells=5))
    middle = len(board) // 2
    assert (board[middle - 3 : middle + 3, middle - 3 : middle + 3] == 255).all()


def test_colour_and_floats_are_drawn_as_they_are():
    colour = np.zeros((5, 4, 4, 3))
    colour[..., 0] = 1
    [axes] = image_map(CORNERS, colour, LABELS, NAMES, cells=2).figure.axes
    drawn = np.asarray(axes.get_images()[0].get_array())
    assert [255, 0, 0] in drawn.reshape(-1, 3).tolist()


def test_words_tell_how_many_are_shown_where_classes_lie_and_how_alike_neighbours_are():
    assert image_map(CORNERS, IMAGES, LABELS, NAMES, cells=2).alt_text == (
        "Map on which 4 images of 5 are shown, one in each cell of a grid of 2 by 2 in which there "
        "are any. The middle of each class: cat bottom left and dog top right. "
        "Of the images that are next to each other, 50 % are of one class."
    )
