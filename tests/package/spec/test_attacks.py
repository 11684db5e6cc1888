"""A stranger's spec: it never runs, hangs, crashes or grows; what it hides is not known, with the reason."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.package.spec.bump import ChangelogEntry, SpecError, bump
from headrace.package.spec.expand import MOST_STEPS, MOST_TEXT
from headrace.package.spec.facts import read
from headrace.package.spec.value import Known, Unknown

HEAD = b"Name: lamp\nVersion: 1.0\nRelease: 1\nSource0: lamp-%{version}.tar.gz\n"


def fans(width: int, depth: int) -> bytes:
    rows = [f"%define m{at} {f'%m{at + 1} ' * width}" for at in range(depth)]
    return "\n".join([*rows, f"%define m{depth} x", ""]).encode()


BOMBS = {
    "fan": fans(10, 40) + HEAD + b"Summary: %m0\n",
    "itself": b"%define a %{a}%{a}\n" + HEAD + b"Summary: %a\n",
    "each other": b"%define a %{b}\n%define b %{a}\n" + HEAD + b"Summary: %a\n",
    "doubling": b"%global a xxxxxxxxxxxxxxxx\n" + b"%global a %{a}%{a}\n" * 64 + HEAD + b"Summary: %a\n",
    "parametric": b"%define f() %{f %*}%{f %*}\n" + HEAD + b"Summary: %{f a}\n",
    "expand": b"%define e %{expand:%{expand:%{e}}}\n" + HEAD + b"Summary: %e\n",
    "nested braces": HEAD + b"Summary: " + b"%{?a:" * 5000 + b"}" * 5000 + b"\n",
    "unclosed": HEAD + b"Summary: " + b"%{" * 20000 + b"\n",
    "conditionals": b"%if 1\n" * 20000 + HEAD,
    "expression": HEAD + b"%if " + b"(" * 20000 + b"1\nSummary: x\n%endif\n",
    "not": HEAD + b"%if " + b"!" * 20000 + b"1\nSummary: x\n%endif\n",
    "minus": HEAD + b"Summary: %[" + b"- " * 20000 + b"1]\n",
    "ternary": HEAD + b"Summary: %[" + b"1?" * 2000 + b"1" + b":1" * 2000 + b"]\n",
    "big number": HEAD + b"Summary: %[" + b"9" * 5000 + b"*9]\nEpoch: " + b"9" * 5000 + b"\n",
    "options": b"%define o(abc:) %{-a} %{-c*}\n" + HEAD + b"Summary: %{o " + b"-a -c x " * 5000 + b"}\n",
    "definitions": b"".join(b"%%global n%d x\n" % at for at in range(20000)) + HEAD,
    "lines": HEAD + b"%description\n" + b"a\n" * 200000,
    "continued": HEAD + b"%define x a \\\n" * 20000,
    "include itself": HEAD + b"%include lamp.inc\n" * 100,
    "dependencies": HEAD + b"Requires: " + b"(a and " * 20000 + b"\n",
    "patches": HEAD + b"".join(b"Patch%d: p\n" % at for at in range(3000)) + b"%prep\n" + b"%autopatch\n" * 3000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_attack_bombs_end(name: str) -> None:
    facts = read(BOMBS[name], files={"lamp.inc": b"%include lamp.inc\n" * 100})
    assert facts.name == Known("lamp") or name == "conditionals"
    if name in ("fan", "itself", "each other", "doubling", "parametric", "expand", "unclosed"):
        assert isinstance(facts.summary, Unknown)


def test_attack_output_is_bounded() -> None:
    facts = read(b"%global a " + b"x" * 100_000 + b"\n" + b"%global a %{a}%{a}%{a}\n" * 20 + HEAD + b"Summary: %{a}\n")
    assert isinstance(facts.summary, Unknown)
    assert MOST_STEPS <= 100_000
    assert MOST_TEXT <= 10_000_000


COMMANDS = [
    "%(touch {path})",
    "%{lua:io.open('{path}','w')}",
    "%(echo `touch {path}`)",
    "%{?a:%(touch {path})}%(touch {path})",
]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("place", ["Version: {}", "%global x {}\nVersion: %{{x}}", "# {}\nVersion: {}"])
def test_attack_commands_do_not_run(command: str, place: str, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    text = command.replace("{path}", str(mark))
    data = f"Name: lamp\n{place.replace('{{', '{').replace('}}', '}').replace('{}', text)}\nRelease: 1\n".encode()
    facts = read(data)
    assert isinstance(facts.version, Unknown)
    assert str(facts.version.reason)
    assert isinstance(facts.evr, Unknown)
    with pytest.raises(SpecError):
        bump(data, "2.0")
    assert not mark.exists()


def test_what_lua_may_define_is_not_known() -> None:
    facts = read(b"%{lua:rpm.define('a 1')}\nName: lamp\nVersion: 1%{?a}\nRelease: 1%{?other}\nEpoch: 2\n")
    assert isinstance(facts.version, Unknown)
    assert isinstance(facts.release, Unknown)
    assert facts.epoch == Known(2)
    assert facts.doubts


def test_a_missing_include_is_a_doubt_and_a_given_one_is_read() -> None:
    data = b"Name: lamp\n%include more.inc\nVersion: 1\n"
    assert any("more.inc" in str(doubt) for doubt in read(data).doubts)
    facts = read(data, files={"more.inc": b"Release: 7\nSource3: x.txt\n"})
    assert facts.release == Known("7")
    assert [source.number for source in facts.sources] == [3]
    assert not facts.doubts


WORDS = (
    '%{ %( %[ } ) ] %% %{? %{!? : %define %global %undefine a b %a %{a} %{b} %1 %* %# %{-a} %{-a*} ( n:x \\ " v" 1 2 + - * / == '
    "!= < >= && || ! ? # %if %else %elif %endif %ifarch x86_64 %include %{load: %{expand: %{lua: %{S:0} %package -n %files "
    "%prep %patch1 -P -p1 %autosetup %changelog * - Name: Version: Release: Source0: Patch1: Requires: %bcond_with %{with "
    "%{quote: %{gsub %{sub %{basename: / %{dirname: . Mon Jan 01 2024 <a@b> %dnl \x1f \ud7ff \ue000 %sourcelist %autorelease "
    "%{name} %{version}"
)
PIECES = st.sampled_from([*WORDS.split(), "\n", "\n", " ", "\t", "\r\n", "\x00"])
SPECS = st.lists(PIECES, max_size=60).map(lambda parts: "".join(parts).encode())


@settings(max_examples=400, deadline=None)
@given(SPECS, st.booleans())
def test_fuzzed_specs_are_read_and_edited_without_a_crash(text: bytes, headed: bool) -> None:
    data = (HEAD if headed else b"") + text
    facts = read(data)
    for source in (*facts.sources, *facts.patches):
        assert isinstance(source.value, Known | Unknown)
    entry = ChangelogEntry("Ada Lin <ada@example.org>", dt.date(2024, 3, 5), ("Upgrade",))
    try:
        bumped = bump(data, "2.0", entry=entry).data
    except SpecError:
        return
    assert read(bumped).version == Known("2.0")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_fuzzed_bytes_are_read(data: bytes) -> None:
    assert read(data) == read(data)
