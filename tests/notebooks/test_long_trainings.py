"""A training that is kept is kept after each epoch, too: sessions end without warning."""

import re

import pytest

from tests.notebooks.test_pairs import FOLDERS


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_training_that_is_kept_can_go_on(folder):
    text = (folder / f"{folder.name}.md").read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"^```python.*?^```", text, re.DOTALL | re.MULTILINE))
    assert code.count("models.Kept(") == code.count("kept.checkpoint(")


def test_the_long_trainings_are_kept():
    texts = [(it / f"{it.name}.md").read_text(encoding="utf-8") for it in FOLDERS]
    long = {it.name[3:] for it, text in zip(FOLDERS, texts, strict=True) if "models.Kept(" in text}
    assert long >= {
        "overfitting", "feature-maps", "watching-it-learn", "maps-of-images", "challenge"
    }  # fmt: skip
