"""What the browser runs is the program that was written, line for line."""

import ast

import docstrings
import pytest

PROGRAM = '''"""A module
of two lines."""
import math

def area(radius):
    """The area.

    In the unit's square.
    """
    return math.pi * radius**2  # line 10

class Shape:
    "One line."; sides = 0

    async def draw(self): "Nothing yet."

text = """not a docstring"""
def é(): """accents before and after é"""; return "é"
'''


def test_the_program_without_its_docstrings_keeps_every_line_where_it_was() -> None:
    stripped = docstrings.strip(PROGRAM.encode()).decode()
    assert len(stripped.splitlines()) == len(PROGRAM.splitlines())
    assert "unit" not in stripped
    namespace: dict[str, object] = {}
    exec(compile(stripped, "program", "exec"), namespace)
    area = namespace["area"]
    assert area.__code__.co_firstlineno == 5  # type: ignore[attr-defined]
    assert area(1) == pytest.approx(3.14159, abs=1e-4)  # type: ignore[operator]
    assert stripped.splitlines()[9] == PROGRAM.splitlines()[9]
    assert namespace["text"] == "not a docstring"
    assert namespace["é"]() == "é"  # type: ignore[operator]


def test_a_class_still_has_some_documentation() -> None:
    """dataclasses work one out, at a cost, for each class that has none."""
    stripped = docstrings.strip(b'class Point:\n    """Where."""\n')
    namespace: dict[str, type] = {}
    exec(compile(stripped, "program", "exec"), namespace)
    assert namespace["Point"].__doc__


def test_source_of_another_python_is_left_alone() -> None:
    source = b'"""A docstring."""\nprint "Python 2"\n'
    with pytest.raises(SyntaxError):
        ast.parse(source)
    assert docstrings.strip(source) == source
