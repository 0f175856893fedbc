import errno

import pytest

from course_utils.instructor.release import swap as module
from course_utils.instructor.release.swap import mend, swap


@pytest.fixture
def folders(tmp_path):
    new, old = tmp_path / "trial" / "release", tmp_path / "release"
    for folder in (new, old):
        folder.mkdir(parents=True)
        (folder / "which").write_text("new" if folder == new else "old")
    return new, old


@pytest.fixture(params=["in one step", "in two steps"])
def _way(request, monkeypatch):
    if request.param == "in two steps":

        def cannot(*_):
            raise OSError(errno.EINVAL, "this disk cannot")

        monkeypatch.setattr(module, "_exchange", cannot)


@pytest.mark.usefixtures("_way")
def test_folders_trade_places(folders):
    new, old = folders
    swap(new, old)
    assert (old / "which").read_text() == "new"
    assert (new / "which").read_text() == "old"
    assert sorted(path.name for path in old.parent.iterdir()) == ["release", "trial"]


@pytest.mark.usefixtures("_way")
def test_without_an_old_folder_the_new_one_is_moved(folders):
    new, old = folders
    old.rename(old.with_name("gone"))
    swap(new, old)
    assert (old / "which").read_text() == "new"
    assert not new.exists()


@pytest.mark.usefixtures("_way")
def test_what_is_impossible_changes_nothing(folders):
    new, old = folders
    with pytest.raises(OSError, match="No such file"):
        swap(new.with_name("none"), old)
    assert (old / "which").read_text() == "old"


def test_a_swap_that_died_between_its_steps_is_mended(folders):
    new, old = folders
    old.rename(old.with_name(".release-former"))
    mend(old)
    assert (old / "which").read_text() == "old"
    mend(old)
    assert (old / "which").read_text() == "old"
