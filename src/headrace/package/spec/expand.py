"""Macro expansion as rpm does it, save that nothing is run: `%(...)`, Lua and missing files leave a hole with its reason.

Bounded: at most `MOST_STEPS` macro calls and `MOST_TEXT` characters a reading, `DEEPEST` calls inside each other. What
goes beyond is a hole too, so that a macro bomb costs milliseconds and never a wrong answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from headrace.package.spec.expression import ExpressionError, UnsettledError, Version, evaluate
from headrace.package.spec.macros import Macro, MacroTable, continued
from headrace.package.spec.scan import body_end, line_end, matching, short, split_options, split_words
from headrace.package.spec.value import Holes
from headrace.words import Message, Text

MOST_STEPS = 60_000
MOST_TEXT = 4_000_000
DEEPEST = 48

Native = Callable[["Expander", str, bool], str]
"""A macro of rpm's own: (expander, argument not yet expanded, whether it was given with a colon) -> text."""

LINE_NATIVES = frozenset(
    {"bcond", "bcond_with", "bcond_without", "defined", "undefined", "with", "without", "load", "autorelease"}
)
"""The natives that take the rest of their line when they are written without braces."""

_BARE = re.compile(r"([!?]*)([A-Za-z_]\w*|\*\*?|\#|-[A-Za-z]\*?|\d+)")
_BRACED = re.compile(r"([!?]*)([A-Za-z_]\w*|\*\*?|\#|-[A-Za-z]\*?|\d+)(?:(:)|(?=\s)|$)", re.DOTALL)
_DEFINE = re.compile(r"[ \t]*([A-Za-z_]\w*)(?:\(([^)\n]*)\))?(?:[ \t]+|(?=\n)|$|\\\n)")


@dataclass(slots=True)
class Frame:
    """The arguments of the parametric macro that is being expanded."""

    name: str
    arguments: list[str]
    options: dict[str, str]
    everything: str


@dataclass(slots=True)
class Expander:
    """Expands text with one table of macros; `natives` are rpm's own macros, `files` what `%{load:}` may read."""

    table: MacroTable
    holes: Holes
    natives: Mapping[str, Native]
    files: Mapping[str, bytes] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()
    """Macros that stay as they are written: `%autosetup` and its kind are read later, where they stand."""
    doubt: str = ""
    """A hole while the text stands under a condition that cannot be judged."""
    scripted: str = ""
    """A hole once something that cannot be run may have defined macros: an undefined name is not known from then on."""
    scripted_at: int = 0
    """The line of the spec from which `scripted` holds."""
    suspects: set[str] = field(default_factory=set)
    """The names that such a script mentions."""
    line: int = 0
    _level: int = 0
    _depth: int = 0
    _steps: int = 0
    _text: int = 0
    _lazy: int = 0
    """Above 0 inside a `%global` body: what is not defined yet may be when the macro is used."""
    _frame: Frame | None = None

    def hole(self, reason: Text) -> str:
        """A hole for `reason`."""
        return self.holes.mark(reason)

    def distrust(self, hole: str) -> None:
        """From here on a name that is not defined may be: what `hole` stands for may have done it."""
        if not self.scripted:
            self.scripted, self.scripted_at = hole, self.line

    def expand(self, text: str) -> str:
        """`text` with its macros expanded; a part that cannot be known is a hole."""
        at = text.find("%")
        if at < 0:
            return text
        if self._depth >= DEEPEST:
            return self.hole(Message("macros call each other more than {limit} deep", limit=DEEPEST))
        self._depth += 1
        out = [text[:at]]
        while at >= 0:
            if self._steps > MOST_STEPS or self._text > MOST_TEXT:
                out.append(self.hole(Message("the spec's macros expand to more than is read")))
                break
            self._steps += 1
            at = self._one(text, at, out)
            following = text.find("%", at)
            out.append(text[at:] if following < 0 else text[at:following])
            at = following
        self._depth -= 1
        result = "".join(out)
        self._text += len(result)
        return result

    def _one(self, text: str, at: int, out: list[str]) -> int:
        """Expand what begins at the `%` at `at`; returns where to go on."""
        following = text[at + 1 : at + 2]
        if following == "%":
            out.append("%")
            return at + 2
        if following in "{([" and following:
            stop = matching(text, at + 1)
            if stop < 0:
                out.append(self.hole(Message("a macro is opened and never closed")))
                return len(text)
            inner = text[at + 2 : stop]
            if following == "{":
                self._braced(inner, out)
            elif following == "(":
                out.append(
                    self.hole(
                        Message("it comes from the command %({command}), which is never run", command=short(inner))
                    )
                )
            else:
                out.append(self.calculate(inner))
            return stop + 1
        found = _BARE.match(text, at + 1)
        if not found:
            out.append("%")
            return at + 1
        return self._bare(text, found, out)

    def _bare(self, text: str, found: re.Match[str], out: list[str]) -> int:
        flags, name = found.groups()
        stop = found.end()
        if flags:
            out.append(self._asked(flags, name, None))
            return stop
        if name in ("define", "global"):
            return self._define(text, stop, name, out)
        if name in ("undefine", "dnl"):
            end = line_end(text, stop)
            if name == "undefine":
                self._undefine(text[stop:end])
            return end
        macro = self.table.find(name)
        if name in self.natives and (macro is None or macro.line == 0):
            takes_line = name in LINE_NATIVES
        else:
            takes_line = macro is not None and macro.options is not None
        if not takes_line:
            out.append(self._named(name, None, text[found.start() - 1 : stop]))
            return stop
        end = line_end(text, stop)
        out.append(self._named(name, (text[stop:end], False), text[found.start() - 1 : end]))
        return end

    def _braced(self, inner: str, out: list[str]) -> None:
        found = _BRACED.match(inner)
        if not found:
            out.append(self.literal("%{" + inner + "}"))
            return
        flags, name, colon = found.groups()
        rest = inner[found.end() :]
        if "?" in flags or "!" in flags:
            out.append(self._asked(flags, name, rest if colon else None, inner))
            return
        if name in ("define", "global", "undefine", "dnl"):
            if name in ("define", "global"):
                self._define(rest, 0, name, out)
            elif name == "undefine":
                self._undefine(rest)
            return
        out.append(self._named(name, (rest, bool(colon)) if rest or colon else None, "%{" + inner + "}"))

    def _asked(self, flags: str, name: str, wanted: str | None, inner: str = "") -> str:
        """`%{?name}`, `%{!?name:text}` and their kind."""
        negative = flags.count("!") % 2 == 1
        if not (name[0].isalpha() or name[0] == "_"):
            argument = self._argument(name)
            there, doubt = argument is not None and (argument != "" or name[0] == "-"), ""
        else:
            there, doubt = self.exists(name)
        if doubt:
            return doubt
        if wanted is None:
            return "" if negative or not there else self._named(name, None, "%{" + inner + "}")
        return self.expand(wanted) if there != negative else ""

    def exists(self, name: str) -> tuple[bool, str]:
        """Whether a macro is defined, and the hole when that is not sure."""
        macro = self.table.find(name)
        if macro is not None:
            return True, macro.maybe or (self.scripted if name in self.suspects else "")
        if name in self.natives:
            return True, ""
        return False, self.scripted

    def _argument(self, name: str) -> str | None:
        """The argument or option of the macro being expanded that `%1`, `%*`, `%-f*` name; None when there is none."""
        frame = self._frame
        if frame is None:
            return None
        if name.isdigit():
            number = int(name) if len(name) < 4 else 999
            if number == 0:
                return frame.name
            return frame.arguments[number - 1] if number <= len(frame.arguments) else None
        if name == "#":
            return str(len(frame.arguments))
        if name == "*":
            return " ".join(frame.arguments)
        if name == "**":
            return frame.everything
        value = frame.options.get(name[1])
        if value is None:
            return None
        if name.endswith("*"):
            return value
        return f"-{name[1]} {value}" if value else f"-{name[1]}"

    def _named(self, name: str, given: tuple[str, bool] | None, written: str) -> str:
        """What `%name` gives; `given` are its arguments as written and whether a colon came before them."""
        if not (name[0].isalpha() or name[0] == "_"):
            if self._frame is None:
                return written
            if name[0] == "-" and given is not None and given[1]:
                return self.expand(given[0]) if self._argument(name) is not None else ""
            return self._argument(name) or ""
        macro = self.table.find(name)
        native = self.natives.get(name)
        if native is not None and (macro is None or macro.line == 0):
            return native(self, given[0] if given else "", bool(given and given[1]))
        if macro is None:
            if name in self.kept:
                return "%" + name + self.expand(given[0] if given else "")
            return self.scripted or self.literal(written, name)
        if self.scripted and name in self.suspects:
            return self.scripted
        if macro.options is None:
            return macro.maybe + self.expand(macro.body) if macro.maybe else self.expand(macro.body)
        return macro.maybe + self.call(name, macro, given)

    def literal(self, written: str, name: str = "") -> str:
        """A macro that nobody defined: rpm leaves it as text; so do we, between holes."""
        if self._lazy:
            return written
        shown = "%" + (name or short(written))
        hole = self.hole(Message("the macro {name} is not defined by the spec nor by its target", name=shown))
        return hole + written + hole

    def call(self, name: str, macro: Macro, given: tuple[str, bool] | None) -> str:
        """Expand a parametric macro with its arguments."""
        words: list[str] = []
        if given is not None:
            argument = self.expand(given[0])
            words = [argument] if given[1] else split_words(argument)
        everything = " ".join(words)
        options, words, wrong = split_options(macro.options or "", words)
        if wrong:
            return self.hole(
                Message("the macro {name} does not take the option {option}", name="%" + name, option=wrong)
            )
        if self._depth >= DEEPEST:
            return self.hole(Message("macros call each other more than {limit} deep", limit=DEEPEST))
        outer, self._frame = self._frame, Frame(name, words, options, everything)
        self._level += 1
        result = self.expand(macro.body)
        self.table.leave(self._level)
        self._level -= 1
        self._frame = outer
        return result

    def calculate(self, text: str) -> str:
        """The value of an expression as text."""
        expanded = self.expand(text)
        try:
            result = evaluate(expanded)
        except UnsettledError as unsettled:
            reason = self.holes.reason(unsettled.text)
            return self.hole(reason) if reason else ""
        except ExpressionError as error:
            return self.hole(Message("the expression {text} is refused: {why}", text=short(text), why=str(error)))
        return result.text if isinstance(result, Version) else str(result)

    def _define(self, text: str, at: int, keyword: str, out: list[str]) -> int:
        found = _DEFINE.match(text, at)
        if not found:
            end = line_end(text, at)
            out.append(self.hole(Message("a macro definition cannot be read: {text}", text=short(text[at:end]))))
            return end
        name, options = found.groups()
        start = found.end()
        if found.group().endswith("\\\n"):
            start -= 2
        if text[start : start + 1] == "{":
            stop = matching(text, start)
            body, end = (text[start + 1 : stop], stop + 1) if stop >= 0 else (text[start + 1 :], len(text))
        else:
            end = body_end(text, start)
            body = continued(text[start:end]).rstrip(" \t\r\n")
        if keyword == "global":
            self._lazy += 1
            body = self.expand(body)
            self._lazy -= 1
        level = 0 if keyword == "global" else self._level
        self.table.define(name, Macro(body, options, level, self.doubt, self.line or 1))
        self.suspects.discard(name)
        return end

    def _undefine(self, text: str) -> None:
        for name in self.expand(text).split()[:1]:
            if self.doubt:
                macro = self.table.find(name)
                if macro is not None:
                    self.table.define(name, Macro(macro.body, macro.options, 0, self.doubt, self.line or 1))
            else:
                self.table.undefine(name)
