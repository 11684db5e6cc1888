"""New lines of the spec that make a build unsafe, unreadable or foreign, and what became of the tests."""

from __future__ import annotations

import re
from collections.abc import Iterator

from headrace.evidence.checks import selftest as selftest_check
from headrace.evidence.checks import spec_hygiene as spec_check
from headrace.evidence.model import Finding, Result
from headrace.evidence.review.code import hidden_fault, length_fault
from headrace.evidence.review.inherited import NO_BUILD, case_of, placed
from headrace.evidence.review.lines import READ, Added, added_in, gone_spec_lines, new_spec_lines, spec_lines
from headrace.evidence.review.model import Submission
from headrace.evidence.review.saying import Voice
from headrace.package.spec.value import Unknown
from headrace.words import Message, Text

_SPEC = Voice(
    "spec-hygiene", Message("the lines that are new in the spec and in the scripts that it ships"),
    Message("a line that does without it, or a reason beside it"),
)  # fmt: skip
_TESTS = Voice("selftest", Message("%check in both specs; it was not run"), Message("a build that runs the tests"))

_SCRIPTLETS = frozenset(
    [
        "pre",
        "post",
        "preun",
        "postun",
        "pretrans",
        "posttrans",
        "preuntrans",
        "postuntrans",
        "verifyscript",
        "triggerin",
        "triggerun",
        "triggerpostun",
        "triggerprein",
        "filetriggerin",
        "filetriggerun",
        "filetriggerpostun",
        "transfiletriggerin",
        "transfiletriggerun",
        "transfiletriggerpostun",
    ]
)
_RUNS = frozenset({"prep", "conf", "build", "install", "check", "clean", "generate_buildrequires"})
_FETCH = re.compile(
    r"(?:^|[\s;|&(`])(?:curl|wget|aria2c|ncat|nc|ftp|scp|rsync\s+\S+::|git\s+(?:clone|fetch|pull|submodule\s+update)|svn\s+(?:co|checkout|export)"
    r"|hg\s+clone|go\s+(?:get|install|mod\s+download)|npm\s+(?:install|ci|i)(?!.*--offline)|yarn\s+(?:install|add)(?!.*--offline)|cargo\s+(?:fetch|install)(?!.*--offline)"
    r"|gem\s+install(?!.*--local)(?!.*\.gem)|(?:python[0-9.]*\s+-m\s+)?pip[0-9.]*\s+(?:install|download)(?!.*--no-index)(?!.*--no-deps)(?!.*\.whl))(?=\s|$)"
    r"|/dev/tcp/"
)
_DECODE = re.compile(
    r"\bbase64\s+(?:-d|-D|--decode)\b|\bopenssl\s+(?:enc|base64)\s[^|]{0,200}-d\b|\bxxd\s+-r\b|\buudecode\b"
    r"|(?<!\|)\|\s*(?:sudo\s+|env\s+)?(?:[\w/]{1,40}/)?(?:ba|da|z|k)?sh(?:\s|$)"
)
_EVAL = re.compile(r"(?:^|[\s;&|(])eval\s")
_EXEC = re.compile(
    r"(?:python[0-9.]*|perl|ruby|node|lua)\s+-[ceE]\s[^\n]{0,400}(?:exec|eval|system|b64decode|urlopen|socket|pack\s*\(|fromhex)"
)
_TEST_DATA = re.compile(
    r"(?:\btar\s+-{0,1}\w*x|unzip\b|gunzip\b|xz\s+-\w*d|unxz\b|cpio\s+-\w*i|7z\s+x)[^\n]{0,300}\b(?:tests?|testdata|fixtures|testing|corpus)[/_-]",
    re.IGNORECASE,
)
_FOREIGN = re.compile(
    r"%\{?\??!?(?:suse_version|sle_version|is_opensuse|fedora|rhel|centos|el\d|amzn|mageia|mdkversion|mgaversion|pld_release|with_rhel|photon|azl|mariner_\w+|oraclelinux)\b"
    r"|0%\{\?(?:suse_version|sle_version|is_opensuse|fedora|rhel|centos|amzn|mageia|mdkversion)\b"
)
_OFF = re.compile(r"(?:exit\s+0|:|true|/bin/true|echo\b.*|set\s+[+-]\w+|#.*|%if\s+0|%endif|%\{nil\}|)\s*")
_SWALLOWED = re.compile(
    r"\|\|\s*(?::|true|/bin/true|exit\s+0|echo\b)|\bmake\s+-[a-z]*[ki]\b.*\bcheck\b|--continue-on-error"
)


def spec_hygiene(change: Submission) -> tuple[Finding, ...]:
    """Beside what an upgrade's check tells: fetching and decoding anywhere, foreign conditionals, hidden text, conventions."""
    found = [
        placed(each, change.spec_name)
        for each in spec_check.check(case_of(change))
        if each.result not in {Result.PASS, Result.NOT_APPLICABLE}
    ]
    told = {each.where for each in found}
    for line in new_spec_lines(change):
        fault = _fault(line)
        if fault is not None and line.where not in told:
            found.append(_SPEC.concern(fault, line.where, (line.short[:200],)))
    found += _shipped_scripts(change)
    found += _conventions(change)
    if found:
        return tuple(found[:60])
    return (_SPEC.good(Message("no new line is unsafe, hidden or foreign"), change.spec_name),)


def _fault(line: Added) -> Text | None:
    hidden = hidden_fault(line) or length_fault(line)
    if hidden is not None:
        return hidden
    text = line.short
    if line.section == "changelog" or text.startswith("#"):
        return None
    if line.section in _RUNS or line.section in _SCRIPTLETS or not line.section:
        running = script_fault(text) if line.section or text.startswith("%") else None
        if running is not None:
            return running
    if re.match(r"%(?:el)?if", text) and _FOREIGN.search(text):
        return Message("a conditional for another distribution")
    return None


def script_fault(text: str) -> Text | None:
    """What a line of shell does that a build or an installation must not."""
    text = text[:READ]
    if text.startswith("#"):
        return None
    if _DECODE.search(text):
        return Message("the line decodes data or pipes them into a shell")
    if _FETCH.search(text):
        return Message("the line fetches from the network: what comes is neither pinned nor reviewed")
    if _EXEC.search(text):
        return Message("the line runs a program that is written on the command line and decodes or reaches out")
    if _EVAL.search(text):
        return Message("the line runs text as a program: eval")
    if _TEST_DATA.search(text):
        return Message("the build unpacks test data")
    return None


def _shipped_scripts(change: Submission) -> Iterator[Finding]:
    """Scripts that are sources of the package run in the build or on every machine."""
    names = {each.filename.value for each in change.new_facts.sources if not isinstance(each.filename, Unknown)}
    for path in change.changed:
        content = change.new.files.get(path, b"")
        if path in names and (path.endswith((".sh", ".bash")) or content.startswith(b"#!")):
            for line in added_in(change, path):
                fault = script_fault(line.short)
                if fault is not None:
                    yield _SPEC.concern(fault, line.where, (line.short[:200],))


def _conventions(change: Submission) -> Iterator[Finding]:
    sections = change.new_facts.sections
    if change.has_old and "description" not in sections and "description" in change.old_facts.sections:
        yield _SPEC.concern(Message("the package lost its %description"), change.spec_name)
    old, new = _release(change.old_spec), _release(change.new.spec)
    if old and new and ("%{?dist}" in old or "%{dist}" in old) and "dist}" not in new and "auto" not in new:
        yield _SPEC.concern(
            Message("the release lost its distribution suffix: {old} -> {new}", old=old, new=new), change.spec_name
        )


def _release(spec: bytes) -> str:
    found = re.search(rb"(?im)^release[ \t]*:[ \t]*([^\r\n]{1,200})", spec)
    return found.group(1).decode("utf-8", "replace").strip() if found else ""


def selftest(change: Submission) -> tuple[Finding, ...]:
    """Removed, emptied, switched off or made deaf: each a concern; whether tests pass needs a build."""
    found = list(_disabled(change))
    said = [placed(each, change.spec_name) for each in selftest_check.check(case_of(change))]
    heavy = [each for each in said if each.result in {Result.CONCERN, Result.BLOCKER}]
    if found or heavy:
        return (*found, *heavy)
    return tuple(said) or (_TESTS.unknown(NO_BUILD),)


def _disabled(change: Submission) -> Iterator[Finding]:
    before, after = _body(change.old_spec), _body(change.new.spec)
    if before and change.new_facts.has_check and not after:
        yield _TESTS.concern(Message("%check no longer runs anything"), change.spec_name)
    for line in new_spec_lines(change):
        text = line.short
        if line.section == "check" and not text.startswith("#"):
            if re.fullmatch(r"exit\s+0", text):
                yield _TESTS.concern(Message("%check ends before its tests"), line.where)
            elif _SWALLOWED.search(text):
                yield _TESTS.concern(Message("a failing test no longer ends the build"), line.where, (text[:200],))
        if re.fullmatch(r"%bcond(?:_with\s+(?:check|tests?|test_suite)|\s+(?:check|tests?)\s+0)", text):
            yield _TESTS.concern(Message("the tests are switched off by a build condition"), line.where)
        if re.match(r"%if\s+0\s*$", text) and line.section in {"check", "install"}:
            yield _TESTS.concern(Message("a part is switched off with %if 0"), line.where)
    yield from _commented(change)


def _commented(change: Submission) -> Iterator[Finding]:
    lost = {line.short for line in gone_spec_lines(change) if line.section == "check"}
    for line in new_spec_lines(change):
        if (
            line.section == "check"
            and line.short.startswith("#")
            and line.short.lstrip("#% ") in {each.lstrip("% ") for each in lost if each.lstrip("% ")}
        ):
            yield _TESTS.concern(Message("a command of %check is commented out"), line.where)


def _body(spec: bytes) -> list[str]:
    return [
        line.short
        for line in spec_lines(spec, "")
        if line.section == "check" and not line.text.startswith("%check") and not _OFF.fullmatch(line.short)
    ]
