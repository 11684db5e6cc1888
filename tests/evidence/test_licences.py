"""Licence expressions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.evidence.licences import Licence, LicenceError, parse_licence

_ALLOWED = ("MIT", "Apache-2.0", "GPL-2.0-only", "ASL 2.0")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("MIT", ("MIT",)),
        ("MIT AND (Apache-2.0 OR BSD-3-Clause)", ("MIT", "Apache-2.0", "BSD-3-Clause")),
        ("GPL-2.0-only WITH Classpath-exception-2.0", ("GPL-2.0-only WITH Classpath-exception-2.0",)),
        ("ASL 2.0 and BSD", ("ASL 2.0", "BSD")),
        ("((MIT))", ("MIT",)),
        ("MIT OR MIT", ("MIT",)),
    ],
)
def test_expressions_are_read(text: str, names: tuple[str, ...]) -> None:
    assert parse_licence(text).names() == names


@pytest.mark.parametrize(
    "text", ["", "  ", "MIT AND", "OR MIT", "(MIT", "MIT)", "MIT ()", "WITH x", "MIT WITH", "(" * 100, "x" * 3000]
)
def test_what_is_no_expression_is_told(text: str) -> None:
    with pytest.raises(LicenceError):
        parse_licence(text)


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("MIT", ()),
        ("mit", ()),
        ("Nasty-1.0", ("Nasty-1.0",)),
        ("MIT AND Nasty-1.0", ("Nasty-1.0",)),
        ("MIT OR Nasty-1.0", ()),
        ("(MIT AND Nasty-1.0) OR (Bad-1.0 AND Apache-2.0)", ("Nasty-1.0", "Bad-1.0")),
        ("MIT OR Nasty-1.0 AND Bad-1.0", ()),
        ("(MIT OR Nasty-1.0) AND Bad-1.0", ("Bad-1.0",)),
        ("GPL-2.0-only WITH Classpath-exception-2.0", ()),
        ("ASL 2.0", ()),
    ],
)
def test_what_stands_in_the_way(text: str, refused: tuple[str, ...]) -> None:
    assert parse_licence(text).refused(_ALLOWED) == refused


_trees = st.recursive(
    st.sampled_from(["MIT", "Nasty-1.0", "Apache-2.0"]).map(Licence),
    lambda parts: st.builds(
        lambda operator, children: Licence(operator=operator, parts=tuple(children)),
        st.sampled_from(["AND", "OR"]), st.lists(parts, min_size=2, max_size=3),
    ),
    max_leaves=8,
)  # fmt: skip


def _write(tree: Licence) -> str:
    return f" {tree.operator} ".join(f"({_write(part)})" for part in tree.parts) if tree.parts else tree.name


def _holds(tree: Licence) -> bool:
    if not tree.parts:
        return tree.name in _ALLOWED
    return (all if tree.operator == "AND" else any)(map(_holds, tree.parts))


@given(_trees)
def test_an_expression_is_allowed_when_its_logic_says_so(tree: Licence) -> None:
    parsed = parse_licence(_write(tree))
    assert (parsed.refused(_ALLOWED) == ()) == _holds(tree)


@given(_trees)
def test_more_allowed_licences_never_refuse_more(tree: Licence) -> None:
    assert set(tree.refused((*_ALLOWED, "Nasty-1.0"))) <= set(tree.refused(_ALLOWED))
