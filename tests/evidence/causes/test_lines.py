"""Kinds whose tools are not at hand everywhere, by lines as those tools print them; and logs that attack."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.evidence.causes.search import KINDS, explain


@pytest.mark.parametrize(
    ("line", "kind", "subject"),
    [
        ("\tzlib-devel >= 1.2 is needed by broken-1-1.x86_64", "missing build requirement", "zlib-devel >= 1.2"),
        (
            "ERROR   0001: file '/usr/bin/x' contains a standard runpath '/usr/lib64' in [/usr/lib64]",
            "rpath",
            "/usr/bin/x",
        ),
        (
            "*** ERROR: ambiguous python shebang in /usr/bin/x: #!/usr/bin/python. Change it",
            "ambiguous interpreter",
            "/usr/bin/x",
        ),
        ("error: Arch dependent binaries in noarch package", "architecture in noarch", ""),
        (
            "Found '/build/BUILDROOT/x-1-1' in installed files; aborting",
            "build path in package",
            "/build/BUILDROOT/x-1-1",
        ),
        (
            'meson.build:3:0: ERROR: Dependency "glib-2.0" not found, tried pkgconfig',
            "missing Meson dependency",
            "glib-2.0",
        ),
        ("meson.build:9:2: ERROR: Program 'flex' not found or not executable", "missing Meson program", "flex"),
        ('ERROR: Unknown options: "x11"', "Meson option", "x11"),
        ("meson.build:1:0: ERROR: Meson version is 0.61 but project requires >= 1.1", "Meson version", ">= 1.1"),
        (
            "main.go:4:2: no required module provides package example.org/x; to add it:",
            "missing Go module",
            "example.org/x",
        ),
        ("go: go.mod requires go >= 1.23 (running go 1.21)", "Go version", "1.23"),
        ("error: no matching package named `serde` found", "missing crate", "serde"),
        ("error[E0432]: unresolved import `x`", "Rust error", "E0432"),
        ("error: package com.example.x does not exist", "Java symbol", "com.example.x"),
        ("<internal>: cannot load such file -- rake (LoadError)", "missing Ruby gem", "rake"),
        ("CMake Error at CMakeLists.txt:1 (cmake_minimum_required):", "CMake error", "CMakeLists.txt:1"),
        ("  CMake 3.28 or higher is required.  You are running version 3.25", "CMake version", "3.28"),
        ("  Compatibility with CMake < 3.5 has been removed from CMake.", "CMake compatibility", "3.5"),
        ("-- Could NOT find OpenSSL (missing: OPENSSL_CRYPTO_LIBRARY)", "missing CMake package", "OpenSSL"),
        (
            "configure.ac:7: error: possibly undefined macro: AC_PROG_LIBTOOL",
            "missing autoconf macro",
            "AC_PROG_LIBTOOL",
        ),
        (
            "configure: error: Package requirements (glib-2.0 >= 2.70) were not met",
            "missing pkg-config module",
            "glib-2.0 >= 2.70",
        ),
        ("ERROR: No matching distribution found for hatchling", "missing Python distribution", "hatchling"),
        ("ERROR Backend 'hatchling.build' is not available: BackendUnavailable", "Python build backend", ""),
        ("ERROR: Package 'x' requires a different Python: 3.9.1 not in '>=3.11'", "Python version", "3.9.1"),
        ("LookupError: setuptools-scm was unable to detect version for /build", "version from git", ""),
        ('npm error Missing script: "build"', "node script", "build"),
        ("npm error code EAI_AGAIN", "network needed", ""),
        ("FAILED tests/test_x.py::test_y - assert 1 == 2", "failing test", "tests/test_x.py::test_y"),
        ("--- FAIL: TestSwim (0.00s)", "failing test", "TestSwim"),
        ("not ok 3 - swims far", "failing test", "swims far"),
        ("test water::deep ... FAILED", "failing test", "water::deep"),
        ("gcc: internal compiler error: Segmentation fault", "compiler crash", ""),
        ("cc1plus: out of memory: Cannot allocate memory", "out of memory", ""),
        ("cp: error writing 'x': No space left on device", "disk full", ""),
        ("sh: fork: retry: Resource temporarily unavailable", "too many processes", ""),
        ("locale.Error: unsupported locale setting", "locale", ""),
        ("_tkinter.TclError: couldn't connect; cannot open display", "display", ""),
    ],
)
def test_lines_of_tools(line: str, kind: str, subject: str) -> None:
    cause = explain(f"Executing(%build): sh\n{line}\nerror: Bad exit status from /tmp/x (%build)\n").cause
    assert cause is not None
    assert cause.kind == kind
    assert subject in cause.subject


def test_there_are_many_kinds() -> None:
    assert len({kind.name for kind in KINDS}) >= 60


def test_what_names_the_culprit_goes_before_what_only_failed() -> None:
    log = "Executing(%build): sh\nmake: *** [Makefile:1: all] Error 1\nx.c:1:1: error: unknown type name 'sea_t'\n"
    cause = explain(log).cause
    assert cause is not None
    assert (cause.kind, cause.subject) == ("unknown type", "sea_t")


def test_earlier_stages_do_not_confuse() -> None:
    log = (
        "Executing(%prep): sh\nconfigure: error: just a test of configure\nExecuting(%build): sh\n"
        "a.c:1:1: fatal error: z.h: No such file or directory\nerror: Bad exit status from /tmp/x (%build)\n"
    )
    cause = explain(log).cause
    assert cause is not None
    assert cause.subject == "z.h"


def test_the_trace_of_the_shell_is_no_cause() -> None:
    assert explain("Executing(%build): sh\n+ echo 'fatal error: x.h: No such file or directory'\n").cause is None


def test_line_numbers_are_those_of_the_whole_log() -> None:
    cause = explain("words\n" * 60_000 + "a.c:1:1: fatal error: z.h: No such file or directory\n").cause
    assert cause is not None
    assert cause.number == 60_001


@given(st.text(max_size=2000))
def test_attack_any_log_is_read(log: str) -> None:
    found = explain(log)
    for cause in (found.cause, *found.also):
        if cause is not None:
            assert 1 <= cause.number <= len(log.splitlines())
            assert len(cause.line) <= 400


def test_attack_long_lines_and_many_lines() -> None:
    long = explain("error: " + "a" * 1_000_000 + "\n").cause
    assert long is not None
    assert len(long.line) <= 400
    assert explain("(" * 400 + "error\n" + ("x" * 399 + "\n") * 20_000).cause is None
    assert len(explain("".join(f"E{n}: command not found\n" for n in range(50_000))).also) <= 20
