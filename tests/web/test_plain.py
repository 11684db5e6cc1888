"""Foreign text: visible, in order, and with an end."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from headrace.web.plain import plain


def test_colours_of_a_terminal_go_and_other_escapes_show():
    assert plain("\x1b[1;32mok\x1b[0m") == "ok"
    assert plain("\x1b]0;title\x07") == "␛]0;title␇"


def test_attack_bidirectional_controls_cannot_turn_a_line_around():
    assert plain("access\u202e\u2066// ok\u2069") == "access[U+202E][U+2066]// ok[U+2069]"


def test_attack_invisible_characters_cannot_hide_in_a_name():
    assert plain("py\u200bthon\ufeff\U000e0041") == "py[U+200B]thon[U+FEFF][U+E0041]"


def test_words_of_people_stay():
    assert plain("修复 numpy 兼容性问题\n\tÄ é 😀") == "修复 numpy 兼容性问题\n\tÄ é 😀"


@given(st.text(alphabet=st.characters()), st.integers(0, 50))
def test_nothing_invisible_is_left_and_it_ends(text, limit):
    shown = plain(text, limit)
    assert not [each for each in shown if unicodedata.category(each) in {"Cc", "Cs"} and each not in "\n\t"]
    assert not [each for each in shown if each in "\u200b\u200e\u200f\u202a\u202e\u2066\u2069\u061c\ufeff"]
    assert len(shown) <= limit * 9 + 2


@given(st.text())
def test_plain_text_stays_as_it_is_the_second_time(text):
    assert plain(plain(text)) == plain(text)
