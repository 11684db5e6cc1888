"""Causes that build systems and test programs tell."""

from __future__ import annotations

from headrace.evidence.causes.model import kind
from headrace.words import Message

KINDS = (
    kind(
        "missing CMake package",
        r"Could not find a package configuration file provided by ['\"](?P<subject>\w+)",
        Message("CMake does not find {subject}"),
    ),
    kind(
        "missing CMake package", r"Could NOT find (?P<subject>\w+) \(missing:", Message("CMake does not find {subject}")
    ),
    kind(
        "CMake version",
        r"CMake (?P<subject>[\d.]+) or higher is required",
        Message("the project wants CMake {subject}"),
    ),
    kind(
        "CMake compatibility",
        r"Compatibility with CMake < (?P<subject>[\d.]+) has been removed",
        Message("CMakeLists.txt is too old for this CMake"),
    ),
    kind("CMake error", r"^CMake Error at (?P<subject>[^:\s]+:\d+)", Message("CMake stops at {subject}"), 1),
    kind(
        "missing pkg-config module",
        r"(?:No package|Package) '?(?P<subject>[\w.+-]+)'?,? (?:found|required by .*,? not found|was not found)",
        Message("pkg-config does not find {subject}"),
    ),
    kind(
        "missing pkg-config module",
        r"Package requirements \((?P<subject>[^)]+)\) were not met",
        Message("pkg-config does not find {subject}"),
    ),
    kind(
        "missing Meson dependency",
        r"^\S*meson\.build:\d+:\d+: ERROR: Dependency ['\"](?P<subject>[^'\"]+)",
        Message("Meson does not find {subject}"),
    ),
    kind(
        "missing Meson program",
        r"ERROR: Program ['\"](?P<subject>[^'\"]+)['\"] not found",
        Message("Meson does not find the program {subject}"),
    ),
    kind(
        "Meson option",
        r"ERROR: Unknown options?: ['\"](?P<subject>[^'\"]+)",
        Message("the project no longer has the option {subject}"),
    ),
    kind(
        "Meson version",
        r"ERROR: Meson version is [\d.]+ but project requires (?P<subject>[>=\d. ]+)",
        Message("the project wants Meson {subject}"),
    ),
    kind("Meson error", r"^\S*meson\.build:\d+:\d+: ERROR: (?P<subject>.*)", Message("Meson stops: {subject}"), 1),
    kind("configure check", r"^configure: error: (?P<subject>.*)", Message("configure stops: {subject}")),
    kind(
        "configure option",
        r"(?:configure: error: unrecognized option:|configure: WARNING:"
        r" unrecognized options:) [`'\"]?(?P<subject>[^'`\"\s]+)",
        Message("configure does not know the option {subject}"),
        1,
    ),
    kind(
        "missing autoconf macro",
        r"possibly undefined macro: (?P<subject>\w+)",
        Message("the autoconf macro {subject} is not there"),
    ),
    kind(
        "autotools version",
        r"(?:Autoconf|automake|libtool) version (?P<subject>[\d.]+) or"
        r" higher is required|WARNING: 'aclocal-(?P<tool>[\d.]+)' is missing",
        Message("the project wants other autotools"),
    ),
    kind(
        "missing make target",
        r"^make(?:\[\d+\])?: \*\*\* No rule to make target ['`](?P<subject>[^'`]+)",
        Message("there is no rule for {subject}"),
    ),
    kind(
        "missing makefile",
        r"^make(?:\[\d+\])?: \*\*\* No targets specified and no makefile found",
        Message("there is no makefile: was it configured?"),
    ),
    kind(
        "missing program",
        r"(?:^|: )(?:line \d+: )?(?P<subject>[\w./+-]+): command not found$",
        Message("the program {subject} is not installed"),
    ),
    kind(
        "missing program",
        r"(?:^|: )\d+: (?P<subject>[\w./+-]+): not found$",
        Message("the program {subject} is not installed"),
    ),
    kind(
        "missing program",
        r"^make(?:\[\d+\])?: (?P<subject>[\w.+-]+): No such file or directory$",
        Message("the program {subject} is not installed"),
    ),
    kind(
        "missing program",
        r"env: ['‘]?(?P<subject>[\w.+-]+)['’]?: No such file or directory",
        Message("the program {subject} is not installed"),
    ),
    kind("failing test", r"^FAILED (?P<subject>\S+)", Message("the test {subject} fails")),
    kind("failing test", r"^(?:FAIL|ERROR): (?P<subject>\w[\w. ()]*)", Message("the test {subject} fails")),
    kind("failing test", r"^--- FAIL: (?P<subject>\S+)", Message("the test {subject} fails")),
    kind("failing test", r"^not ok \d+ -? ?(?P<subject>.*)", Message("the test {subject} fails")),
    kind("failing test", r"^test (?P<subject>\S+) \.\.\. FAILED", Message("the test {subject} fails")),
    kind(
        "failing test",
        r"^\s*\d+ - (?P<subject>\S+) \((?:Failed|Timeout|SEGFAULT)\)",
        Message("the test {subject} fails"),
    ),
    kind(
        "tests not found", r"^(?:no tests ran|collected 0 items|No tests were found)", Message("no test was found"), 1
    ),
    kind(
        "assertion",
        r"^(?:E\s+)?AssertionError(?:: (?P<subject>.*))?$",
        Message("an assertion does not hold: {subject}"),
        1,
    ),
    kind("make failed", r"^make(?:\[\d+\])?: \*\*\* \[(?P<subject>[^\]]+)\]", Message("make stops at {subject}"), 2),
    kind("ninja failed", r"^ninja: build stopped", Message("ninja stops"), 2),
    kind(
        "shell error",
        r"(?:syntax error near unexpected token|Syntax error:) (?P<subject>.*)",
        Message("the shell cannot read a line: {subject}"),
        1,
    ),
    kind(
        "missing input",
        r"^(?:cp|install|mv|cat|sed|chmod|ln|rm)(?:: cannot \w+|: can't read|:"
        r" cannot stat)?:? ['‘]?(?P<subject>[^'’:]+)['’]?: No such file or directory",
        Message("the file {subject} is not there"),
    ),
)
