"""rpm's own macros, written again in Python: what each gives is decided here and nothing is run."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from headrace.package.spec.expand import Expander, Native
from headrace.package.spec.macros import Macro, read_macro_files
from headrace.package.spec.scan import short, split_words
from headrace.package.spec.value import is_known
from headrace.words import Message


def _silent(expander: Expander, argument: str, colon: bool) -> str:
    del colon
    expander.expand(argument)
    return ""


def _expand(expander: Expander, argument: str, colon: bool) -> str:
    del colon
    return expander.expand(expander.expand(argument))


_WORD = re.compile(r"[A-Za-z_]\w*")


_MAY_DEFINE = re.compile(
    r"define|global|load|dofile|require|macros[.\[][^=\n]{0,200}=(?!=)|rpm\.expand\s*\(\s*(?![\s\"'])", re.IGNORECASE
)
"""What in Lua code may define macros; code that only reads them and prints does not."""


def _lua(expander: Expander, argument: str, colon: bool) -> str:
    """Lua is never run; what it may define is not known from here on."""
    del colon
    hole = expander.hole(Message("it comes from Lua code, which is never run: {code}", code=short(argument)))
    if _MAY_DEFINE.search(argument):
        expander.suspects.update(_WORD.findall(argument))
        expander.distrust(hole)
    return hole


def _load(expander: Expander, argument: str, colon: bool) -> str:
    del colon
    path = expander.expand(argument).strip()
    name = path.rsplit("/", 1)[-1]
    data = expander.files.get(path, expander.files.get(name)) if is_known(path) else None
    if data is None:
        hole = expander.hole(Message("it may come from the macro file {path}, which is not here", path=short(argument)))
        expander.distrust(hole)
        return ""
    for key, macro in read_macro_files((data.decode("utf-8", "replace"),)).items():
        expander.table.define(key, Macro(macro.body, macro.options, 0, expander.doubt, expander.line or 1))
    return ""


def _text(step: Callable[[str], object]) -> Native:
    def native(expander: Expander, argument: str, colon: bool) -> str:
        del colon
        text = expander.expand(argument)
        if not is_known(text):
            reason = expander.holes.reason(text)
            return expander.hole(reason) if reason else ""
        return str(step(text))

    return native


def _basename(expander: Expander, argument: str, colon: bool) -> str:
    del colon
    return expander.expand(argument).rsplit("/", 1)[-1]


def _dirname(text: str) -> str:
    return text.rsplit("/", 1)[0] if "/" in text else text


def _suffix(text: str) -> str:
    return text.rsplit(".", 1)[1] if "." in text else ""


def _url_path(text: str) -> str:
    found = re.match(r"[a-z][a-z0-9+.-]*://[^/]*(/.*)?$", text)
    return (found.group(1) or "/") if found else text


def _quote(expander: Expander, argument: str, colon: bool) -> str:
    del colon
    return "\x1f" + expander.expand(argument) + "\x1f"


def _expr(expander: Expander, argument: str, colon: bool) -> str:
    del colon
    return expander.calculate(argument)


def _defined(wanted: bool) -> Native:
    def native(expander: Expander, argument: str, colon: bool) -> str:
        del colon
        words = split_words(expander.expand(argument))
        if not words:
            return "0"
        there, doubt = expander.exists(words[0])
        return doubt or str(int(there is wanted))

    return native


def _with(wanted: bool) -> Native:
    def native(expander: Expander, argument: str, colon: bool) -> str:
        del colon
        words = split_words(expander.expand(argument))
        there, doubt = expander.exists("with_" + words[0]) if words else (False, "")
        return doubt or str(int(there is wanted))

    return native


def _condition(expander: Expander, name: str, default: bool) -> str:
    """Define `with_NAME` as `--with`/`--without` on the command line and the default tell."""
    for option, value in (("_with_", True), ("_without_", False)):
        there, doubt = expander.exists(option + name)
        if doubt:
            expander.table.define("with_" + name, Macro("1", None, 0, doubt, expander.line or 1))
            return ""
        if there:
            default = value
            break
    if default:
        expander.table.define("with_" + name, Macro("1", None, 0, expander.doubt, expander.line or 1))
    return ""


def _bcond_with(expander: Expander, argument: str, colon: bool) -> str:
    del colon
    words = split_words(expander.expand(argument))
    return _condition(expander, words[0], default=False) if words else ""


def _bcond_without(expander: Expander, argument: str, colon: bool) -> str:
    del colon
    words = split_words(expander.expand(argument))
    return _condition(expander, words[0], default=True) if words else ""


def _bcond(expander: Expander, argument: str, colon: bool) -> str:
    del colon
    name, _, rest = expander.expand(argument).strip().partition(" ")
    value = expander.calculate(rest) if rest.strip() else "0"
    if not is_known(value):
        expander.table.define("with_" + name, Macro("1", None, 0, value, expander.line or 1))
        return ""
    return _condition(expander, name, default=value not in ("0", ""))


def _source(prefix: str) -> Native:
    def native(expander: Expander, argument: str, colon: bool) -> str:
        del colon
        return expander.expand("%{" + prefix + expander.expand(argument).strip() + "}")

    return native


def _gsub(expander: Expander, argument: str, colon: bool) -> str:
    """Only plain text patterns: a Lua pattern is not judged."""
    del colon
    words = split_words(expander.expand(argument))
    if len(words) < 3 or not all(is_known(word) for word in words):
        return expander.hole(Message("its %gsub cannot be judged: {text}", text=short(argument)))
    text, pattern, replacement = words[:3]
    plain = re.sub(r"%(\W)", r"\1", pattern)
    if re.search(r"(?<!%)[\^$()\[\].*+?-]|%\w", pattern) or "%" in replacement:
        return expander.hole(Message("its %gsub uses a Lua pattern, which is not judged: {text}", text=short(argument)))
    return text.replace(plain, replacement, int(words[3]) if len(words) > 3 and words[3].isdigit() else -1)


def _sub(expander: Expander, argument: str, colon: bool) -> str:
    del colon
    words = split_words(expander.expand(argument))
    numbers = [int(word) for word in words[1:3] if re.fullmatch(r"-?\d{1,6}", word)]
    if not words or len(numbers) != len(words[1:3]) or not numbers:
        return expander.hole(Message("its %sub cannot be judged: {text}", text=short(argument)))
    text, start, end = words[0], numbers[0], numbers[1] if len(numbers) > 1 else -1
    first = start - 1 if start > 0 else max(len(text) + start, 0)
    last = end if end >= 0 else len(text) + end + 1
    return text[max(first, 0) : max(last, 0)]


def _version_no_tilde(expander: Expander, argument: str, colon: bool) -> str:
    """`%{version_no_tilde [separator [version]]}`: the version with its `~` written otherwise, as upstreams do."""
    del colon
    words = split_words(expander.expand(argument))
    version = words[1] if len(words) > 1 else expander.expand("%{version}")
    return version.replace("~", words[0] if words else "-")


def _python_name(text: str) -> str:
    """A distribution's name as Python normalises it."""
    return re.sub(r"[-_.]+", "-", text).lower()


def _py3_dist(expander: Expander, argument: str, colon: bool) -> str:
    """`%{py3_dist NAME ...}`: what packages provide for Python distributions."""
    del colon
    return " ".join(f"python3dist({_python_name(word)})" for word in split_words(expander.expand(argument)))


def _autorelease(expander: Expander, argument: str, colon: bool) -> str:
    del argument, colon
    return expander.hole(Message("the build system counts the release (%autorelease)"))


def _outside(expander: Expander, argument: str, colon: bool) -> str:
    del colon
    return expander.hole(Message("it depends on the machine that builds: {text}", text=short(argument)))


def _uncompress(expander: Expander, argument: str, colon: bool) -> str:
    del colon
    return "cat " + expander.expand(argument).strip()


def _constant(text: str) -> Native:
    def native(expander: Expander, argument: str, colon: bool) -> str:
        del expander, argument, colon
        return text

    return native


NATIVES: Final[Mapping[str, Native]] = {
    "expand": _expand,
    "lua": _lua,
    "load": _load,
    "expr": _expr,
    "basename": _basename,
    "dirname": _text(_dirname),
    "suffix": _text(_suffix),
    "url2path": _text(_url_path),
    "u2p": _text(_url_path),
    "quote": _quote,
    "shrink": _text(lambda text: " ".join(text.split())),
    "len": _text(len),
    "lower": _text(str.lower),
    "upper": _text(str.upper),
    "reverse": _text(lambda text: text[::-1]),
    "gsub": _gsub,
    "sub": _sub,
    "version_no_tilde": _version_no_tilde,
    "autorelease": _autorelease,
    "py_dist_name": _text(_python_name),
    "py3_dist": _py3_dist,
    "defined": _defined(wanted=True),
    "undefined": _defined(wanted=False),
    "with": _with(wanted=True),
    "without": _with(wanted=False),
    "bcond_with": _bcond_with,
    "bcond_without": _bcond_without,
    "bcond": _bcond,
    "S": _source("SOURCE"),
    "P": _source("PATCH"),
    "echo": _silent,
    "warn": _silent,
    "error": _silent,
    "trace": _silent,
    "dump": _silent,
    "verbose": _constant("0"),
    "getenv": _outside,
    "getncpus": _outside,
    "exists": _outside,
    "uncompress": _uncompress,
    "nil": _constant(""),
}
"""Names in rpm's own set -> what each does. A spec may define them anew; a macro file may not."""
