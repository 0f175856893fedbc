from course_utils.instructor.lessons.claims import claims_file
from course_utils.instructor.site.should_see import write_should_see

CLAIMS = """
- {says: "784", computed: image.size}
- says: about 90 %
  measured: {runs: [0.88, 0.9, 0.92], device: CPU, versions: Keras 3, date: 2026-11-30}
- {name: accuracy, value: "history[-1]"}
- {says: 88 % to, measured: accuracy, which: least}
- {says: It learns., holds: "history[-1] > 0.5"}
"""


def test_what_was_measured_is_shown_whatever_else_is_claimed(course, tmp_path):
    path = claims_file(course, "01-sums")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(CLAIMS)
    write_should_see(course, {"01-sums": "Sums"}, {"01-sums": None}, tmp_path)
    text = (tmp_path / "should-see.txt").read_text(encoding="utf-8")
    assert "| “about 90 %” | 3 | 0.88 | 0.9 | 0.92 | CPU; Keras 3; 2026-11-30 |" in text
    assert "784" not in text
    assert "It learns" not in text
