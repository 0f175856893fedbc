"""Values of a lesson's own variables, without running the lesson.

An expression's names are followed back through the lesson's code: the statements that bind them,
those that bind what these read, and so on. Only they are run, so nothing is trained, drawn or
printed. What a statement changes in place (``layer.set_weights``) is not seen.
"""

import ast
import re

FINAL = (ast.Assign, ast.AnnAssign, ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
OWN_NAMES = (ast.FunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def code_of(notebook):
    """The code of a notebook's cells, except the tests'."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    roles = [cell.metadata.get("nbgrader", {}) for cell in cells]
    tests = [role.get("grade") and not role.get("solution") for role in roles]
    return "\n".join(cell.source for cell, test in zip(cells, tests, strict=True) if not test)


def binds(statement):
    """Names that a statement gives a value, outside the functions in it."""
    found, nodes = set(), [statement]
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif not isinstance(node, OWN_NAMES):
            nodes += ast.iter_child_nodes(node)
    return found


def reads(tree):
    """Names that code reads, except those that belong to a function or comprehension in it."""
    scopes = [node for node in ast.walk(tree) if isinstance(node, OWN_NAMES)]
    inner = [part for scope in scopes for part in ast.walk(scope)]
    own = {part.arg for part in inner if isinstance(part, ast.arg)}
    own |= {it.id for it in inner if isinstance(it, ast.Name) and isinstance(it.ctx, ast.Store)}
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    return {name.id for name in names if isinstance(name.ctx, ast.Load)} - own


def needed(code, expressions):
    """The statements of a lesson's code that expressions depend on, in the lesson's order."""
    statements = ast.parse(code).body
    wanted = [(name, len(statements)) for it in expressions for name in reads(ast.parse(it))]
    found = set()
    for name, end in wanted:
        for place in reversed(range(end)):
            if name not in binds(statements[place]):
                continue
            if place not in found:
                wanted += [(it, place) for it in reads(statements[place])]
            found.add(place)
            if isinstance(statements[place], FINAL):  # an earlier value no longer counts
                break
    return [statements[place] for place in sorted(found)]


def written(code, passage):
    """The number that stands in a lesson's code right after a passage of it."""
    found = re.findall(re.escape(passage) + r"(\d[\d_]*(?:\.\d+)?)", code)
    assert len(set(found)) == 1, f"in the code, {passage!r} is followed by {found or 'no number'}"
    return float(found[0])


def values(code, expressions):
    """The value of each expression in the namespace of a lesson's code."""
    statements = needed(code, expressions)
    for statement in statements:
        trains = any(getattr(node, "attr", "").startswith("fit") for node in ast.walk(statement))
        assert not trains, f"a computed number cannot wait for training: {ast.unparse(statement)}"
    space = {"written": lambda passage: written(code, passage)}
    exec(compile(ast.Module(statements, type_ignores=[]), "lesson", "exec"), space)
    return [eval(expression, space) for expression in expressions]
