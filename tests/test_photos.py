"""Photos of one's own become square images, whatever lies in their folders."""

import numpy as np
import pytest
from PIL import Image

from course_utils import photos


def save(path, size=(40, 30), colour=(200, 10, 10), **options):
    """A photo of one colour."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path, **options)


@pytest.fixture
def folder(tmp_path):
    """Two mugs and a plant, and what else lies about."""
    save(tmp_path / "plant" / "a.png", colour=(0, 200, 0))
    save(tmp_path / "mug" / "b.jpg")
    save(tmp_path / "mug" / "a.PNG", size=(20, 60))
    (tmp_path / "mug" / ".DS_Store").write_bytes(b"x")
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / "notes.txt").write_text("not a class")
    return tmp_path


def test_folders_become_classes_and_photos_square_images(folder, capsys):
    read, names = photos.load(folder, 24)
    assert names == ("mug", "plant")
    assert read.images.shape == (3, 24, 24, 3)
    assert read.labels.tolist() == [0, 0, 1]
    assert np.abs(read.images[2].mean(axis=(0, 1)) - [0, 200, 0]).max() < 2
    assert capsys.readouterr().out == "2 of mug, 1 of plant\n"
    assert photos.load(str(folder), 24)[1] == names


def test_the_middle_is_kept_in_its_proportions(tmp_path):
    wide = np.zeros((10, 30, 3), np.uint8)
    wide[:, 10:20] = 255
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        Image.fromarray(wide).save(tmp_path / name / "wide.png")
    read, _ = photos.load(tmp_path, 10)
    assert read.images.min() > 240


def test_a_photo_is_turned_as_the_camera_was_held(tmp_path):
    top_bright = np.zeros((16, 16, 3), np.uint8)
    top_bright[:8] = 255
    turned = Image.Exif()
    turned[0x0112] = 3  # upside down
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    Image.fromarray(top_bright).save(tmp_path / "a" / "plain.png")
    Image.fromarray(top_bright).save(tmp_path / "b" / "held.jpg", exif=turned, quality=95)
    plain, held = photos.load(tmp_path, 16)[0].images
    assert plain[:6].min() > 200
    assert held[-6:].min() > 200
    assert held[:6].max() < 50


def test_what_cannot_be_read_is_passed_over_and_named(folder, capsys):
    (folder / "mug" / "c.heic").write_bytes(b"no picture")
    read, _ = photos.load(folder, 8)
    assert len(read) == 3
    assert "Not read in mug: c.heic\n" in capsys.readouterr().out


def test_at_most_so_many_are_read(folder, monkeypatch):
    monkeypatch.setattr(photos, "MOST", 1)
    assert len(photos.load(folder, 8)[0]) == 2


@pytest.mark.parametrize(
    ("prepare", "told"),
    [
        (lambda it: (it / "plant" / "a.png").unlink(), "plant should hold photos; got 0 files"),
        (lambda it: (it / "plant" / "a.png").write_text("x"), "got 1 files and none that can"),
        (lambda it: (it / "plant").rename(it / ".plant"), "two or more classes; got 1"),
    ],
)
def test_too_little_is_answered_with_what_to_do(folder, prepare, told):
    prepare(folder)
    with pytest.raises(ValueError, match=told):
        photos.load(folder, 8)


def test_a_folder_that_is_not_there_and_wrong_kinds(tmp_path):
    with pytest.raises(ValueError, match="got 0"):
        photos.load(tmp_path / "none", 8)
    with pytest.raises(TypeError, match="a path such as 'photos'; got 3"):
        photos.load(3, 8)
    with pytest.raises(TypeError, match="side"):
        photos.load(tmp_path, 8.0)
    with pytest.raises(ValueError, match="side"):
        photos.load(tmp_path, 0)
