"""Which language a reader gets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.web.language import choose_language
from headrace.words import LANGUAGES


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh", "zh_CN"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh_CN"),
        ("zh-SG", "zh_CN"),
        ("zh-Hans-CN", "zh_CN"),
        ("zh-TW", "en"),
        ("zh-TW,zh;q=0.5", "zh_CN"),
        ("de,en;q=0.5,zh;q=0.6", "zh_CN"),
        ("en-US,zh;q=0.9", "en"),
        ("en;q=0,zh;q=0.1", "zh_CN"),
        ("*", "en"),
        ("", "en"),
        ("zh;q=nan", "en"),
        (";;;,,,", "en"),
    ],
)
def test_what_the_browser_asks_for(header, language):
    assert choose_language(None, None, header) == language


def test_the_address_goes_before_the_cookie_and_the_cookie_before_the_browser():
    assert choose_language("en", "zh_CN", "zh") == "en"
    assert choose_language(None, "zh_CN", "en") == "zh_CN"
    assert choose_language("klingon", "../etc", "zh") == "zh_CN"


@given(st.text() | st.none(), st.text() | st.none(), st.text() | st.none())
def test_anything_gives_a_known_language(query, cookie, header):
    assert choose_language(query, cookie, header) in LANGUAGES
