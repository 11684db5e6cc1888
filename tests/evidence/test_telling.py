"""Which line of a log tells why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.evidence.telling import failing_stage, telling_line

_END = "error: Bad exit status from /tmp/rpm-tmp.aBc (%build)\n    Bad exit status from /tmp/rpm-tmp.aBc (%build)\n"


@pytest.mark.parametrize(
    ("log", "line"),
    [
        (
            "+ make\nmain.c:3:1: error: expected ';'\nmake: *** [all] Error 1\n" + _END,
            "main.c:3:1: error: expected ';'",
        ),
        (
            "ok\nModuleNotFoundError: No module named 'flit_core'\n" + _END,
            "ModuleNotFoundError: No module named 'flit_core'",
        ),
        (
            "Hunk #1 FAILED at 3.\n1 out of 1 hunk FAILED -- saving rejects\n" + _END,
            "1 out of 1 hunk FAILED -- saving rejects",
        ),
        (
            "RPM build errors:\n    File not found: /build/BUILDROOT/x/usr/bin/x\n",
            "File not found: /build/BUILDROOT/x/usr/bin/x",
        ),
        (
            "RPM build errors:\n    Installed (but unpackaged) file(s) found:\n   /usr/bin/extra\n",
            "Installed (but unpackaged) file(s) found: /usr/bin/extra",
        ),
        (
            "/tmp/rpm-tmp.x: line 30: cmake: command not found\n" + _END,
            "/tmp/rpm-tmp.x: line 30: cmake: command not found",
        ),
        (
            "running tests\nFAILED tests/test_x.py::test_y - assert 1 == 2\n" + _END,
            "FAILED tests/test_x.py::test_y - assert 1 == 2",
        ),
        ("curl: (6) Could not resolve host: example.org\n" + _END, "curl: (6) Could not resolve host: example.org"),
        ("just words\n" + _END, "just words"),
        ("", ""),
    ],
)
def test_the_telling_line(log: str, line: str) -> None:
    assert telling_line(log) == line


def test_the_stage_that_failed() -> None:
    assert failing_stage("x\n" + _END) == "%build"
    assert failing_stage("x\n") == ""


@given(st.text(max_size=2000))
def test_attack_any_text_gives_one_short_line(log: str) -> None:
    line = telling_line(log)
    assert len(line) <= 300
    assert "\n" not in line
