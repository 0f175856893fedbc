"""The catalogue says what Keras and TensorFlow Datasets publish; both are installed to compare."""

import importlib.util
import inspect
import re
from pathlib import Path

import pytest

from course_utils.datasets.catalogue import CATALOGUE

FILES = [
    file
    for data_set in CATALOGUE.values()
    for edition in data_set.editions
    for file in edition.files
]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_files_are_described_completely(file):
    assert re.fullmatch("[0-9a-f]{64}", file.sha256)
    assert file.size > 0
    assert file.addresses
    assert all(re.fullmatch(r"https?://[^ ?]+", address) for address in file.addresses)


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_sums_of_mnists_format_are_those_of_tensorflow_datasets(name):
    # Read as text: importing tensorflow_datasets would take seconds.
    package = Path(importlib.util.find_spec("tensorflow_datasets").origin).parent
    lines = (package / f"url_checksums/{name}.txt", *package.glob(f"**/{name}/checksums.tsv"))
    text = "\n".join(path.read_text() for path in lines if path.is_file())
    published = {
        line.split()[0].rsplit("/", 1)[-1]: tuple(line.split()[1:3]) for line in text.splitlines()
    }
    for edition in CATALOGUE[name].editions:
        if edition.layout == "idx":
            for file in edition.files:
                assert published[Path(file.name).name] == (str(file.size), file.sha256)


@pytest.mark.parametrize(("name", "module"), [("mnist", "mnist"), ("cifar10", "cifar10")])
def test_sums_of_keras_files_are_those_in_keras(name, module):
    import keras

    (file,) = CATALOGUE[name].editions[0].files
    source = inspect.getsource(inspect.getmodule(getattr(keras.datasets, module).load_data))
    assert file.sha256 in source
    assert f'"{file.addresses[0]}"' in source or file.name in source


def test_keras_finds_what_we_download(tmp_path, monkeypatch):
    """The names in its cache are Keras' own, so that nothing is downloaded twice."""
    import keras

    asked = []

    def get_file(fname, *_, **options):
        subfolder = Path(options.get("cache_subdir", "datasets")).relative_to("datasets")
        asked.append(str(subfolder / fname) + ("_archive" if options.get("extract") else ""))
        raise FileNotFoundError

    for name in ("mnist", "fashion_mnist", "cifar10"):
        module = inspect.getmodule(getattr(keras.datasets, name).load_data)
        monkeypatch.setattr(module, "get_file", get_file)
        with pytest.raises(FileNotFoundError):
            module.load_data()
        assert asked.pop() in [file.name for file in CATALOGUE[name].editions[0].files]
