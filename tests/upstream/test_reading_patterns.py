"""The small language of patterns: equal to Python's on what it knows, and never slow."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.upstream.model import UpstreamError
from headrace.upstream.reading_patterns import compile_pattern

atoms = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\d", r"\W", "1", "(?:ab|b)", "(?:a|)", r"\."])
repeated = st.tuples(atoms, st.sampled_from(["", "", "*", "+", "?", "*?", "+?", "{1,3}", "{2}", "{0,}"])).map("".join)
rows = st.lists(repeated, min_size=1, max_size=4).map("".join)


@given(rows, rows, rows, st.text("ab1. ", max_size=24))
def test_it_finds_what_pythons_own_engine_finds(before: str, inner: str, after: str, text: str) -> None:
    pattern = f"{before}({inner}){after}"
    expected = [match[1] for match in re.finditer(pattern, text, re.ASCII) if match[0]]
    got = compile_pattern(pattern).find([text])
    assert [one for one in got if one] == [one for one in expected if one]


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"weir-([\d.]+)\.tar\.gz", 'href="weir-1.2.3.tar.gz"', ["1.2.3"]),
        (r"v(\d+(?:\.\d+)*)", "v1.2 and v3", ["1.2", "3"]),
        (r"(?:a|b)-([0-9]+)", "a-1 b-2 c-3", ["1", "2"]),
        (r"[]x-]([0-9]{2,3})", "]12 -3456 x7", ["12", "345"]),
    ],
)
def test_usual_patterns_find_versions(pattern: str, text: str, found: list[str]) -> None:
    assert compile_pattern(pattern).find([text]) == found


@pytest.mark.parametrize(
    "pattern",
    ["", "a", "(a)(b)", "(a", "a)", "((a)", r"(a)\1", "(?=a)(b)", "^(a)", "(a)$", "(a**)", "*(a)", "(a){999}", "([a", "(a\\",
     "(a){3,1}", "([z-a])", "(?P<x>a)", "(" * 20 + "a" + ")" * 20, "((?:a{64}){64})", "x" * 400, r"(\z)"],
)  # fmt: skip
def test_what_is_not_of_the_language_is_one_sentence(pattern: str) -> None:
    with pytest.raises(UpstreamError, match="pattern cannot be used"):
        compile_pattern(pattern)


@pytest.mark.parametrize("pattern", ["(?:a*)*b(c)", "(?:a|aa)+(c)", "(a*a*a*a*a*a*)c", "(?:(?:a?){20}){3}(b)"])
def test_attack_a_pattern_that_python_would_never_finish_takes_few_steps(pattern: str) -> None:
    assert compile_pattern(pattern).find(["a" * 2000]) == []


def test_attack_a_page_without_end_is_given_up() -> None:
    with pytest.raises(UpstreamError, match="too long to search"):
        compile_pattern("(?:a?){60}(b)").find(["a" * 2000] * 200)


def test_attack_repeats_of_nothing_are_not_counted_out() -> None:
    assert compile_pattern("(?:(?:(?:(?:(?:){64}){64}){64}){64}){64}(a)").find(["a"]) == ["a"]
