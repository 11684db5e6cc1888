"""Every value that a page can show has a word and a tone of its own class."""

from __future__ import annotations

from enum import Enum

import pytest

from headrace.change.model import ChangeState
from headrace.evidence.differences.paths import Area
from headrace.evidence.model import BuildStatus, Result, Strength, Verdict
from headrace.package.model import PatchClass
from headrace.upstream.model import Takes
from headrace.web.labels import RESULT_ORDER, label, tone


@pytest.mark.parametrize("kind", [ChangeState, BuildStatus, Result, Strength, Verdict, PatchClass])
def test_every_value_has_a_word_and_a_tone(kind: type[Enum]):
    words = [label(value).text for value in kind]
    assert len(set(words)) == len(words)
    assert {tone(value) for value in kind} <= {"good", "ask", "bad", "busy", "calm"}
    assert not [word for word in words if word.isdigit()]


def test_equal_values_of_different_classes_keep_their_own_words():
    assert (label(ChangeState.REFUSED).text, tone(ChangeState.REFUSED)) == ("refused", "bad")
    assert (label(BuildStatus.REFUSED).text, tone(BuildStatus.REFUSED)) == ("not tried", "ask")
    assert (label(ChangeState.FAILED).text, label(BuildStatus.FAILED).text) == ("failed", "build failed")


def test_findings_of_every_result_are_shown():
    assert set(RESULT_ORDER) == set(Result)


def test_every_area_of_the_differences_has_a_word():
    assert {label(area.value).text for area in Area}.isdisjoint({area.value for area in Area} - {"documentation"})


def test_what_is_not_known_is_shown_as_it_is():
    class Odd(Enum):
        ONE = "odd"

    assert (label(Odd.ONE).text, tone(Odd.ONE)) == ("odd", "calm")
    assert label("something else").text == "something else"
    assert {label(each.value).text for each in Takes}.isdisjoint({each.value for each in Takes})
