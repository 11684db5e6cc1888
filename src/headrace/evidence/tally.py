"""How many tests `%check` ran, as the test programs themselves say in the log. Pure; the log is foreign text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_STAGE = re.compile(r"^Executing\(%(\w+)\)", re.MULTILINE)
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Tally:
    """Numbers of tests; `known` is False when nothing in the log told them."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    known: bool = False

    def __add__(self, other: Tally) -> Tally:
        """Both together."""
        return Tally(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
            self.known or other.known,
        )


_NUMBER = r"(\d{1,7})"
_PYTEST = re.compile(
    rf"^=* ?((?:{_NUMBER} (?:passed|failed|skipped|xfailed|xpassed|errors?|deselected|warnings?)(?:, )?)+) in [\d.]+s"
)
_PYTEST_PART = re.compile(rf"{_NUMBER} (passed|failed|skipped|errors?)\b")
_UNITTEST_RAN = re.compile(rf"^Ran {_NUMBER} tests? in ")
_UNITTEST_END = re.compile(r"^(?:OK|FAILED)(?: \((.*)\))?$")
_UNITTEST_PART = re.compile(rf"(failures|errors|skipped)={_NUMBER}")
_CTEST = re.compile(rf"^\d+% tests passed, {_NUMBER} tests? failed out of {_NUMBER}")
_AUTOMAKE = re.compile(rf"^# (PASS|FAIL|ERROR|SKIP): +{_NUMBER}$")
_NODE = re.compile(rf"^(?:#|ℹ) (pass|fail|skipped) {_NUMBER}$")
_MOCHA = re.compile(rf"^{_NUMBER} (passing|failing|pending)\b")
_JEST = re.compile(rf"^Tests: +(?:{_NUMBER} failed, )?(?:{_NUMBER} skipped, )?(?:{_NUMBER} passed, )?{_NUMBER} total")
_CARGO = re.compile(rf"^test result: \w+\. {_NUMBER} passed; {_NUMBER} failed; {_NUMBER} ignored")
_MESON = re.compile(rf"^(Ok|Fail|Skipped|Timeout): +{_NUMBER}$")
_GO_TEST = re.compile(r"^--- (PASS|FAIL|SKIP): ")


def count_tests(log: str) -> Tally:
    """The tests of the `%check` part of a build log, all summaries together."""
    stages = list(_STAGE.finditer(log))
    total = Tally()
    for number, stage in enumerate(stages):
        if stage[1] == "check":
            end = stages[number + 1].start() if number + 1 < len(stages) else len(log)
            total += _count(log[stage.start() : end])
    return total


def _count(log: str) -> Tally:
    total, ran = Tally(), 0
    for line in (each[:_LONGEST].strip() for each in log.splitlines()):
        if found := _UNITTEST_RAN.match(line):
            ran = int(found[1])
        elif ran and (found := _UNITTEST_END.match(line)):
            total += _unittest(ran, found[1] or "")
            ran = 0
        else:
            for read in _READERS:
                if (counts := read(line)) is not None:
                    total += counts
                    break
    return total


def _unittest(ran: int, parts: str) -> Tally:
    told = {name: int(number) for name, number in _UNITTEST_PART.findall(parts)}
    failed, skipped = told.get("failures", 0) + told.get("errors", 0), told.get("skipped", 0)
    return Tally(max(0, ran - failed - skipped), failed, skipped, known=True)


_WORDS = {
    "passed": "passed", "failed": "failed", "skipped": "skipped", "error": "failed", "errors": "failed", "PASS": "passed",
    "FAIL": "failed", "ERROR": "failed", "SKIP": "skipped", "pass": "passed", "fail": "failed", "passing": "passed",
    "failing": "failed", "pending": "skipped", "Ok": "passed", "Fail": "failed", "Skipped": "skipped", "Timeout": "failed",
}  # fmt: skip


def _of(word: str, number: int) -> Tally:
    match _WORDS[word]:
        case "passed":
            return Tally(passed=number, known=True)
        case "failed":
            return Tally(failed=number, known=True)
        case _:
            return Tally(skipped=number, known=True)


def _pytest(line: str) -> Tally | None:
    if not (found := _PYTEST.match(line.strip("= ") if line.startswith("=") else line)):
        return None
    total = Tally()
    for number, word in _PYTEST_PART.findall(found[1]):
        total += _of(word, int(number))
    return total


def _word_first(pattern: re.Pattern[str]) -> Callable[[str], Tally | None]:
    def read(line: str) -> Tally | None:
        found = pattern.match(line)
        return _of(found[1], int(found[2])) if found else None

    return read


def _mocha(line: str) -> Tally | None:
    found = _MOCHA.match(line)
    return _of(found[2], int(found[1])) if found else None


def _ctest(line: str) -> Tally | None:
    found = _CTEST.match(line)
    if not found:
        return None
    failed, total = int(found[1]), int(found[2])
    return Tally(max(0, total - failed), failed, known=True)


def _jest(line: str) -> Tally | None:
    found = _JEST.match(line)
    if not found:
        return None
    failed, skipped, passed, _ = (int(each or 0) for each in found.groups())
    return Tally(passed, failed, skipped, known=True)


def _cargo(line: str) -> Tally | None:
    found = _CARGO.match(line)
    return Tally(int(found[1]), int(found[2]), int(found[3]), known=True) if found else None


def _go(line: str) -> Tally | None:
    found = _GO_TEST.match(line)
    return _of(found[1], 1) if found else None


_READERS: tuple[Callable[[str], Tally | None], ...] = (
    _pytest, _word_first(_AUTOMAKE), _word_first(_NODE), _word_first(_MESON), _mocha, _ctest, _jest, _cargo, _go,
)  # fmt: skip
