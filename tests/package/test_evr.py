"""rpm's order: rpm's own facts, the laws of an order, and the installed rpm as the oracle."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.package.evr import Evr, compare_versions, version_key
from headrace.package.model import PackageError

FACTS = Path(__file__).parents[1] / "data" / "orders" / "rpm.txt"
RELATION = {"<": -1, "=": 0, ">": 1}
VERSIONS = st.text(alphabet="0123.~^+_-aAbzZ é", max_size=9)


def facts() -> list[tuple[str, str, int]]:
    rows = [line.split() for line in FACTS.read_text("utf-8").splitlines() if not line.startswith("#")]
    return [(left, right, RELATION[relation]) for left, relation, right in rows]


def test_all_of_rpms_own_facts_are_there() -> None:
    assert len(facts()) == 91


@pytest.mark.parametrize(("left", "right", "expected"), facts())
def test_rpms_own_facts(left: str, right: str, expected: int) -> None:
    assert compare_versions(left, right) == expected
    assert compare_versions(right, left) == -expected


@given(VERSIONS, VERSIONS)
def test_the_cached_key_gives_the_same_order(a: str, b: str) -> None:
    left, right = version_key(a), version_key(b)
    assert compare_versions(a, b) == (left > right) - (left < right)


@given(VERSIONS, VERSIONS, VERSIONS)
def test_the_order_is_antisymmetric_and_transitive(a: str, b: str, c: str) -> None:
    assert compare_versions(a, b) == -compare_versions(b, a)
    if compare_versions(a, b) <= 0 and compare_versions(b, c) <= 0:
        assert compare_versions(a, c) <= 0


@pytest.mark.skipif(shutil.which("rpm") is None, reason="the rpm command is not installed")
def test_the_installed_rpm_agrees_on_three_thousand_random_pairs() -> None:
    chance = random.Random(20201103)
    texts = ["".join(chance.choices("0123.~^+_aAbzZ", k=chance.randint(1, 9))) for _ in range(6000)]
    pairs = list(zip(texts[::2], texts[1::2], strict=True))
    calls = "".join(f'print(rpm.vercmp({json.dumps(a)},{json.dumps(b)}) .. "\\n") ' for a, b in pairs)
    said = subprocess.run(["rpm", "--eval", "%{lua:" + calls + "}"], capture_output=True, text=True, check=True)
    assert [compare_versions(a, b) for a, b in pairs] == [int(line) for line in said.stdout.split()]


def test_attack_a_number_of_ten_thousand_digits_is_compared() -> None:
    assert compare_versions("9" * 10_000, "1" + "0" * 10_000) == -1
    assert compare_versions("0" * 10_000 + "5", "5") == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.2-3", Evr(0, "1.2", "3")),
        ("2:1.2-3.fc40", Evr(2, "1.2", "3.fc40")),
        ("1.2", Evr(0, "1.2", "")),
        ("0:1", Evr(0, "1", "")),
    ],
)
def test_parse(text: str, expected: Evr) -> None:
    assert Evr.parse(text) == expected


@pytest.mark.parametrize("text", ["", "x:1-1", ":1-1", "-1", "٣:1-1", "9" * 40 + ":1-1"])
def test_what_is_no_evr_is_refused(text: str) -> None:
    with pytest.raises(PackageError):
        Evr.parse(text)


def test_the_epoch_decides_first_and_the_release_last() -> None:
    assert Evr.parse("1:0.1-1") > Evr.parse("9.9-9")
    assert Evr.parse("1.0~rc1-9") < Evr.parse("1.0-1") < Evr.parse("1.0-2")
    assert min(Evr(0, "1.10", "1"), Evr(0, "1.9", "1")).version == "1.9"


def test_equal_versions_are_one_key_of_a_set() -> None:
    assert len({Evr(0, "1.0", "1"), Evr(0, "1.00", "1")}) == 1
    assert Evr(0, "1.0", "1") != "1.0-1"


@given(
    st.integers(0, 9),
    st.from_regex(r"[0-9][0-9a-z.~^]{0,8}", fullmatch=True),
    st.from_regex(r"[0-9a-z.]{1,6}", fullmatch=True),
)
def test_text_and_back(epoch: int, version: str, release: str) -> None:
    evr = Evr(epoch, version, release)
    assert str(Evr.parse(str(evr))) == str(evr)
