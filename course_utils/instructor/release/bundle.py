"""What students get around the lessons: the package, a README, a manifest, and a zip of each.

The folder is ready to be pushed as a public repository. Made twice from the same sources, it is the
same byte for byte: no file tells when it was made, but the manifest tells from which commit. ::

    README.md  LICENSE  LICENSE-content  pyproject.toml  requirements.txt  manifest.json
    course_utils/                       without instructor/
    from_pixels_to_features-….whl       the same, as Colab installs it
    01-name/01-name.ipynb               and whatever else belongs to the lesson
    01-name.zip                         the lesson with all of the above but the manifest
"""

import json
import shutil
import stat
import tomllib
import zipfile
from hashlib import sha256

import nbformat

from course_utils.instructor.environment import environment
from course_utils.instructor.release import colab
from course_utils.instructor.release.origin import origin
from course_utils.instructor.release.student_readme import readme_of_lesson, readme_of_repository

MANIFEST = "manifest.json"
PACKAGE = "course_utils"
LEFT_OUT = ("instructor", "__pycache__", ".*", "*.pyc", "*~")
COPIED = {
    "LICENSE": "LICENSE",
    "LICENSE-content": "LICENSE-content",
    "requirements/student.txt": "requirements.txt",
}
SHARED = {PACKAGE, "pyproject.toml", *COPIED.values()}
"""What goes into every zip."""
PROJECT = ("name", "version", "description", "authors", "license", "license-files",
           "requires-python", "classifiers", "dependencies")  # fmt: skip
PACKED = (".npz", ".png", ".gif", ".jpg", ".zip", ".whl")
"""What compressing would not make smaller."""
EARLIEST = (1980, 1, 1, 0, 0, 0)
EPOCH = "315532800"
"""The same in seconds since 1970."""


def write_bundle(course, folder, lessons, former=None):
    """Write everything that students get with the lessons.

    Parameters
    ----------
    course : Course
        Where the sources lie. What a course does not have (a toy may lack a licence) is left out.
    folder : Path
        Where the lessons are already, each in its folder; all of them are made part of the bundle.
    lessons : sequence of str
        Those that were made anew from the sources; the manifest of the others tells their origin.
    former : dict, optional
        The manifest of the release that the other lessons come from.
    """
    for source, target in COPIED.items():
        if (course.root / source).is_file():
            shutil.copyfile(course.root / source, folder / target)
    package = course.root / PACKAGE
    if package.is_dir():
        shutil.copytree(package, folder / PACKAGE, ignore=shutil.ignore_patterns(*LEFT_OUT))
    project = _project(course)
    if project:
        (folder / "pyproject.toml").write_text(_student_project(project), encoding="utf-8")
    shared = [path for path in _files(folder) if path.relative_to(folder).parts[0] in SHARED]
    titles = {path.name: _title(path) for path in sorted(folder.iterdir()) if _is_lesson(path)}
    publication = course.publication
    (folder / "README.md").write_text(readme_of_repository(titles, publication), encoding="utf-8")
    if publication:
        _prepare_for_colab(publication, _build_wheel(folder), folder, titles)
    for lesson, title in titles.items():
        _write_zip(folder, lesson, readme_of_lesson(lesson, title, publication), shared)
    manifest = _manifest(folder, titles, lessons, project, origin(course.root), former or {})
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def _build_wheel(folder):
    """Build the wheel of the package in a release, always the same byte for byte."""
    from flit_core.wheel import make_wheel_in

    for path in _files(folder / PACKAGE):
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o111)  # which copying preserves
    with environment({"SOURCE_DATE_EPOCH": EPOCH}):
        return make_wheel_in(folder / "pyproject.toml", folder).file


def _prepare_for_colab(publication, wheel, folder, lessons):
    """Let the notebooks of a release ask for its wheel; also those that were made earlier."""
    for lesson in lessons:
        path = folder / lesson / f"{lesson}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        colab.prepare(notebook, lesson, publication, wheel)
        nbformat.write(notebook, path)


def read_manifest(folder):
    """Read the manifest of a release.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    dict
        Empty if there is none that can be read.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def _project(course):
    """The table ``project`` of the course's ``pyproject.toml``, empty if it has none."""
    path = course.root / "pyproject.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))["project"] if path.is_file() else {}


def _student_project(project):
    """A ``pyproject.toml`` for students: the same package, without the command for instructors."""
    lines = ["[build-system]", 'requires = ["flit-core>=3.11"]']
    lines += ['build-backend = "flit_core.buildapi"', "", "[project]"]
    lines += [f"{key} = {_toml(project[key])}" for key in PROJECT if key in project]
    lines += ["", "[tool.flit.module]", f'name = "{PACKAGE}"', ""]
    return "\n".join(lines)


def _toml(value):
    """A text, list or table in TOML."""
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_toml(part)}' for key, part in value.items())} }}"
    return json.dumps(value, ensure_ascii=False)


def _is_lesson(path):
    """Whether something in the release is the folder of a lesson."""
    return (path / f"{path.name}.ipynb").is_file()


def _title(path):
    """The first heading of a lesson, or its name."""
    notebook = nbformat.read(path / f"{path.name}.ipynb", as_version=4)
    lines = (line for cell in notebook.cells for line in cell.source.splitlines())
    return next((line[2:].strip() for line in lines if line.startswith("# ")), path.name)


def _files(folder):
    """Files in a folder and below, in an order that is always the same."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return sorted(paths, key=lambda path: path.relative_to(folder).as_posix())


def _write_zip(folder, lesson, readme, shared):
    """Write a lesson with all it needs to a zip of its own."""
    contents = {f"{lesson}/README.md": readme.encode()}
    for path in _files(folder / lesson):
        contents[f"{lesson}/{path.relative_to(folder / lesson).as_posix()}"] = path.read_bytes()
    for path in shared:
        contents[f"{lesson}/{path.relative_to(folder).as_posix()}"] = path.read_bytes()
    with zipfile.ZipFile(folder / f"{lesson}.zip", "w") as archive:
        for name, content in sorted(contents.items()):
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.create_system = 3  # else Windows would be told, and permissions lost
            entry.external_attr = 0o100644 << 16
            packed = name.endswith(PACKED)
            entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)


def _manifest(folder, titles, lessons, project, now, former):
    """What the release consists of, and where it comes from."""
    origins = {it.get("name"): it.get("origin") for it in former.get("lessons", [])}
    return {
        "course": project.get("name"),
        "version": project.get("version"),
        "origin": now,
        "lessons": [
            {
                "name": lesson,
                "title": title,
                "notebook": f"{lesson}/{lesson}.ipynb",
                "zip": f"{lesson}.zip",
                "origin": now if lesson in lessons else origins.get(lesson),
            }
            for lesson, title in titles.items()
        ],
        "files": [_entry(folder, path) for path in _files(folder)],
    }


def _entry(folder, path):
    """A file's entry in the manifest."""
    data = path.read_bytes()
    return {
        "path": path.relative_to(folder).as_posix(),
        "bytes": len(data),
        "sha256": sha256(data).hexdigest(),
    }
