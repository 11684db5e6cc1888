"""Differences of what files hold: settings, symbols, protections, public names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.pond import good_case, rpm
from headrace.evidence.checks import CHECKS
from headrace.evidence.compare import compare
from headrace.evidence.differences.lines import changed_lines
from headrace.evidence.differences.model import Difference, Weight
from headrace.evidence.model import Elf, Result, Rpm, RpmFile

_LIBRARY = Elf("library", 62, "libpond.so.1", (), ("swim", "dive"), relro="full", canary=True)
_PROGRAM = Elf("program", 62, pie=True, relro="full", canary=True, fortified=True)


def _with(version: str, path: str, **more: object) -> Rpm:
    digest = str(hash(tuple(more.values())))
    file = replace(RpmFile(path, 0o100755, "root", "root", 1, digest), **more)  # type: ignore[arg-type]
    return replace(rpm(version), files=(file,))


def _differences(path: str, old: dict[str, object], new: dict[str, object]) -> list[Difference]:
    found = compare((_with("1.0", path, **old),), (_with("1.1", path, **new),))
    return [each for each in found if each.subject == path]


def test_a_symbol_that_goes_under_the_same_soname_is_a_concern() -> None:
    less = replace(_LIBRARY, exported=("dive", "float"))
    gone, come = _differences("/usr/lib64/libpond.so.1", {"elf": _LIBRARY}, {"elf": less})
    assert (gone.weight, gone.old) == (Weight.CONCERN, "swim")
    assert (come.weight, come.new) == (Weight.NOTE, "float")
    other = replace(less, soname="libpond.so.2")
    assert _differences("/usr/lib64/libpond.so.1", {"elf": _LIBRARY}, {"elf": other}) == []


@pytest.mark.parametrize(
    ("now", "weight"),
    [
        (replace(_PROGRAM, pie=False), Weight.CONCERN),
        (replace(_PROGRAM, relro="partial"), Weight.CONCERN),
        (replace(_PROGRAM, relro="none"), Weight.CONCERN),
        (replace(_PROGRAM, executable_stack=True), Weight.CONCERN),
        (replace(_PROGRAM, runpath="/tmp"), Weight.CONCERN),
        (replace(_PROGRAM, canary=False), Weight.NOTE),
        (replace(_PROGRAM, fortified=False), Weight.NOTE),
    ],
)
def test_lost_protections(now: Elf, weight: Weight) -> None:
    found = _differences("/usr/bin/pond", {"elf": _PROGRAM}, {"elf": now})
    assert [(each.kind, each.weight) for each in found] == [("hardening", weight)]
    assert _differences("/usr/bin/pond", {"elf": now}, {"elf": replace(_PROGRAM, runpath="")}) == []


def test_a_new_program_with_a_search_path_of_its_own_is_a_concern() -> None:
    old, new = rpm("1.0"), rpm("1.1")
    file = replace(new.files[0], path="/usr/bin/new", elf=replace(_PROGRAM, runpath="/build/lib"))
    found = compare((old,), (replace(new, files=(*new.files, file)),))
    assert [(each.kind, each.subject) for each in found if each.weight is Weight.CONCERN] == [
        ("hardening", "/usr/bin/new")
    ]


_SITE = "/usr/lib/python3.11/site-packages"


@pytest.mark.parametrize(
    ("path", "old", "new", "weight"),
    [
        (f"{_SITE}/pond/__init__.py", ("swim",), (), Weight.CONCERN),
        (f"{_SITE}/pond.py", ("swim",), (), Weight.CONCERN),
        (f"{_SITE}/pond/deep.py", ("__all__", "swim"), ("__all__",), Weight.CONCERN),
        (f"{_SITE}/pond/deep.py", ("swim",), (), Weight.NOTE),
        (f"{_SITE}/pond/deep.py", (), ("swim",), Weight.NOTE),
    ],
)
def test_public_names_of_python(path: str, old: tuple[str, ...], new: tuple[str, ...], weight: Weight) -> None:
    (found,) = _differences(path, {"names": old}, {"names": new})
    assert (found.kind, found.weight, found.old or found.new) == ("python name", weight, "swim")


def test_a_unit_that_says_something_else_is_a_concern() -> None:
    path = "/usr/lib/systemd/system/pond.service"
    old, new = "[Service]\nUser=pond\nExecStart=/usr/bin/pond\n", "[Service]\nUser=root\nExecStart=/usr/bin/pond\n"
    (found,) = _differences(path, {"text": old}, {"text": new})
    assert (found.weight, found.old, found.new) == (Weight.CONCERN, "User=pond", "User=root")
    assert _differences(path, {"text": old}, {"text": "# hello\n\n" + old}) == []


def test_a_lost_config_default_is_named() -> None:
    marks = {"flags": ("config", "noreplace")}
    old, new = {"text": "a = 1\nb = 2\n", **marks}, {"text": "a = 1\n# b = 2\n", **marks}
    (found,) = _differences("/etc/pond.conf", old, new)
    assert (found.kind, found.weight, found.old, found.new) == ("config default", Weight.CONCERN, "b = 2", "")
    assert "no longer sets b = 2" in str(found.remark)
    (quiet,) = _differences("/etc/pond.conf", old, {"text": "# b is two\na = 1\nb = 2\n", **marks})
    assert quiet.weight is Weight.NOTE


@given(st.lists(st.sampled_from(["a = 1", "b = 2", "# c", "", "d"]), max_size=8), st.randoms())
def test_order_and_comments_change_no_setting(lines: list[str], random: object) -> None:
    mixed = [*lines, "# more", "; words"]
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert changed_lines("\n".join(lines), "\n".join(mixed)) == ("", "")


@pytest.mark.parametrize(
    "name", ["difference-symbols", "difference-python", "difference-settings", "difference-configs", "hardening"]
)
def test_packages_of_which_only_the_header_was_read_are_not_judged(name: str) -> None:
    case = good_case()
    header = replace(rpm("1.1"), contents_read=False, unread=("it is compressed with riddles",))
    (found,) = CHECKS[name](replace(case, new_rpms=(header,)))
    assert found.result is Result.NOT_JUDGED
    assert "riddles" in str(found.remark)
    partly = replace(rpm("1.1"), unread=("/usr/bin/x is too large to be read",))
    results = [each.result for each in CHECKS[name](replace(case, new_rpms=(partly,)))]
    assert results == [Result.NOT_JUDGED, Result.PASS]


@pytest.mark.parametrize(
    ("old", "new", "result"),
    [
        ("Copyright (c) 2020 Ann\nDo as you like.\n", "Copyright (c) 2024 Bob\nDo as\nyou like.\n", Result.PASS),
        ("Copyright (c) 2020 Ann\nDo as you like.\n", "Copyright (c) 2020 Ann\nPay us.\n", Result.CONCERN),
        (None, None, Result.CONCERN),
    ],
)
def test_licence_texts(old: str | None, new: str | None, result: Result) -> None:
    def with_text(version: str, text: str | None) -> Rpm:
        package = rpm(version)
        return replace(
            package,
            files=tuple(
                replace(each, text=text, digest=version) if "license" in each.flags else each for each in package.files
            ),
        )

    case = replace(good_case(), old_rpms=(with_text("1.0", old),), new_rpms=(with_text("1.1", new),))
    assert CHECKS["licence"](case)[-1].result is result
