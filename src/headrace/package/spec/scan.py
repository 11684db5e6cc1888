"""Where a piece of macro text ends: brackets, definition bodies, lines, words and options."""

from __future__ import annotations

import re

from headrace.package.spec.value import is_known, without_holes

_QUOTED = re.compile(r"\x1f([^\x1f]*)\x1f|[^\s\x1f]+")


def short(text: str) -> str:
    """The first words of a text, for a reason."""
    text = " ".join(without_holes(text).split())
    return text if len(text) <= 60 else text[:57] + "..."


_BRACKETS = {
    "{": re.compile(r"\\.|[{}]", re.DOTALL),
    "(": re.compile(r"\\.|[()]", re.DOTALL),
    "[": re.compile(r"\\.|[\[\]]", re.DOTALL),
}


def matching(text: str, at: int) -> int:
    """The index of the bracket that closes the one at `at`, a backslash protecting the next character; -1 when none does."""
    depth = 0
    opening = text[at]
    for found in _BRACKETS[opening].finditer(text, at):
        mark = found.group()
        if mark[0] == "\\":
            continue
        depth += 1 if mark == opening else -1
        if depth == 0:
            return found.start()
    return -1


_BODY = re.compile(r"\\.|\n|%[{(%]|[{}()]", re.DOTALL)


def body_end(text: str, at: int) -> int:
    """Where the body of a definition that begins at `at` ends: the line end that is neither escaped nor inside braces."""
    braces = parentheses = 0
    for found in _BODY.finditer(text, at):
        mark = found.group()
        if mark == "\n":
            if not braces and not parentheses:
                return found.start()
        elif mark == "%{" or (mark == "{" and braces):
            braces += 1
        elif mark == "%(" or (mark == "(" and parentheses):
            parentheses += 1
        elif mark == "}" and braces:
            braces -= 1
        elif mark == ")" and parentheses:
            parentheses -= 1
    return len(text)


def line_end(text: str, at: int) -> int:
    """Where the line that `at` stands in ends."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def split_words(text: str) -> list[str]:
    """The words of an argument line; what `%{quote:}` holds together stays one word."""
    return [found.group(1) if found.group(1) is not None else found.group() for found in _QUOTED.finditer(text)]


def split_options(allowed: str, words: list[str]) -> tuple[dict[str, str], list[str], str]:
    """Split off the options as getopt does; returns (options, the rest, the option that is not allowed or "")."""
    if allowed == "-":
        return {}, words, ""
    options: dict[str, str] = {}
    at = 0
    while at < len(words):
        word = words[at]
        if not word.startswith("-") or word == "-" or not is_known(word):
            break
        at += 1
        if word == "--":
            break
        letters = word[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            place = allowed.find(letter)
            if place < 0 or letter == ":":
                return {}, [], "-" + letter
            if allowed[place + 1 : place + 2] == ":":
                if not letters and at < len(words):
                    letters, at = words[at], at + 1
                options[letter], letters = letters, ""
            else:
                options[letter] = ""
    return options, words[at:], ""
