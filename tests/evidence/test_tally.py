"""Counting tests in logs of many kinds of test programs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.evidence.tally import Tally, count_tests


def _log(*lines: str) -> str:
    return "\n".join(
        (
            "Executing(%build): /bin/sh",
            "99 passed in 1.0s",
            "Executing(%check): /bin/sh",
            *lines,
            "Executing(%clean): /bin/sh",
        )
    )


@pytest.mark.parametrize(
    ("lines", "counts"),
    [
        (["===== 78 passed, 2 skipped, 1 warning in 0.52s ====="], (78, 0, 2)),
        (["3 failed, 10 passed, 1 error in 12.02s"], (10, 4, 0)),
        (["Ran 12 tests in 0.001s", "", "OK"], (12, 0, 0)),
        (["Ran 12 tests in 0.001s", "", "FAILED (failures=2, errors=1, skipped=3)"], (6, 3, 3)),
        (["Ran 1 test in 0.001s", "", "OK (skipped=1)"], (0, 0, 1)),
        (["95% tests passed, 2 tests failed out of 40"], (38, 2, 0)),
        (["# TOTAL: 7", "# PASS:  5", "# SKIP:  1", "# FAIL:  1", "# ERROR: 0"], (5, 1, 1)),
        (["# tests 4", "# pass 3", "# fail 1"], (3, 1, 0)),
        (["ℹ pass 9", "ℹ fail 0"], (9, 0, 0)),
        (["  12 passing (34ms)", "  1 pending"], (12, 0, 1)),
        (["Tests:       1 failed, 2 skipped, 30 passed, 33 total"], (30, 1, 2)),
        (["test result: ok. 15 passed; 0 failed; 2 ignored; 0 measured"], (15, 0, 2)),
        (["Ok:                 21", "Fail:               1", "Skipped:            3"], (21, 1, 3)),
        (["--- PASS: TestA (0.00s)", "--- FAIL: TestB (0.00s)"], (1, 1, 0)),
        (["2 passed in 0.1s", "Ran 3 tests in 0.1s", "OK"], (5, 0, 0)),
    ],
)
def test_summaries(lines: list[str], counts: tuple[int, int, int]) -> None:
    assert count_tests(_log(*lines)) == Tally(*counts, known=True)


def test_what_is_not_said_is_not_known_and_other_stages_do_not_count() -> None:
    assert count_tests(_log("all good")) == Tally()
    assert count_tests("") == Tally()


@given(st.text(max_size=1000))
def test_attack_any_log_is_read(log: str) -> None:
    counts = count_tests(_log(log))
    assert min(counts.passed, counts.failed, counts.skipped) >= 0
