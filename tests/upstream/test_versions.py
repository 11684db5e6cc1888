"""The general order: facts about how versions of unknown projects are related, and the laws of an order."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.upstream.versions import compare, general_key

FACTS = Path(__file__).parents[1] / "data" / "orders" / "general.txt"
RELATION = {"<": -1, "=": 0, ">": 1}
TEXTS = st.text(alphabet="0129.-_~+abprcALPHAé ", max_size=12)


def facts() -> list[tuple[str, str, int]]:
    rows = [line.split() for line in FACTS.read_text("utf-8").splitlines() if not line.startswith("#")]
    return [(a.replace("<>", ""), b.replace("<>", ""), RELATION[relation]) for a, relation, b in rows]


def test_the_facts_are_all_there() -> None:
    assert len(facts()) == 156


@pytest.mark.parametrize(("left", "right", "expected"), facts())
def test_facts(left: str, right: str, expected: int) -> None:
    assert compare(left, right) == expected
    assert compare(right, left) == -expected


@given(TEXTS, TEXTS, TEXTS)
def test_the_order_is_antisymmetric_and_transitive(a: str, b: str, c: str) -> None:
    assert compare(a, b) == -compare(b, a)
    if compare(a, b) <= 0 and compare(b, c) <= 0:
        assert compare(a, c) <= 0


@given(TEXTS, st.integers(0, 5))
def test_trailing_zeros_say_nothing(text: str, zeros: int) -> None:
    assert compare(text + ".0" * zeros, text + ".") == 0


def test_attack_a_very_long_text_costs_no_more_than_a_short_one() -> None:
    assert len(general_key("1." * 1_000_000)) < 2_000
