"""Each frame shows its own probabilities, boundary and loss, and the film opens on the first."""

import numpy as np

from course_utils.figures import learning_boundary

ACROSS, UP = np.linspace(0, 4, 9), np.linspace(0, 2, 5)
PLACES = np.array([[0.5, 0.5], [1, 1.5], [3, 0.5], [3.5, 1.5]])
LABELS = np.array([0, 0, 1, 1])
FILM = np.stack([1 / (1 + np.exp(6 * (edge - ACROSS))) * np.ones((5, 1)) for edge in (1, 2, 3)])
LOSSES, STEPS = [0.8, 0.4, 0.1], [0, 3, 12]


def film(**changes):
    given = {
        "places": PLACES,
        "labels": LABELS,
        "across": ACROSS,
        "up": UP,
        "probabilities": FILM,
        "losses": LOSSES,
        "steps": STEPS,
    }
    return learning_boundary(**(given | changes))


def darkness(frame):
    """Mean darkness of the plane, which is left of the middle."""
    return 255 - frame[80:-80, 40 : frame.shape[1] // 2].mean()


def test_a_frame_is_darker_the_more_probable_the_triangles():
    values = [darkness(frame) for frame in film().frames]
    assert values == sorted(values, reverse=True)
    assert values[0] > 1.3 * values[-1]


def test_the_boundary_is_where_the_probability_is_one_half():
    for frame, edge in zip(film().frames, (1, 2, 3), strict=True):
        row = frame[frame.shape[0] // 2].min(axis=1)
        black = np.flatnonzero(row < 60)
        plane = black[(black > 20) & (black < 420)]
        assert plane.size
        assert abs(np.median(plane) / 420 - edge / 4) < 0.12


def test_it_opens_on_the_first_frame_and_tells_step_and_loss():
    made = film()
    assert made.still == 0
    assert made.captions == ("step 0, loss 0.8", "step 3, loss 0.4", "step 12, loss 0.1")


def test_a_network_that_never_doubts_has_no_boundary_and_is_shown_all_the_same():
    made = film(probabilities=np.ones(FILM.shape))
    assert len(made.frames) == 3


def test_alt_text_tells_what_moves_and_how_the_loss_ends():
    assert film().alt_text == (
        "A network learns to tell 2 dots from 2 triangles, from step 0 to step 12. The plane is "
        "shaded by the probability of the triangles, and a thick line, the boundary where it is "
        "one half, moves from frame to frame, while the loss falls from 0.8 to 0.1."
    )
    assert "the loss does not fall: it goes from 0.1 to 0.8." in film(losses=LOSSES[::-1]).alt_text
