"""Folders and zips are listed without being unpacked, and nothing leads out of them."""

import io
import os
import random
import stat
import struct
import tarfile
import zipfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from course_utils.instructor.collect import archives
from course_utils.instructor.collect.archives import UnreadableFileError, open_inbox
from course_utils.instructor.course import CourseError
from course_utils.instructor.plain_text import escaped


def zipped(entries, **options):
    """A zip's bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data, **options)
    return file.getvalue()


def listed(inbox):
    """Files of an inbox: path to what is in it, or to why it is refused."""
    with open_inbox(inbox) as files:
        return {found.path: found.problem or found.read() for found in files}


def test_folders_and_zips_are_listed_alike(tmp_path):
    inner = zipped({"deep/b.ipynb": b"two"})
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "a.ipynb").write_bytes(b"one")
    (tmp_path / "class.ZIP").write_bytes(zipped({"bo.zip": inner, "cy/c.ipynb": b"three"}))
    assert listed(tmp_path) == {
        "ada/a.ipynb": b"one",
        "class.ZIP/bo.zip/deep/b.ipynb": b"two",
        "class.ZIP/cy/c.ipynb": b"three",
    }
    assert listed(tmp_path / "class.ZIP") == {
        "bo.zip/deep/b.ipynb": b"two",
        "cy/c.ipynb": b"three",
    }


def test_what_computers_leave_behind_is_nobodys(tmp_path):
    names = ("__MACOSX/._a.ipynb", ".DS_Store", "x/Thumbs.db", "desktop.ini", "~$hand.docx")
    names += ("x/.ipynb_checkpoints/a-checkpoint.ipynb", "._a.ipynb", "__pycache__/a.pyc")
    (tmp_path / "in.zip").write_bytes(zipped(dict.fromkeys(names, b"")))
    assert listed(tmp_path) == {}
    assert listed(tmp_path / "in.zip") == {}


def test_a_zip_in_a_zip_in_a_zip_is_refused(tmp_path):
    deepest = zipped({"a.ipynb": b"one"})
    (tmp_path / "in.zip").write_bytes(zipped({"b.zip": zipped({"c.zip": deepest})}))
    assert listed(tmp_path) == {"in.zip/b.zip/c.zip": "it is a zip in a zip in a zip"}


@pytest.mark.parametrize(
    "name", ["../../etc/a.ipynb", "/etc/a.ipynb", "C:\\a.ipynb", "x\\..\\a.ipynb"]
)
def test_a_name_that_leads_out_of_a_zip_is_refused(tmp_path, name):
    (tmp_path / "in.zip").write_bytes(zipped({name: b"", "ok.ipynb": b"fine"}))
    told = listed(tmp_path / "in.zip")
    assert told.pop("ok.ipynb") == b"fine"
    assert list(told.values()) == ["its name leads out of the zip"]


def test_windows_separators_are_separators(tmp_path):
    (tmp_path / "in.zip").write_bytes(zipped({"ada\\a.ipynb": b"one"}))
    assert listed(tmp_path / "in.zip") == {"ada/a.ipynb": b"one"}


def test_links_are_not_followed(tmp_path):
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "answers.ipynb").write_text("secret")
    inbox = tmp_path / "inbox"
    (inbox / "eve").mkdir(parents=True)
    (inbox / "eve" / "01.ipynb").symlink_to(secret / "answers.ipynb")
    (inbox / "eve" / "all").symlink_to(secret)
    link = zipfile.ZipInfo("eve.ipynb")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(inbox / "in.zip", "w") as archive:
        archive.writestr(link, str(secret / "answers.ipynb"))
    assert set(listed(inbox)) == {"eve/01.ipynb", "eve/all", "in.zip/eve.ipynb"}
    assert set(listed(inbox).values()) == {"it is a link, and links are not followed"}


def test_a_file_that_has_become_a_link_is_not_followed(tmp_path):
    file = tmp_path / "a.ipynb"
    file.write_text("mine")
    with open_inbox(tmp_path) as (found,):
        file.unlink()
        file.symlink_to("/etc/passwd")
        with pytest.raises(UnreadableFileError, match="cannot be read"):
            found.read()


def test_a_pipe_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "a.ipynb")
    assert listed(tmp_path) == {"a.ipynb": "it is not a file, but a device or pipe"}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is a zip of 0 bytes"),
        (b"no zip", "it is no whole zip"),
        (zipped({"a.ipynb": b"one" * 99})[:-30], "it is no whole zip"),
        (zipped({}), "it is a zip with nothing in it"),
    ],
    ids=["0 bytes", "no zip", "cut off", "empty"],
)
def test_a_zip_that_cannot_be_opened_is_told(tmp_path, data, why):
    (tmp_path / "in.zip").write_bytes(data)
    (tmp_path / "out.zip").write_bytes(zipped({"in.zip": data, "ok.ipynb": b"fine"}))
    told = listed(tmp_path)
    assert told["in.zip"].startswith(why)
    assert told["out.zip/in.zip"].startswith(why)
    assert told["out.zip/ok.ipynb"] == b"fine"
    assert listed(tmp_path / "in.zip")["in.zip"].startswith(why)


def test_damage_to_one_file_of_a_zip_leaves_the_others(tmp_path):
    data = zipped({"a.ipynb": b"one" * 50, "b.ipynb": b"two" * 50, "c.zip": zipped({"d": b""}) * 2})
    place = data.index(b"b.ipynb") + len(b"b.ipynb")
    (tmp_path / "in.zip").write_bytes(data[:place] + b"\xff\xff" + data[place + 2 :])
    with open_inbox(tmp_path / "in.zip") as files:
        first, second, *_ = files
        assert first.read() == b"one" * 50
        with pytest.raises(UnreadableFileError, match="it is damaged"):
            second.read()


def test_a_zip_with_a_password_is_told(tmp_path):
    data = bytearray(zipped({"a.ipynb": b"one"}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "in.zip").write_bytes(data)
    assert listed(tmp_path) == {"in.zip/a.ipynb": "the zip has a password"}


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "LARGEST", 2**20)
    bomb = {f"{number}.ipynb": bytes(2**20) for number in range(4)}
    (tmp_path / "in.zip").write_bytes(zipped({"eve.zip": zipped(bomb), "a.ipynb": b"one"}))
    told = listed(tmp_path)
    assert told["in.zip/a.ipynb"] == b"one"
    assert told["in.zip/eve.zip"] == "it is a zip of 0.0 MB that unpacks to 4 MB"
    monkeypatch.setattr(archives, "MOST_FILES", 3)
    assert listed(tmp_path)["in.zip/eve.zip"] == "it is a zip of 4 files; at most 3 are taken"


def test_what_one_student_has_put_in_refuses_nobody_else(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MOST_FILES", 5)
    many = {f"class/eve/env/{number}.py": b"" for number in range(9)}
    ours = {"class/eve/01.ipynb": b"hers", "class/ada/01.ipynb": b"one", "class/list.txt": b"two"}
    (tmp_path / "in.zip").write_bytes(zipped(many | ours))
    assert listed(tmp_path / "in.zip") == {
        "class/ada/01.ipynb": b"one",
        "class/eve/01.ipynb": b"hers",
        "class/eve/env": "it is a folder or file of 9 files; at most 5 are taken",
        "class/list.txt": b"two",
    }
    many = {f"class/eve/.venv/{number}.py": b"" for number in range(9)}
    (tmp_path / "in.zip").write_bytes(zipped(many | ours))
    assert set(listed(tmp_path / "in.zip")) == set(ours)
    monkeypatch.setattr(archives, "LARGEST", 2**20)
    zeros = {f"eve/{number}.bin": bytes(2**20) for number in range(3)}
    (tmp_path / "in.zip").write_bytes(zipped(zeros | {"ada/a.ipynb": b"one"}))
    told = listed(tmp_path / "in.zip")
    assert told.pop("ada/a.ipynb") == b"one"
    assert told == {"eve": "it is a folder or file of 0.0 MB that unpacks to 3 MB"}


def test_a_tar_is_listed_like_a_zip(tmp_path):
    link = tarfile.TarInfo("eve/01.ipynb")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with tarfile.open(tmp_path / "in.tgz", "w:gz") as tar:
        for name in ("./ada/a.ipynb", "ada/.venv/x.py", "../b.ipynb", "Zoë/c.ipynb"):
            info = tarfile.TarInfo(name)
            info.size, info.mtime = 3, 1_700_000_000
            tar.addfile(info, io.BytesIO(b"one"))
        tar.addfile(link)
    told = {
        "ada/a.ipynb": b"one",
        "b.ipynb": "its name leads out of the zip",
        "Zoë/c.ipynb": b"one",
        "eve/01.ipynb": "it is a link, and links are not followed",
    }
    assert listed(tmp_path / "in.tgz") == told
    assert listed(tmp_path) == {f"in.tgz/{path}": it for path, it in told.items()}
    (tmp_path / "in.tgz").write_bytes(b"no tar")
    assert listed(tmp_path)["in.tgz"].startswith("it is no whole tar")


NAMES = {
    "cp437": ["Jürgen Müller", "Zoë Ek"],
    "cp1252": ["Jürgen Müller", "Åsa Ek"],
    "cp866": ["Анна Иванова", "Пётр Сидоров"],
    "cp932": ["山田太郎"],
    "gbk": ["王小明", "李雷"],
    "cp852": ["Łukasz Żółć", "Wiśniewska"],
}


@pytest.mark.parametrize("code_page", NAMES)
@pytest.mark.parametrize("listed", [True, False])
def test_names_in_a_code_page_are_read(tmp_path, code_page, listed):
    names = NAMES[code_page]
    places = {f"x{number}": name.encode(code_page) for number, name in enumerate(names)}
    data = zipped(
        {f"{place}{'_' * 30}"[: len(raw)] + "/a.ipynb": b"" for place, raw in places.items()}
    )
    for place, raw in places.items():
        data = data.replace(f"{place}{'_' * 30}"[: len(raw)].encode(), raw)
    (tmp_path / "in.zip").write_bytes(data)
    with open_inbox(tmp_path / "in.zip", names.__contains__ if listed else None) as files:
        assert sorted(found.parts[0] for found in files) == sorted(names)
        assert {bool(found.guessed) for found in files} == {not listed}


def test_zips_in_a_zip_do_not_fill_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "LARGEST", 2**16)
    monkeypatch.setattr(archives.tempfile, "tempdir", str(tmp_path / "aside"))
    (tmp_path / "aside").mkdir()
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("zeros.bin", bytes(40_000))
    entries = {f"{n}.zip": inner.getvalue() for n in range(9)}
    entries |= {"a.zip": b"no zip", "pad.bin": random.Random(1).randbytes(20_000)}
    honest = zipped({"x.bin": random.Random(2).randbytes(60_000)})
    entries |= {"z.zip": honest, "zz.zip": honest}
    (tmp_path / "in.zip").write_bytes(zipped(entries))
    with open_inbox(tmp_path / "in.zip") as files:
        kept = list((tmp_path / "aside").rglob("*.zip"))
        told = {found.path: found.problem for found in files}
        texts = {found.path: found.read() for found in files if found.read}
    assert len(kept) == 3
    assert sum("it is a zip that blows up to" in why for why in told.values()) == 8
    assert told["a.zip"].startswith("it is no whole zip")
    assert texts["a.zip"] == b"no zip"  # of which no copy is kept
    assert texts["0.zip/zeros.bin"] == bytes(40_000)
    assert len(texts["z.zip/x.bin"]) == len(texts["zz.zip/x.bin"]) == 60_000


def test_a_notebook_with_a_long_printed_line_is_no_bomb(tmp_path):
    notebook = b"x" * 60_000_000
    (tmp_path / "in.zip").write_bytes(zipped({"a.ipynb": notebook}))
    with open_inbox(tmp_path) as (found,):
        assert not found.problem


def test_a_large_file_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "LARGEST", 2**20)
    monkeypatch.setattr(archives, "MOST_PACKED", 10_000)
    (tmp_path / "a.mp4").write_bytes(bytes(2**20 + 1))
    (tmp_path / "in.zip").write_bytes(zipped({"b.mp4": bytes(2**20 + 1)}))
    why = "it has 1 MB; at most 1 MB are taken"
    assert listed(tmp_path) == {"a.mp4": why, "in.zip/b.mp4": why}


def test_a_size_that_lies_is_found_out(tmp_path):
    data = bytearray(zipped({"a.ipynb": bytes(1000)}))
    for start in (data.index(b"PK\x03\x04") + 22, data.index(b"PK\x01\x02") + 24):
        data[start : start + 4] = struct.pack("<I", 10)
    (tmp_path / "in.zip").write_bytes(data)
    with open_inbox(tmp_path) as (found,), pytest.raises(UnreadableFileError, match="damaged"):
        found.read()


def test_times_are_those_of_files_and_of_entries_in_zips(tmp_path):
    (tmp_path / "a.ipynb").write_text("")
    os.utime(tmp_path / "a.ipynb", (1_700_000_000, 1_700_000_000))
    entry = zipfile.ZipInfo("b.ipynb", (2026, 11, 1, 12, 30, 0))
    universal = zipfile.ZipInfo("c.ipynb", (2026, 11, 1, 12, 30, 0))
    universal.extra = struct.pack("<HHBi", 0x5455, 5, 1, 1_600_000_000)
    unknown = zipfile.ZipInfo("d.ipynb")
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        for each in (entry, universal, unknown):
            archive.writestr(each, b"")
    with open_inbox(tmp_path) as files:
        times = {found.parts[-1]: found.time for found in files}
    assert times == {
        "a.ipynb": datetime.fromtimestamp(1_700_000_000, UTC),
        "b.ipynb": datetime(2026, 11, 1, 12, 30).astimezone(UTC),
        "c.ipynb": datetime.fromtimestamp(1_600_000_000, UTC),
        "d.ipynb": None,
    }


def test_a_students_own_zip_cannot_set_the_time_back(tmp_path):
    entry = zipfile.ZipInfo("a.ipynb", (2020, 1, 2, 0, 0, 0))
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.writestr(entry, b"")
    inner = (tmp_path / "in.zip").read_bytes()
    outer = zipfile.ZipInfo("ada.zip", (2026, 11, 1, 12, 0, 0))
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.writestr(outer, inner)
    with open_inbox(tmp_path) as (found,):
        assert found.time == datetime(2026, 11, 1, 12).astimezone(UTC)
        assert found.own_time < found.time - timedelta(days=1000)


def test_utf_8_is_understood_where_a_zip_does_not_say_so(tmp_path):
    data = bytearray(zipped({"Zoë.ipynb": b"one"}))
    data[7] &= 0xF7  # the flag that names are UTF-8
    data[data.index(b"PK\x01\x02") + 9] &= 0xF7
    (tmp_path / "in.zip").write_bytes(data)
    assert listed(tmp_path / "in.zip") == {"Zoë.ipynb": b"one"}


def test_a_folder_that_cannot_be_read_is_told(tmp_path, monkeypatch):
    (tmp_path / "eve").mkdir()
    (tmp_path / "a.ipynb").write_text("fine")
    scan = os.scandir

    def scandir(folder):
        if str(folder).endswith("eve"):
            raise PermissionError(13, "Permission denied")
        return scan(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    assert listed(tmp_path) == {
        "a.ipynb": b"fine",
        "eve": "this folder cannot be read (Permission denied)",
    }


def test_a_full_disk_is_not_called_the_students_damage(tmp_path, monkeypatch):
    (tmp_path / "out.zip").write_bytes(zipped({"in.zip": zipped({"a.ipynb": b"one"})}))

    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archives.os, "fdopen", full)
    with pytest.raises(OSError, match="No space left"), open_inbox(tmp_path):
        pass


def test_no_inbox_is_a_wrong_call(tmp_path):
    with pytest.raises(CourseError, match="nowhere is neither"), open_inbox(tmp_path / "nowhere"):
        pass


def test_nothing_stays_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(archives.tempfile, "tempdir", str(tmp_path / "aside"))
    (tmp_path / "aside").mkdir()
    (tmp_path / "out.zip").write_bytes(zipped({"in.zip": zipped({"a.ipynb": b"one"})}))
    assert listed(tmp_path / "out.zip") == {"in.zip/a.ipynb": b"one"}
    assert not list((tmp_path / "aside").iterdir())


def test_names_show_what_a_terminal_would_obey():
    assert escaped("a\x1b[31mb\udce9\u202ec é 猫") == "a\\x1b[31mb\\udce9\\u202ec é 猫"


def test_no_damage_to_a_zip_stops_the_reading(tmp_path):
    inner = zipped({"b.ipynb": b"two" * 20})
    whole = zipped({"ada/a.ipynb": b"one" * 20, "bo.zip": inner, "é/c.ipynb": b""})
    chance = random.Random(1)
    for _ in range(400):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.choice((0, 1, 2, 0x7F, 0x80, 0xFF))
        (tmp_path / "in.zip").write_bytes(data[: chance.randint(len(data) // 2, len(data) * 2)])
        with open_inbox(tmp_path) as files:
            for found in files:
                if found.read:
                    with suppress(UnreadableFileError):
                        found.read()


def test_a_zip_around_many_is_opened_once(tmp_path, monkeypatch):
    """Its list of files is read at every opening: a zip of thousands of zips took hours."""
    opened = []

    class Counting(zipfile.ZipFile):
        def __init__(self, path, *rest):
            opened.append(path)
            super().__init__(path, *rest)

    (tmp_path / "in.zip").write_bytes(zipped({f"{i}.zip": zipped({}) for i in range(20)}))
    monkeypatch.setattr(archives, "ZipFile", Counting)
    assert len(listed(tmp_path)) == 20
    assert len(opened) == len(set(opened)) == 21
