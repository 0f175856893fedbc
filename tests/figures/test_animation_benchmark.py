"""Both ways of the animation benchmark draw the same snapshots at the same size."""

import numpy as np

from benchmarks import animations


def test_the_usual_way_shows_the_same_three_panels_at_the_same_size():
    snapshots = animations.made_up(count=3, kernels=4)
    # Tiles that are easily found again, even in a JPEG: maps of 0 and of 1 in turn.
    snapshots["activations"][:] = np.array([0, 1, 1, 0], np.float32)
    frames = animations.course_way(snapshots)
    usual = animations.usual_way(snapshots, [0, 2], frames.shape[1:3])
    assert usual.shape == (2, *frames.shape[1:])
    height, width = frames.shape[1:3]
    right = usual[0, : int(0.68 * height), width // 2 :]
    black, white = (right.max(axis=2) < 20), (right.min(axis=2) > 235)
    half = np.array([black.shape[0], black.shape[1]]) // 2
    assert black[: half[0], : half[1]].mean() > 0.3
    assert black[half[0] :, half[1] :].mean() > 0.3
    assert black[: half[0], half[1] :].mean() < 0.05
    assert white[: half[0], half[1] :].mean() > 0.3
    curves = usual.astype(int)[:, int(0.7 * height) :] - [31, 119, 180]  # matplotlib's first blue
    found = [(np.abs(frame).max(axis=2) < 40).sum() for frame in curves]
    assert found[1] > found[0] + 100


def test_it_fails_below_what_is_required(monkeypatch, capsys):
    for usual, status in ((0.49, 1), (0.51, 0)):
        measured = {"course": [0.1, 0.1, 9.0], "usual": [usual] * 3}, (10, 10)
        monkeypatch.setattr(animations, "measure", lambda measured=measured: measured)
        assert animations.main() == status
    assert "5.1 times as fast; required 5." in capsys.readouterr().out
