"""Public names of Python modules, with Python's own parser as the oracle."""

from __future__ import annotations

import ast
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.evidence.python_names import DECLARED, public_names

_LIBRARY = Path(sysconfig.get_path("stdlib"))
_MODULES = [
    "textwrap",
    "shutil",
    "dataclasses",
    "tempfile",
    "heapq",
    "argparse",
    "concurrent/futures/__init__",
    "asyncio/events",
]


def _oracle(text: str) -> set[str]:
    found: set[str] = set()
    declared: set[str] = set()
    for node in ast.parse(text).body:
        match node:
            case ast.FunctionDef() | ast.ClassDef() | ast.AsyncFunctionDef():
                found.add(node.name)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
                found.add(name)
            case ast.Assign(targets=targets, value=value):
                if [ast.unparse(target) for target in targets] == ["__all__"]:
                    declared |= {each.value for each in ast.walk(value) if isinstance(each, ast.Constant)}
                found |= {target.id for target in targets[:1] if isinstance(target, ast.Name)}
            case ast.ImportFrom(level=level) if level:
                found |= {alias.asname or alias.name for alias in node.names}
    return {DECLARED, *declared} if declared else {name for name in found if not name.startswith("_")}


@pytest.mark.parametrize("name", _MODULES)
def test_the_names_are_those_that_python_sees(name: str) -> None:
    text = (_LIBRARY / f"{name}.py").read_text(encoding="utf-8")
    told = {each for each in public_names(text) if each not in _extended(text)}
    assert told == {each for each in _oracle(text) if each not in _extended(text)}


def _extended(text: str) -> set[str]:
    """What modules add to `__all__` in branches: both answers are right."""
    return {
        each.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("__all__.")
        for each in ast.walk(node)
        if isinstance(each, ast.Constant)
    }


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("def a():\n    def b(): pass\nclass C:\n    d = 1\n_e = 2\nF = 3\n", ("C", "F", "a")),
        ('"""\ndef ghost(): pass\n"""\ndef real(): pass\n', ("real",)),
        ("from .x import (a,  # why\n    b as c,\n)\nfrom ..y import d\n", ("a", "c", "d")),
        ("from typing import List\nfrom pond.x import y\n", ("y",)),
        ("import os, sys\n", ()),
        ("__all__ = [\n  'a',  # 'no'\n  \"b\",\n]\ndef z(): pass\n", (DECLARED, "a", "b")),
        ("try:\n    from .fast import go\nexcept ImportError:\n    from .slow import go\n", ("go",)),
        ("async def serve(): pass\nLIMIT: int = 3\nx == 4\n", ("LIMIT", "serve")),
        ("", ()),
    ],
)
def test_names(text: str, names: tuple[str, ...]) -> None:
    assert public_names(text, "pond") == names


@given(st.text(max_size=3000))
def test_attack_any_text_is_read(text: str) -> None:
    assert all(name.isidentifier() or name[0].isdigit() for name in public_names(text))


def test_attack_a_million_brackets_do_no_harm() -> None:
    assert public_names("(" * 1_000_000) == ()
    assert public_names("x: " + "a" * 1_000_000) == ()
    assert public_names("__all__ = [\n" + "'x',\n" * 100_000) == (DECLARED, "x")
