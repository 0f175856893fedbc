import pytest

from course_utils.instructor.course import (
    GRADEBOOK,
    CourseError,
    choose_lessons,
    find_course,
    lesson_names,
)
from tests.instructor.toy_course import make_toy_course


def test_a_course_is_found_from_within(course):
    assert find_course(course.source("01-sums").parent) == course


def test_outside_a_course_the_error_says_what_was_expected(tmp_path):
    with pytest.raises(CourseError, match=r"Expected nbgrader_config\.py in .*none"):
        find_course(tmp_path)


def test_lessons_are_listed_in_order(course):
    assert lesson_names(course) == ["01-sums", "02-more-sums"]


def test_folders_that_are_no_lessons_are_left_out(course):
    (course.notebooks / "pictures").mkdir()
    assert lesson_names(course) == ["01-sums", "02-more-sums"]


def test_a_lesson_whose_notebook_is_missing_names_the_mend(course):
    course.source("01-sums").unlink()
    with pytest.raises(CourseError, match="01-sums: there is a Markdown file.*make pair"):
        lesson_names(course)


def test_a_course_without_lessons_is_told(tmp_path):
    (tmp_path / "nbgrader_config.py").touch()
    with pytest.raises(CourseError, match="Expected lessons in"):
        lesson_names(find_course(tmp_path))


def test_no_choice_means_every_lesson(course):
    assert choose_lessons(course, []) == lesson_names(course)


def test_chosen_lessons_come_in_order_and_once(course):
    asked = ["02-more-sums", "01-sums", "02-more-sums"]
    assert choose_lessons(course, asked) == ["01-sums", "02-more-sums"]


def test_an_unknown_lesson_is_answered_with_those_there_are(course):
    with pytest.raises(CourseError, match="No lesson is called '03-none'.*01-sums, 02-more-sums"):
        choose_lessons(course, ["03-none"])


def test_the_beginning_of_one_lesson_s_name_is_enough(course):
    assert choose_lessons(course, ["01"]) == ["01-sums"]
    assert choose_lessons(course, ["02-more", "01-sums"]) == ["01-sums", "02-more-sums"]


@pytest.mark.parametrize("name", ["0", "", "1", "sums", ".*"])
def test_what_several_lessons_begin_with_or_none_is_no_choice(course, name):
    with pytest.raises(CourseError, match="No lesson is called"):
        choose_lessons(course, [name])


def test_1_is_not_the_beginning_of_10(tmp_path):
    course = make_toy_course(tmp_path, ["01-sums", "10-more-sums"])
    with pytest.raises(CourseError, match="No lesson is called '1'"):
        choose_lessons(course, ["1"])


def test_one_name_instead_of_a_list_is_refused(course):
    with pytest.raises(TypeError, match=r"list of names; got '01-sums'. Use \['01-sums'\]"):
        choose_lessons(course, "01-sums")


def test_another_build_folder_has_its_own_marks(course, tmp_path):
    other = course.with_build(tmp_path / "other")
    assert other.source("01-sums") == course.source("01-sums")
    assert other.submitted == tmp_path / "other" / "submitted"
    assert other.gradebook_url != course.gradebook_url


def test_marks_are_kept_where_the_environment_says(course, monkeypatch, tmp_path):
    default = f"sqlite:///{course.build / 'gradebook.db'}"
    monkeypatch.setenv(GRADEBOOK, "")
    assert find_course(course.root).gradebook_url == default
    monkeypatch.setenv(GRADEBOOK, "postgresql+psycopg://me@here/marks")
    found = find_course(course.root)
    assert found.gradebook_url == "postgresql+psycopg://me@here/marks"
    assert found.build == course.build
    # An example class has marks of its own.
    assert found.with_build(tmp_path).gradebook_url == f"sqlite:///{tmp_path / 'gradebook.db'}"
