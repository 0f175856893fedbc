"""What readers predicted, beside what came: a line where the answer appears, a table at the end.

Nothing of it is graded. A question is a variable of its own, ``my_...``, which the reader may
leave at ``None``; the lesson says ``predictions.compare("my_...", outcome)`` where the outcome
appears, and ``predictions.summary()`` at its end.
"""

import sys
from dataclasses import dataclass
from html import escape

from course_utils.guesses import NUMERIC, OPEN, RANGE, judge, typical_distance

FEW = 3
"""So many numbers have to be there before anything is said about all of them."""
PREFIX = "my_"
HEADINGS = ("Question", "You said", "It was", "How far off")
NOTHING = "Nothing is here yet: run the cells above, and your predictions come together here."

_judgements = {}
"""What was compared since the lesson began, by the name of the guess."""


def compare(name, outcome, *, form=None):
    """Print what the reader guessed and what came, and keep both for the summary.

    Parameters
    ----------
    name : str
        The variable that holds the guess. It is looked up among the caller's globals, so a cell
        that was skipped is a question left open. Run twice, the later comparison counts.
    outcome : number, str, bool, list or tuple
        What came; see ``course_utils.guesses.judge`` for what a guess may be. Nothing is ever
        raised because of either of the two.
    form : str, optional
        How numbers are shown, such as ``".1%"`` or ``",d"``.

    Raises
    ------
    TypeError
        If ``name`` is no string.
    """
    if not isinstance(name, str):
        raise TypeError(f'name should be the guess\'s name, such as "my_count"; got {name!r}.')
    guess = sys._getframe(1).f_globals.get(name)
    _judgements[name] = judge(guess, outcome, form)
    print(_judgements[name])


def summary():
    """Show all predictions since ``session.begin``, and how well the numbers did on the whole.

    A table where a notebook can show one, and lines of text elsewhere.
    """
    page = Page(dict(_judgements))
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None:
        print(page)
    else:
        from IPython.display import display

        display(page)


def forget():
    """Forget all predictions, as ``session.begin`` does."""
    _judgements.clear()


@dataclass(frozen=True, repr=False)
class Page:
    """All predictions of a lesson, as a notebook or a terminal shows them.

    Attributes
    ----------
    judgements : dict of str to Judgement
        By the names of the guesses, in the lesson's order.
    """

    judgements: dict

    def __repr__(self):
        """One line a question, and one for each thing that is said of all."""
        lines = [f"{question(name)}: {it}" for name, it in self.judgements.items()]
        return "\n".join([*lines, *self._on_the_whole()]) if lines else NOTHING

    def _repr_html_(self):
        """A table that is read on a phone, too, and the same sentences."""
        if not self.judgements:
            return f"<p>{NOTHING}</p>"
        head = "".join(f'<th scope="col" style="text-align:left">{it}</th>' for it in HEADINGS)
        rows = "".join(map(_row, self.judgements.items()))
        end = "".join(f"<p>{escape(it)}</p>" for it in self._on_the_whole())
        return (
            f'<div style="overflow-x:auto"><table><thead><tr>{head}</tr></thead>'
            f"<tbody>{rows}</tbody></table></div>{end}"
        )

    def _on_the_whole(self):
        """Sentences about all predictions."""
        all_of_them = self.judgements.values()
        given = sum(it.kind != OPEN for it in all_of_them)
        sentences = [f"Guesses written down: {given} of {len(all_of_them)}."]
        ranges = [it.right for it in all_of_them if it.kind == RANGE]
        singles = [it for it in all_of_them if it.kind == NUMERIC]
        if len(ranges) + len(singles) < FEW:
            return sentences
        if ranges:
            sentences.append(f"Ranges that held what came: {sum(ranges)} of {len(ranges)}.")
        distance = typical_distance(singles)
        if distance is not None:
            sentences.append(
                f"Single numbers: {len(singles)}; half of them were no farther off than "
                f"{distance:.0%} of what came."
            )
        return sentences


def question(name):
    """A question in words, from the name of its guess: ``my_share_of_zeros``: share of zeros."""
    return name.removeprefix(PREFIX).replace("_", " ")


def _row(item):
    """A question's row of the table."""
    name, it = item
    verdict = it.verdict or ("as you said" if it.right else "–")
    cells = (it.said or "(left open)", it.came, "–" if it.kind == OPEN else verdict)
    side = 'style="text-align:left"'
    rest = "".join(f"<td {side}>{escape(cell)}</td>" for cell in cells)
    return f'<tr><th scope="row" {side}>{escape(question(name))}</th>{rest}</tr>'
