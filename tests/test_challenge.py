"""A file of predictions comes back as it was written, or is refused in words that help."""

import gzip
import os
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils import challenge, datasets
from course_utils.challenge.predictions import LARGEST_FILE
from course_utils.datasets import emoji10

IMAGES = emoji10.draw(12, seed=1)[0]
CHALLENGE = challenge.Challenge("emoji10", IMAGES)
LABELS = np.arange(12) % 10
HEAD = f"# track: emoji10\n# challenge: {CHALLENGE.id}\n# student: Ada\nindex,label\n"
ROWS = "".join(f"{index},{label}\n" for index, label in enumerate(LABELS))


@pytest.fixture
def file(tmp_path):
    """A function that writes a file of predictions; returns its path."""

    def write(content):
        path = tmp_path / "predictions.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def problems_of(path, *challenges):
    with pytest.raises(challenge.PredictionError) as caught:
        challenge.read_predictions(path, challenges or CHALLENGE)
    return str(caught.value)


@pytest.mark.parametrize("kind", [np.int64, np.uint8])
@pytest.mark.parametrize(
    "student",
    [
        "Ada",
        "Zoë Østergård",
        "=1+1",
        "李",
        "a" * 60,
        "\N{CJK UNIFIED IDEOGRAPH-20000}" * 60,
        "x, y: #z",
    ],
)
def test_what_is_written_is_read(tmp_path, student, kind):
    given = LABELS.astype(kind)
    path = challenge.write_predictions(CHALLENGE, given, student, tmp_path / "new")
    read = challenge.read_predictions(path, CHALLENGE)
    assert (read.track, read.challenge, read.student) == ("emoji10", CHALLENGE.id, student)
    assert read.labels.dtype == np.int64
    np.testing.assert_array_equal(read.labels, LABELS)
    np.testing.assert_array_equal(given, LABELS.astype(kind))
    assert path.parent == tmp_path / "new"
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_later_file_of_the_same_student_replaces_the_former(tmp_path):
    challenge.write_predictions(CHALLENGE, LABELS, "Ada", tmp_path)
    path = challenge.write_predictions(CHALLENGE, LABELS[::-1], "Ada", tmp_path)
    np.testing.assert_array_equal(challenge.read_predictions(path, CHALLENGE).labels, LABELS[::-1])
    assert len(list(tmp_path.iterdir())) == 1


def test_files_are_written_into_the_course_s_build_folder(tmp_path, monkeypatch):
    (tmp_path / "course_utils").mkdir()
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    path = challenge.write_predictions(CHALLENGE, LABELS, "Ada Lovelace")
    assert path == tmp_path / "build" / "predictions" / "emoji10-ada-lovelace.csv"


@pytest.mark.parametrize(
    "content",
    [
        HEAD + ROWS,
        (HEAD + ROWS).replace("\n", "\r\n"),
        (HEAD + ROWS).replace("\n", "\r"),
        "\ufeff" + HEAD + ROWS + "\n\n",
        HEAD + "".join(reversed(ROWS.splitlines(keepends=True))),
        HEAD.replace("index,label", " Index, Label ") + ROWS.replace(",", " , "),
        "# made on a rainy day\n" + HEAD + ROWS,
        HEAD + ROWS.replace("0,0", '0,"airplane"').replace("6,6", "6,Frog"),
        HEAD.replace("\n", ",\n", 3) + ROWS,  # as some spreadsheets save it
        HEAD.replace("# student: Ada\n", "").replace("# track", "# student: Ada\n#track") + ROWS,
    ],
)
def test_what_is_unambiguous_is_accepted(file, content):
    read = challenge.read_predictions(file(content), CHALLENGE)
    assert read.student == "Ada"
    np.testing.assert_array_equal(read.labels, LABELS)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "Expected 'index,label' and a row for each image; got neither"),
        (ROWS, "line 1: expected 'index,label' above the rows; got '0,0'"),
        (HEAD.replace("index,label", "id;class") + ROWS, "line 4: expected 'index,label'"),
        (HEAD.replace("# student: Ada\n", "") + ROWS, "Expected a line '# student: …'"),
        (HEAD.replace("# track: emoji10\n", "") + ROWS, "Expected a line '# track: …'"),
        (HEAD.replace(CHALLENGE.id, "0" * 12) + ROWS, "(emoji10); got '000000000000'"),
        (HEAD.replace("emoji10", "fashion_mnist") + ROWS, "Expected the track emoji10"),
        ("# student: Bo\n" + HEAD + ROWS, "line 4: expected student to be told once"),
        (HEAD.replace("Ada", "\x1b[31mAda") + ROWS, r"got '\x1b[31mAda'"),
        (HEAD.replace("Ada", "x" * 61) + ROWS, "a name of 1 to 60 printable characters"),
        (HEAD.replace("Ada", "") + ROWS, "got ''"),
        (HEAD + ROWS[:-5], "a row for each of the 12 images; none came for 11. Add"),
        (HEAD, "none came for 0, 1, 2, and 9 more"),
        (HEAD + ROWS + "3,3\n", "one row for each image; got line 17: 3"),
        (HEAD + ROWS.replace("3,3", "12,3"), "from 0 to 11; got line 8: '12'"),
        (HEAD + ROWS.replace("3,3", "-3,3"), "got line 8: '-3'"),
        (HEAD + ROWS.replace("3,3", "3.0,3"), "got line 8: '3.0'"),
        (HEAD + ROWS.replace("3,3", "9" * 5000 + ",3"), "got line 8: '9999"),
        (HEAD + ROWS.replace("3,3", "٣,3"), "got line 8: '٣'"),
        (HEAD + ROWS.replace("3,3", "3,10"), "class names such as 'airplane'; got line 8: '10'"),
        (HEAD + ROWS.replace("3,3", "3,0.97"), "got line 8: '0.97'. Of probabilities, take argmax"),
        (HEAD + ROWS.replace("3,3", "3,dinosaur"), "got line 8: 'dinosaur'"),
        (HEAD + ROWS.replace("3,3", "3,3,3"), "with a comma between them; got line 8: '3,3,3'"),
        (HEAD + ROWS.replace("3,3", "3;3"), "got line 8: '3;3'"),
        (HEAD + ROWS.replace("3,3", "# 3,3"), "got line 8: '# 3'"),
        (b"\xff\xfe\x00", "Expected text in UTF-8"),
        (HEAD.replace("Ada", "Zo\xeb").encode("latin-1"), "or text in another encoding"),
        (gzip.compress((HEAD + ROWS).encode()), "a workbook, an archive"),
        (b"PK\x03\x04" + b"\xff" * 50, "Expected text in UTF-8"),
        (b"0" * (LARGEST_FILE + 1), "at most a megabyte"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_what_was_expected_and_what_to_do(file, content, told):
    problem = problems_of(file(content))
    assert told in problem
    assert problem.isprintable() or "\n" in problem
    for line in problem.splitlines():
        assert line.endswith(".")
        assert "xpected" in line or "should be" in line


def test_everything_that_is_wrong_is_told_at_once(file):
    content = HEAD.replace("# track: emoji10\n", "") + "0,x\n99,1\n1\n2,2\n2,2\n"
    lines = problems_of(file(content)).splitlines()
    assert len(lines) == 5


def test_an_id_tells_images_from_others(file):
    others = challenge.Challenge("emoji10", IMAGES[::-1])
    assert others.id != CHALLENGE.id
    assert len(CHALLENGE.id) == 12
    assert challenge.Challenge("emoji10", IMAGES.copy()).id == CHALLENGE.id
    path = file(HEAD + ROWS)
    assert challenge.read_predictions(path, [others, CHALLENGE]).challenge == CHALLENGE.id
    assert others.id in problems_of(path, others)
    assert "images to practise with" in problems_of(path, others)
    assert "Expected the id of a challenge that is known here: none" in problems_of_none(path)
    for wrong in (None, LABELS, [LABELS]):
        with pytest.raises(TypeError, match="challenge should be a Challenge, or a list"):
            challenge.read_predictions(path, wrong)


def problems_of_none(path):
    with pytest.raises(challenge.PredictionError) as caught:
        challenge.read_predictions(path, [])
    return str(caught.value)


def test_what_is_no_file_is_refused_and_never_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    for name in ("pipe.csv", "none.csv", "."):
        assert "which is none" in problems_of(tmp_path / name)
    assert challenge.track_of(tmp_path / "pipe.csv") is None


def test_track_of_a_file(file):
    assert challenge.track_of(file(HEAD)) == "emoji10"
    assert challenge.track_of(file(HEAD.replace("emoji10", "imagenet"))) is None
    assert challenge.track_of(file(b"\xff\xff")) is None


@settings(deadline=None, derandomize=True, max_examples=300)
@given(
    st.binary(max_size=200)
    | st.text(alphabet='#:,=\n\r"0123 \x00trackid', max_size=200).map(str.encode)
)
def test_no_content_whatever_does_more_than_be_refused(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    for before in (b"", HEAD.encode()):
        path.write_bytes(before + content)
        with pytest.raises(challenge.PredictionError):
            challenge.read_predictions(path, CHALLENGE)


@pytest.mark.parametrize(
    ("arguments", "error", "told"),
    [
        ((IMAGES, LABELS, "Ada"), TypeError, "challenge should be a Challenge; got ndarray"),
        ((CHALLENGE, LABELS.tolist(), "Ada"), TypeError, "labels should be a NumPy array"),
        ((CHALLENGE, LABELS / 1, "Ada"), TypeError, "integer dtype; got float64"),
        ((CHALLENGE, np.eye(12)[:, :10], "Ada"), ValueError, r"labels.argmax\(axis=1\)"),
        ((CHALLENGE, LABELS[1:], "Ada"), ValueError, "each of the 12 images; got 11"),
        ((CHALLENGE, LABELS + 1, "Ada"), ValueError, "0 to 9; got 10"),
        ((CHALLENGE, LABELS, None), TypeError, "student should be a string"),
        ((CHALLENGE, LABELS, " "), ValueError, "with a letter or digit"),
        ((CHALLENGE, LABELS, "Ada,"), ValueError, "without spaces or commas around it"),
        ((CHALLENGE, LABELS, "Ada\nindex,label"), ValueError, "printable"),
        ((CHALLENGE, LABELS, "Ada", 3), TypeError, "path should be a path"),
    ],
)
def test_nothing_wrong_can_be_written(tmp_path, monkeypatch, arguments, error, told):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=told):
        challenge.write_predictions(*arguments)
    assert not list(tmp_path.iterdir())


def test_an_index_means_the_same_image_whatever_the_order_of_the_source():
    images, labels = emoji10.draw(300, seed=2)
    images[7], labels[7] = images[3], (labels[3] + 1) % 10  # a twin with another label
    order = np.random.default_rng(3).permutation(300)
    kept = images.copy()
    made = [
        challenge.from_test_split(
            datasets.ImageData(
                "emoji10",
                CHALLENGE.class_names,
                datasets.Split(images[:0], labels[:0]),
                datasets.Split(images[:0], labels[:0]),
                datasets.Split(images[places], labels[places]),
                "a test",
                "1",
            )
        )
        for places in (np.arange(300), order)
    ]
    (one, first), (other, second) = made
    assert one.id == other.id
    np.testing.assert_array_equal(one.images, other.images)
    np.testing.assert_array_equal(first, second)
    known = {(image.tobytes(), label) for image, label in zip(images, labels, strict=True)}
    assert known == {(i.tobytes(), label) for i, label in zip(one.images, first, strict=True)}
    np.testing.assert_array_equal(images, kept)
    assert not np.array_equal(np.sort(first), first), "the order should not give labels away"


def test_a_challenge_of_fashion_mnist():
    data = datasets.load("fashion_mnist", source="embedded")
    made, labels = challenge.from_test_split(data)
    assert len(made) == len(labels) == 1000
    assert made.class_names[9] == "Ankle boot"
    assert repr(made) == f"challenge {made.id} of the track fashion_mnist: 1,000 images to name"
    with pytest.raises(TypeError, match="what datasets.load returns; got Split"):
        challenge.from_test_split(data.test)
    with pytest.raises(ValueError, match="got 'mnist'"):
        challenge.from_test_split(datasets.load("mnist", source="embedded"))


@pytest.mark.parametrize(
    ("track", "images", "error", "told"),
    [
        ("mnist", IMAGES, ValueError, "tracks fashion_mnist and emoji10; got 'mnist'"),
        ("emoji10", IMAGES.tolist(), TypeError, "NumPy array"),
        ("fashion_mnist", IMAGES, ValueError, r"\(n, 28, 28\); got uint8 of shape"),
        ("emoji10", IMAGES / 255, ValueError, "got float64"),
        ("emoji10", IMAGES[:0], ValueError, r"got uint8 of shape \(0,"),
    ],
)
def test_what_is_no_challenge_is_refused(track, images, error, told):
    with pytest.raises(error, match=told):
        challenge.Challenge(track, images)


def test_images_are_read_only_and_those_handed_in_are_not():
    assert not CHALLENGE.images.flags.writeable
    assert IMAGES.flags.writeable


def test_a_saved_challenge_holds_images_and_track_and_nothing_else(tmp_path):
    path = tmp_path / "new" / "given.npz"
    challenge.save_challenge(CHALLENGE, path)
    with np.load(path) as content:
        assert set(content.files) == {"track", "images"}
        np.testing.assert_array_equal(content["images"], IMAGES)
    read = challenge.open_challenge(path)
    assert (read.track, read.id) == ("emoji10", CHALLENGE.id)
    assert [each.name for each in path.parent.iterdir()] == ["given.npz"]


@pytest.mark.parametrize(
    "damage", ["half", "text", "other arrays", "other images", "pickle", "bomb"]
)
def test_damaged_images_are_refused(tmp_path, damage, monkeypatch):
    path = tmp_path / "given.npz"
    challenge.save_challenge(CHALLENGE, path)
    if damage == "half":
        path.write_bytes(path.read_bytes()[:500])
    elif damage == "text":
        path.write_text("no archive")
    elif damage == "other arrays":
        np.savez(path, pixels=IMAGES)
    elif damage == "other images":
        np.savez(path, track=np.array("emoji10"), images=IMAGES / 255)
    elif damage == "pickle":
        np.savez(path, track=np.array("emoji10"), images=np.array([{}], dtype=object))
    else:
        monkeypatch.setattr("course_utils.challenge.images.LARGEST_IMAGES", 10_000)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("images.npy", b"0" * 100_000)
    with pytest.raises(challenge.PredictionError, match=r"cannot be read as one .* Get it anew"):
        challenge.open_challenge(path)


def test_missing_images_are_told(tmp_path):
    with pytest.raises(challenge.PredictionError, match="there is no file"):
        challenge.open_challenge(tmp_path / "none.npz")
    with pytest.raises(TypeError, match="path should be a path"):
        challenge.open_challenge(None)
