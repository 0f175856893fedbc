"""``course challenge`` and ``course leaderboard``: nothing leaks, and nothing stops the board."""

import csv
import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from course_utils import challenge, datasets
from course_utils.datasets import emoji10
from course_utils.instructor.challenge import hidden_images, scores
from course_utils.instructor.course import CourseError, find_course

SEED = "6c1f0d9ea8b3524796c0ffee1234abcd5e6f708192a3b4c5d6e7f80912233445"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course without lessons, in a folder of its own; the tests run in it."""
    (tmp_path / "nbgrader_config.py").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COURSE_PROFILE", "fast")
    return find_course(tmp_path)


@pytest.fixture
def hand_in(course, tmp_path):
    """Hand in predictions for a challenge of 100 images, so many of them right."""
    made, _, _ = hidden_images.make(course, SEED, 100)
    [answers], _ = hidden_images.all_answers(course)
    clock = iter(range(1, 1000))

    def write(student, right, folder="in", name=None):
        labels = answers.labels.copy()
        labels[right:] = (labels[right:] + 1) % 10
        path = challenge.write_predictions(made, labels, student, tmp_path / folder)
        if name:
            path = path.rename(path.with_name(name))
        now = next(clock)
        os.utime(path, (now, now))
        return path

    return write


def rows(course):
    with (course.build / "leaderboard/leaderboard.csv").open(
        encoding="utf-8-sig", newline=""
    ) as file:
        return list(csv.DictReader(file))


def test_a_challenge_for_students_and_a_secret_for_the_instructor(run, course):
    code, output = run("challenge", "--images", "150")
    assert code == 0, output
    [handout] = (course.build / "challenge").iterdir()
    [secret] = (course.build / "challenge-secrets").iterdir()
    assert str(handout) in output
    assert str(secret) in output
    assert "without it nothing can be scored" in output
    assert "ask for the notebook behind an entry" in output
    made = challenge.open_challenge(handout)
    assert len(made) == 150
    assert made.id in handout.name
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    kept = json.loads(secret.read_text())
    assert kept["seed"] not in output
    assert len(bytes.fromhex(kept["seed"])) == 32


def test_every_challenge_has_another_secret(run, course):
    run("challenge", "--images", "100")
    run("challenge", "--images", "100")
    seeds = {
        json.loads(path.read_text())["seed"]
        for path in (course.build / "challenge-secrets").glob("*")
    }
    assert len(seeds) == 2


def test_what_students_get_holds_neither_labels_nor_seed(course):
    _, handout, _ = hidden_images.make(course, SEED, 300)
    content = handout.read_bytes()
    [answers], _ = hidden_images.all_answers(course)
    for kind in (np.int64, np.int32, np.uint8):
        assert answers.labels.astype(kind).tobytes()[:64] not in content
    assert bytes.fromhex(SEED) not in content
    assert SEED.encode() not in content
    with np.load(handout) as archive:
        assert sorted(archive.files) == ["images", "track"]
        assert archive["images"].shape == (300, 32, 32, 3)


def test_the_numbers_of_images_of_the_classes_are_left_to_chance(course):
    hidden_images.make(course, SEED, 1000)
    [answers], _ = hidden_images.all_answers(course)
    sizes = np.bincount(answers.labels, minlength=10)
    assert np.ptp(sizes) > 2
    assert 60 < sizes.min() <= sizes.max() < 140


def test_the_same_seed_draws_the_same_challenge_and_its_labels_fit(course):
    first, _, secret = hidden_images.make(course, SEED, 100)
    secret.unlink()
    again, _, _ = hidden_images.make(course, f" {SEED.upper()}\n", 100)
    assert again.id == first.id
    [answers], problems = hidden_images.all_answers(course)
    assert not problems
    np.testing.assert_array_equal(answers.challenge.images, first.images)
    other, _, _ = hidden_images.make(course, SEED[::-1], 100)
    assert other.id != first.id


def test_a_challenge_shows_drawings_that_are_kept_for_testing(course):
    made, _, _ = hidden_images.make(course, SEED, 100)
    secret = bytes.fromhex(SEED) + (100).to_bytes(4, "little")
    drawn, _ = emoji10.draw(200, seed=secret, sprites="test")
    np.testing.assert_array_equal(made.images, drawn[:100])


def test_a_larger_challenge_from_the_same_seed_has_nothing_in_common_with_it(course):
    """With 194 images more, the labels' order takes as many words more as an image takes."""
    small, _, _ = hidden_images.make(course, SEED, 100)
    large, _, _ = hidden_images.make(course, SEED, 100 + 194)
    assert (small.images[1:] == large.images[:99]).mean() < 0.1


@pytest.mark.parametrize(
    "seed", ["7", "spring 2027", "0" * 64, "01" * 32, SEED[:-1], SEED + "0", "x" * 64]
)
def test_a_seed_that_could_be_guessed_is_refused_and_not_repeated(run, course, seed):
    code, output = run("challenge", "--seed", seed)
    assert code == 2
    assert "64 hexadecimal digits made by chance" in output
    assert seed not in output or len(seed) < 3
    assert not course.build.exists()


@pytest.mark.parametrize("images", ["99", "20001", "-1"])
def test_too_few_or_too_many_images_are_refused(run, images):
    code, output = run("challenge", "--images", images)
    assert code == 2
    assert "should lie between 100 and 20,000" in output


def test_a_seed_of_the_instructor_s_own(run, course):
    assert run("challenge", "--images", "100", "--seed", SEED)[0] == 0
    [secret] = (course.build / "challenge-secrets").iterdir()
    assert json.loads(secret.read_text()) == {"seed": SEED, "images": 100}


def test_nothing_that_is_shipped_or_released_reaches_the_secrets():
    """Git ignores them; and no module that lessons import knows their place."""
    root = find_course(Path(__file__).parent).root
    place = f"build/{hidden_images.SECRETS}/emoji10-0.json"
    assert subprocess.run(["git", "check-ignore", "-q", place], cwd=root).returncode == 0
    lessons_import = [
        path for path in (root / "course_utils").rglob("*.py") if "instructor" not in path.parts
    ]
    assert lessons_import
    for path in lessons_import:
        assert hidden_images.SECRETS not in path.read_text(encoding="utf-8")


def test_the_board_ranks_by_what_is_right(run, course, hand_in):
    for student, right in (("Bo", 80), ("Ada", 93), ("Zoë", 80), ("Cy", 12)):
        hand_in(student, right)
    code, output = run("leaderboard", "in")
    assert code == 0, output
    assert [(row["rank"], row["student"], row["right"]) for row in rows(course)] == [
        ("1", "Ada", "93"),
        ("2", "Bo", "80"),
        ("2", "Zoë", "80"),
        ("4", "Cy", "12"),
    ]
    assert "93 of 100" in output
    assert "93.00%" in output
    assert "2.55%" in output  # sqrt(0.93 · 0.07 / 100)
    assert re.search("│ 4 +│ Cy", output)
    page = (course.build / "leaderboard/leaderboard.html").read_text(encoding="utf-8")
    assert page.index("Ada") < page.index("Bo") < page.index("Cy")


def test_both_tracks_are_scored(run, course, hand_in):
    hand_in("Ada", 50)
    garments, labels = challenge.from_test_split(datasets.load("fashion_mnist"))
    challenge.write_predictions(garments, labels, "Bo", "in")
    code, output = run("leaderboard", "in")
    assert code == 0, output
    tracks = {row["student"]: (row["challenge"].split()[0], row["right"]) for row in rows(course)}
    assert tracks == {"Ada": ("emoji10", "50"), "Bo": ("fashion_mnist", "1000")}


def test_the_last_file_of_a_student_counts_and_all_are_counted(run, course, hand_in):
    hand_in("Ada", 90, name="b.csv")
    hand_in("Ada", 70, name="a.csv")
    hand_in("Bo", 80)
    run("leaderboard", "in")
    assert [(row["student"], row["right"], row["files"]) for row in rows(course)] == [
        ("Bo", "80", "1"),
        ("Ada", "70", "2"),
    ]
    assert len(list((course.root / "in").iterdir())) == 3


def test_a_malformed_last_file_does_not_replace_a_valid_one(run, course, hand_in):
    hand_in("Ada", 90, name="a.csv")
    (course.root / "in/b.csv").write_text("nonsense")
    code, _ = run("leaderboard", "in")
    assert code == 1
    assert [row["right"] for row in rows(course)] == ["90"]


def test_nobody_hands_in_for_somebody_else(run, course, hand_in):
    hand_in("Ada", 90, folder="in/Ada")
    hand_in("Ada", 5, folder="in/Mallory")
    code, output = run("leaderboard", "in")
    assert code == 0
    assert {row["student"]: row["right"] for row in rows(course)} == {"Ada": "90", "Mallory": "5"}
    assert "says it is by 'Ada'; it counts for 'Mallory'" in output


def test_every_bad_file_is_told_and_the_good_ones_are_scored(run, course, hand_in):
    good = hand_in("Ada", 90)
    folder = course.root / "in"
    text = good.read_text()
    bad = {
        "empty.csv": b"",
        "binary.csv": bytes(range(256)),
        "huge.csv": b"0" * 2_000_000,
        "short.csv": text[:-5].encode(),
        "other-year.csv": re.sub("challenge: .*", "challenge: 000000000000", text).encode(),
        "escape.csv": text.replace("Ada", "\x1b]0;owned\x07").encode(),
        "markup.csv": text.replace("index,label", "[red]index[/nonsense]").encode(),
        "class.csv": text.replace("\n7,", "\n7,unicorn").encode(),
        "[bold].csv": b"[/][bold]",
        "no\x1b[31mcolour.csv": b"x",
        "surrogate\udcff.csv": b"x",
    }
    for name, content in bad.items():
        (folder / name).write_bytes(content)
    os.mkfifo(folder / "pipe.csv")
    (folder / "gone.csv").symlink_to("nowhere")
    (folder / "zeros.csv").symlink_to("/dev/zero")
    (folder / ".hidden").write_text("x")
    (folder / "folder.csv").mkdir()
    code, output = run("leaderboard", "in")
    assert code == 1
    assert [row["right"] for row in rows(course)] == ["90"]
    for name in (*bad, "pipe.csv", "gone.csv", "zeros.csv"):
        assert f"{name!r}: not scored." in output
    assert ".hidden" not in output
    assert "\x1b]0;" not in output
    assert "\x1b[31mcolour" not in output
    assert "got '000000000000'" in output
    assert "unicorn" in output


def test_a_link_is_refused_and_never_followed(run, course, hand_in):
    ada = hand_in("Ada", 90, folder="in/Ada")
    [secret] = (course.build / "challenge-secrets").iterdir()
    cheat = course.root / "in/Mallory"
    cheat.mkdir()
    (cheat / "mine.csv").symlink_to(ada)
    (cheat / "peek.csv").symlink_to(secret)
    (cheat / "folder").symlink_to(ada.parent)
    code, output = run("leaderboard", "in")
    assert code == 1
    assert [row["student"] for row in rows(course)] == ["Ada"]
    assert output.count("got a link to another place") == 3
    assert SEED[:8] not in output


def test_folders_however_deep_or_closed_do_not_stop_the_board(run, course, hand_in, monkeypatch):
    hand_in("Ada", 90)
    inside = course.root / "in"
    for _ in range(sys.getrecursionlimit() + 100):
        inside /= "d"
        inside.mkdir()
    (course.root / "in/closed").mkdir()
    scandir = os.scandir

    def refusing(path):
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", refusing)
        code, output = run("leaderboard", "in")
    while inside.name == "d":  # pytest would not get to the bottom of it
        inside.rmdir()
        inside = inside.parent
    assert code == 1
    assert "'closed': not scored." in output
    assert "got: Permission denied" in output
    assert [row["right"] for row in rows(course)] == ["90"]


def test_a_program_error_with_one_file_does_not_stop_the_others(run, course, hand_in, monkeypatch):
    hand_in("Ada", 90)
    hand_in("Bo", 80)
    read = challenge.read_predictions

    def fails_for_bo(path, challenges):
        if "bo" in path.name:
            raise RecursionError("too deep")
        return read(path, challenges)

    monkeypatch.setattr(challenge, "read_predictions", fails_for_bo)
    code, output = run("leaderboard", "in")
    assert code == 1
    assert "RecursionError: 'too deep'" in output
    assert [row["student"] for row in rows(course)] == ["Ada"]


def test_names_are_text_wherever_they_are_shown(run, course, hand_in):
    names = ["=HYPERLINK(1)", "+1", "-1+1", "@SUM(1)", "<script>1</script>", "[red]x[/]", 'a"b,c']
    for number, name in enumerate(names):
        hand_in(name, 90 - number, name=f"{number}.csv")
    code, output = run("leaderboard", "in")
    assert code == 0
    for name in names:
        assert name in output
    shown = [row["student"] for row in rows(course)]
    assert shown == [*(f"'{name}" for name in names[:4]), *names[4:]]
    page = (course.build / "leaderboard/leaderboard.html").read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "&lt;script&gt;1&lt;/script&gt;" in page


@pytest.mark.parametrize("name", ["\t=1", " =1", "\r=1", "=1", "\N{FULLWIDTH EQUALS SIGN}1"])
def test_a_formula_is_neutralised_behind_spaces_too(name):
    board = scores.Board(tracks={"t": [scores.Entry(1, name, 1, 2, 1)]})
    cell = next(csv.DictReader(scores.as_csv(board).splitlines(keepends=True)))["student"]
    assert cell[0] in "'\\"  # a tab is escaped


def test_a_folder_s_strange_name_is_shown_escaped(run, course, hand_in):
    hand_in("Ada", 90, folder="in/\x1b[31mAda")
    hand_in("Bo", 80, folder="in/b\udcffo")
    code, output = run("leaderboard", "in")
    assert code == 0
    assert [row["student"] for row in rows(course)] == [r"\x1b[31mAda", r"b\udcffo"]
    assert "\x1b[31mAda" not in output


def test_secrets_that_cannot_be_used_are_told(run, course, hand_in):
    hand_in("Ada", 90)
    folder = course.build / "challenge-secrets"
    (folder / "broken.json").write_text("{")
    (folder / "weak.json").write_text('{"seed": "7", "images": 100}')
    (folder / "renamed.json").write_text(json.dumps({"seed": SEED[::-1], "images": 100}))
    code, output = run("leaderboard", "in")
    assert code == 0
    assert len(re.findall("cannot be used", output)) == 2
    assert "renamed.json now draws challenge" in output
    assert "'7'" not in output
    assert [row["right"] for row in rows(course)] == ["90"]


def test_without_the_secret_nothing_is_scored_and_it_is_told(run, course, hand_in):
    hand_in("Ada", 90)
    for path in (course.build / "challenge-secrets").iterdir():
        path.unlink()
    code, output = run("leaderboard", "in")
    assert code == 1
    assert "No file could be scored" in output
    assert "holds no secret that can be used" in output


def test_drawings_that_have_changed_since_are_never_scored(run, course, hand_in, monkeypatch):
    hand_in("Ada", 90)
    monkeypatch.setitem(emoji10.draw.__globals__, "TINT", 27)
    code, output = run("leaderboard", "in")
    assert code == 1
    assert "Emoji-10 has changed since" in output


def test_a_subset_does_not_pass_for_the_full_test_images(course, monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "full")
    data = datasets.load("fashion_mnist", source="embedded")
    monkeypatch.setattr(scores.datasets, "load", lambda name: data)
    garments, labels = challenge.from_test_split(data)
    challenge.write_predictions(garments, labels, "Bo", "in")
    board = scores.read_folder(course, course.root / "in")
    assert "course data fetch fashion_mnist" in board.notes[0]


@pytest.mark.parametrize("there", ["nothing", "a file", "an empty folder"])
def test_a_folder_without_files_is_a_wrong_call(run, course, there):
    if there == "a file":
        (course.root / "in").write_text("")
    elif there == "an empty folder":
        (course.root / "in").mkdir()
    code, output = run("leaderboard", "in")
    assert code == 2
    assert "Expected " in output


def test_outside_a_course_is_a_wrong_call(tmp_path, course, run):
    (course.root / "nbgrader_config.py").unlink()
    with pytest.raises(CourseError):
        find_course(tmp_path)
    assert run("challenge")[0] == 2
