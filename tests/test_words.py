from __future__ import annotations

import re
from collections import Counter

import pytest
from tools.catalogs import LANGUAGES, missing, updated

from headrace.words import Message, Text, catalog, say

PLACE = re.compile(r"\{[a-z_][a-z0-9_]*\}|%\([a-z_]+\)[sd]")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_has_a_translation(language: str) -> None:
    assert missing(language) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_has_exactly_the_places_of_its_sentence(language: str) -> None:
    wrong = []
    for message in updated(language):
        english = message.id if isinstance(message.id, tuple) else (message.id,)
        chinese = message.string if isinstance(message.string, tuple) else (message.string,)
        wrong += [text for text in chinese if Counter(PLACE.findall(text)) != Counter(PLACE.findall(english[-1]))]
    assert wrong == []


def test_values_are_filled_in() -> None:
    assert str(Message("{branch} carries {old} and should carry {new}", branch="master", old="1", new=2)) == (
        "master carries 1 and should carry 2"
    )


def test_a_value_is_data_whatever_braces_it_holds() -> None:
    assert str(Message("{old} -> {new}", old="{new}", new="{old}")) == "{new} -> {old}"


def test_a_place_without_a_value_stays_and_nothing_breaks() -> None:
    assert str(Text("{a} and {b} and {", {"a": 1})) == "1 and {b} and {"


def test_a_sentence_within_a_sentence_is_said_in_the_same_language() -> None:
    inner = Message("a build on the host's root")
    outer = Message("the proof is {proved}, the branch needs {needed}", proved=inner, needed=Message("nothing"))
    assert say(outer, "zh_CN") == "证明强度为在宿主机根上的构建，而分支要求无"


def test_an_unknown_language_reads_english() -> None:
    assert say(Message("it is released"), "tlh") == "it is released"
    assert catalog("../../etc").gettext("x") == "x"
