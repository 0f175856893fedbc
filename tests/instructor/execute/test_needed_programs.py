"""Made-up notebooks: an answer gives the same after a short run as after a whole one.

Programs are put together at random from statements that bind, change and hand on a few names in
every way that the language has. They are run in this process, whole and short; what an answer
gives after the whole run is what its test expects.
"""

import contextlib
import io
import sys
import traceback
from types import ModuleType

from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_output

from course_utils.instructor.execute.again import could_help
from course_utils.instructor.execute.needed import ANSWER, OTHER, TEST, plan

NAMES = "abcdhijk"
BEGINNING = """\
import contextlib, toys
a, b, c, d, h, i, j, k = [1], [[2]], [3], [], {}, [4, 5], iter([6, 7]), [[8]]
"""
STATEMENTS = """\
{x} = {n}
{x} = [{n}]
{x} = [[{n}], [7]]
{x} = {y}
{x} = [{y}]
{x} = [{y}] + [{z}]
{x} = {y}[0]
{x} = {y}[:]
{x} = {{"k": {y}}}
{x} = {y} if {z} else []
{x} = {y} or {z}
{x}, *{y} = [[1], [2], [3]]
{x}, {y} = {y}, {x}
{x} = {y} = [{n}]
{x}: list = [{n}]
({x} := [{n}])
{x}.append({n})
{x}.append({y})
{x}.extend([{y}])
{x}[0] = {n}
{x}[0].append({n})
{x}[-1] += [{n}]
{x} += [{n}]
{x} += [{y}]
{x} = {x} + [{n}]
del {x}
del {x}[0]
{x}.pop()
for {x} in [[1], {y}]: {x}.append({n})
for e in {x}: e.append({n})
for {x}[0] in range(3): pass
[e.append({n}) for e in [{x}, {y}]]
[{x}.append(e) for e in range(2)]
{z} = [e for e in [{x}, {y}]]
{z} = (e for e in [{x}, {y}])
{z} = {{e: {x} for e in "ab"}}
[({x} := [e]) for e in range(3)]
f"{{{x}.append({n})}}"
(lambda: {x}.append({n}))()
(lambda e: e.append({n}))({x})
getattr({x}, "append")({n})
{y} = {x}.append
{y}({n})
list(map({x}.append, [1, 2]))
list(map({f}, [{x}]))
print({x})
next({x})
{x} = iter([1, 2, 3])
{x} = (e for e in [1, 2, 3])
{x} = list({y})
{x} = sorted({y}, key=str)
{f} = lambda p=0: {x}.append({n})
{f} = lambda p=[]: p.append({n}) or p
{f} = {g}
{f} = {g}()
{f}()
{f}({x})
{y} = {f}({x})
{y} = {f}()
{y} = {f}
{y} = [{f}]
{y}[0]({x})
{f}.mark = {x}
{x} = {f}.mark
{f}.mark.append({n})
{x} = {C}()
{x} = {C}({y})
{x}.add({y})
{x}.add({n})
{x}.items.append({n})
{C}.items.append({n})
{C}.items = {x}
{x} = {y}.items
{C}().add({x})
import toys
import toys as {x}
from toys import value as {x}
toys.value = {x}
toys.value.append({n})
toys.keep({x})
{x} = toys.value
{x} = toys.kept[-1]
toys.kept.append({x})
toys.set_value({x})
1 / 0
exec("{x} = [1]")
globals()["{x}"] = [{n}]
setattr({f}, "mark", {x})
""".splitlines()
STATEMENTS += """\
try:
    {x}.append({n})
except Exception as {y}:
    pass
--
try:
    1 / 0
except Exception as {y}:
    {x} = [{n}]
--
if {x}:
    {y} = [{n}]
--
if not {x}:
    {y}.append({n})
--
match {x}:
    case [{y}, *{z}]:
        {y}.append({n})
--
def {f}(p):
    p.append({n})
    return p
--
def {f}(p={x}):
    p.append({n})
    return p
--
def {f}(p=[]):
    p.append({n})
    return p
--
def {f}(p=0):
    global {x}
    {x} = [{n}]
--
def {f}(p=0):
    return {x}
--
def {f}(p=0):
    {x}.append({n})
    return {y}
--
def {f}(p=0):
    q = {x}
    return [q]
--
def {f}(p=0):
    {x}.append(p)
--
def {f}(p=0):
    return {g}(p)
--
def {f}(p=0):
    return {g}
--
def {f}(p=0):
    {x} = [9]
    {x}.append(1)
    return {x}
--
def {f}(p=0):
    del {x}[0]
--
def {f}(p=0):
    p = [{n}]
    def inner(q={n}):
        p.append(q)
        return p
    return inner
--
def {f}(p=0):
    k = 0
    def inner(q=0):
        nonlocal k
        k += 1
        return k
    return inner
--
def {f}(p=0):
    yield {x}
--
async def {f}(p=0):
    {x}.append(1)
--
@{f}
def {g}(p=0):
    return {x}
--
@{f}
def {g}(p=0):
    {x}.append({n})
--
class {C}:
    items = {x}
    def add(self, p):
        self.items.append(p)
--
class {C}:
    items = []
    def add(self, p):
        self.items.append(p)
        return self
--
class {C}:
    def __init__(self, p=None):
        self.items = p
    def add(self, p):
        self.items.append(p)
--
class {C}:
    def add(self, p):
        p.append({n})
        {x}.append({n})
--
class {C}:
    {x} = {y}
    {x}.append({n})
    items = [e for e in {x}]
    add = print
--
class {C}:
    items = {x}
    @property
    def add(self):
        {x}.append({n})
--
class {C}(list):
    items = {x}
    def add(self, p):
        self.append(p)
--
with contextlib.suppress(Exception):
    {x}.append({n})
--
with contextlib.nullcontext({x}) as {y}:
    {y}.append({n})
--
for {x} in [{y}, [3]]:
    {z} = {x}
    {z}.append({n})
--
for {x} in [{y}]:
    {f} = lambda p=0: {x}
    {x} = [{n}]
--
for {x}, {y} in [({z}, {x})]:
    {z} = ({x} for e in [1])
--
if {x}:
    {y} = [{n}]
    {z} = {y}
else:
    {z} = {y}
--
if {x}:
    {y} = {z}
    {y} += [{n}]
    del {y}
--
try:
    {x} = [{n}]
    {y}.append({n})
    {z} = {x}
except Exception:
    {z} = {x}
--
while {x}:
    {y} = {x}.pop()
    {z} = {y}
""".rstrip().split("\n--\n")
ANSWERS = """\
answer = lambda: ({x}, {f}(3))
""".splitlines()
ANSWERS += """\
def answer():
    return {x}
--
def answer():
    return [{x}, {y}]
--
def answer():
    return {f}()
--
def answer():
    return {f}({x})
--
def answer():
    return {x}.items
--
def answer():
    {x}.append(5)
    return {x}
--
def answer():
    return [next({x}), {y}]
--
def answer():
    return {C}().add({x}) or {x}
--
def answer():
    return [e for e in {x}], toys.value
--
{x} = {y}
def answer():
    return {x}
--
{x}.append(3)
def answer():
    return {x}
--
def helper():
    return {x}
def answer():
    return helper()
--
class Answer:
    part = {x}
def answer():
    return Answer.part, {y}
--
@{f}
def answer():
    return {x}
""".rstrip().split("\n--\n")


@st.composite
def lines(draw, templates):
    """A statement with names and numbers in it."""
    template = draw(st.sampled_from(templates)).replace("\\n", "\n")
    names = {key: draw(st.sampled_from(NAMES)) for key in "xyz"}
    functions = {key: draw(st.sampled_from("fg")) for key in "fg"}
    return template.format(
        **names, **functions, C=draw(st.sampled_from("CD")), n=draw(st.integers(0, 9))
    )


@st.composite
def own_cells(draw):
    """A cell of one statement, or of a few: an error in one keeps the others from being run."""
    some = [draw(lines(STATEMENTS)) for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3])))]
    return "\n".join(some)


@st.composite
def notebooks(draw):
    """Cells, each with what it is."""
    cells = [(BEGINNING, OTHER)]
    for _ in range(draw(st.integers(1, 3))):
        count = draw(st.integers(0, 8))
        cells += [(draw(own_cells()), OTHER) for _ in range(count)]
        cells += [(draw(lines(ANSWERS)), ANSWER)]
        more = draw(st.integers(0, 3))
        cells += [(draw(own_cells()), OTHER) for _ in range(more)]
        cells += [("", TEST)]
    return cells


def shown(value, depth=0):
    """A value as a text that is the same in two runs."""
    if isinstance(value, list | tuple) and depth < 5:
        return type(value).__name__ + repr([shown(it, depth + 1) for it in value])
    if isinstance(value, dict) and depth < 5:
        return repr({key: shown(it, depth + 1) for key, it in value.items()})
    if isinstance(value, int | str | type(None)):
        return repr(value)
    return type(value).__name__


def toys():
    """A library that one can assign into, new for each run."""
    module = ModuleType("toys")
    module.value, module.kept = [0], [[0]]
    module.keep = module.kept.append
    module.set_value = lambda value: setattr(module, "value", value)
    return module


def run(sources, seen):
    """Run cells as a kernel does; gives each cell's error, if there was one."""
    space, errors = {"shown": shown, "seen": seen}, {}
    sys.modules["toys"] = toys()
    for number, source in sources.items():
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(source, f"cell {number}", "exec"), space)
        except Exception as error:
            errors[number] = error
    del sys.modules["toys"]
    return errors


def frames_of(error):
    """Where an error came about, as IPython says it."""
    files = [it.filename for it in traceback.extract_tb(error.__traceback__)]
    return [f"  Cell In[{it.split()[1]}], line 1" for it in files if it.startswith("cell ")]


def differences(cells):
    """What a short run makes worse; and how much of the notebook it has run."""
    expected, everything = {}, {}
    for number, (source, role) in enumerate(cells):
        if role == TEST:
            source = f"seen[{number}] = shown(answer())"
        everything[number] = source
    failed = run(everything, expected)
    for number in expected:
        everything[number] = f"assert shown(answer()) == {expected[number]!r}"
    made = plan({number: (everything[number], role) for number, (_, role) in enumerate(cells)})
    short = run({n: made.sources[n] for n in everything if n in made.sources}, {})
    worse = []
    for number in set(expected) - set(failed):
        error = short.get(number)
        if not error or number in made.open:
            continue
        name, frames = type(error).__name__, frames_of(error)
        output = new_output("error", ename=name, evalue=str(error), traceback=frames)
        if not could_help(new_code_cell(outputs=[output]), made):
            worse.append((number, repr(error)))
    return worse, made


@settings(max_examples=400, deadline=None, derandomize=True)
@given(notebooks())
def test_a_short_run_is_never_worse(cells):
    worse, made = differences(cells)
    kept = "\n".join(f"[{n}] {source}" for n, source in made.sources.items())
    every = "\n".join(f"[{n}] {source}" for n, (source, _) in enumerate(cells))
    assert not worse, f"{worse}\n{every}\n--- was run:\n{kept}"
