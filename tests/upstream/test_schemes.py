"""Ways of numbering: what each orders how, the laws of an order for every one, and Python's own library as an oracle."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import InvalidVersion, Version

from headrace.upstream.schemes import (
    SCHEMES,
    Calendar,
    DateTag,
    Decimal,
    Dotted,
    General,
    Letters,
    Maven,
    PatchLevels,
    Pep440,
    SemVer,
)
from headrace.upstream.versions import Scheme

TAGS = st.one_of(
    st.text(alphabet="0123.-_~+abprcvzGA", max_size=14),
    st.from_regex(
        r"v?[0-9]{1,4}([._-][0-9]{1,3}){0,3}([-.~]?(a|b|rc|alpha|beta|dev|post|p|M|GA|SNAPSHOT)[.-]?[0-9]{0,2})?",
        fullmatch=True,
    ),
    st.from_regex(r"(19|20)[0-9]{2}[-._]?[01][0-9][-._]?[0-3][0-9][a-z]?", fullmatch=True),
    st.from_regex(r"[0-3][0-9][-._][0-3][0-9][-._](20)?[0-9]{2}", fullmatch=True),
)


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: f"{scheme.name}-{getattr(scheme, 'order', '')}")
class TestEveryScheme:
    @given(data=st.data())
    def test_its_keys_are_one_order(self, scheme: Scheme, data: st.DataObject) -> None:
        keys: list[Any] = [
            key for tag in data.draw(st.lists(TAGS, max_size=12)) if (key := scheme.parse(tag)) is not None
        ]
        ordered = sorted(keys)
        assert all(not later < earlier for earlier, later in pairwise(ordered))
        for a in keys:
            for b in keys:
                assert (a < b) + (a == b) + (a > b) == 1

    @given(tag=st.text(max_size=40))
    def test_attack_any_text_is_read_or_declined(self, scheme: Scheme, tag: str) -> None:
        scheme.parse(tag)
        assert scheme.is_prerelease(tag) in (True, False)

    def test_attack_ten_thousand_characters(
        self,
        scheme: Scheme,
    ) -> None:
        for tag in (
            "1." * 5_000,
            "a" * 10_000,
            "1-" * 5_000,
            "1" * 10_000,
            "1.0-" + "0" * 9_999 + "x",
            "1+" * 5_000,
            "1a" * 5_000,
        ):
            scheme.parse(tag)
            scheme.is_prerelease(tag)


ASCENDING = [
    (SemVer(), "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.0.1 2.0.0"),
    (Pep440(), "1.0.dev1 1.0a1.dev1 1.0a1 1.0b2 1.0rc1 1.0 1.0+local.1 1.0.post1.dev2 1.0.post1 1.1 1!0.1"),
    (Maven(), "1.0-alpha-1 1.0-beta-1 1.0-M1 1.0-rc1 1.0-SNAPSHOT 1.0 1.0-sp 1.0-xyz 1.0-1 1.0.1 1.1"),
    (Calendar(), "2019.4 2019.10 2020.1~rc1 2020.1 2020.07.17"),
    (Letters(), "1.1.0l 1.1.1 1.1.1a 1.1.1w 1.1.1z 1.1.1za 1.1.2"),
    (Letters(), "2019c 2020a 2020b"),
    (PatchLevels(), "6.9.10-86 6.9.11-0 6.9.11-9 6.9.11-24 7.0.1-0"),
    (Decimal(), "0.42 0.4231 0.5 1.30 1.302175 1.31 2"),
    (DateTag("mdy"), "R12_13_19 R01_10_20 R07_17_20"),
    (DateTag("dmy"), "31.12.2019 01.02.2020 02.02.2020"),
    (DateTag("ymd"), "2019-12-31 2020-01-02 20.2.2"),
    (DateTag("compact"), "s20190709 20200101 20200101a 20200101.1"),
    (Dotted(), "1.0~rc1 1.0 1.0.1 1.2 1_10"),
    (General(), "1.0alpha 1.0rc 1.0 1.0patch1 1.0a 1.0.1"),
]  # fmt: skip


@pytest.mark.parametrize(("scheme", "tags"), ASCENDING, ids=lambda value: getattr(value, "name", None))
def test_ascending(scheme: Scheme, tags: str) -> None:
    keys: list[Any] = [scheme.parse(tag) for tag in tags.split()]
    assert None not in keys
    for earlier, later in pairwise(keys):
        assert earlier < later


@pytest.mark.parametrize(
    ("scheme", "tag"),
    [
        (SemVer(), "1.0"), (SemVer(), "01.0.0"), (Pep440(), "1.0-foo"), (Maven(), "1.0/2"), (Calendar(), "1.2.3"),
        (Letters(), "1.0-foo"), (Decimal(), "1.2.3"), (DateTag("mdy"), "13_13_20"), (DateTag("compact"), "20201301"),
        (DateTag("ymd"), "2020-02-30"), (Dotted(), "1.0-foo"), (General(), "..."),
    ],
)  # fmt: skip
def test_what_does_not_follow_a_scheme_is_declined(scheme: Scheme, tag: str) -> None:
    assert scheme.parse(tag) is None


@pytest.mark.parametrize(
    ("scheme", "early", "stable"),
    [
        (SemVer(), "1.0.0-x", "1.0.0+build"), (Pep440(), "1.0rc1", "1.0.post1"), (Pep440(), "1.0.dev1", "1.0"),
        (Maven(), "1.0-SNAPSHOT", "1.0.Final"), (Decimal(), "1.28_001", "1.28"), (Dotted(), "1.0-beta", "1.0"),
        (DateTag("compact"), "20200101-rc1", "20200101"),
    ],
)  # fmt: skip
def test_prereleases(scheme: Scheme, early: str, stable: str) -> None:
    assert scheme.is_prerelease(early)
    assert not scheme.is_prerelease(stable)


PEP440 = st.from_regex(
    r"(1!)?[0-3](\.[0-3]){0,2}((a|b|rc)[0-2])?(\.post[0-2])?(\.dev[0-2])?(\+[a1](\.[b2])?)?", fullmatch=True
)


@given(PEP440, PEP440)
def test_pythons_library_agrees(a: str, b: str) -> None:
    left, right = Version(a), Version(b)
    mine: Any = Pep440().parse(a)
    other: Any = Pep440().parse(b)
    assert (mine < other, mine == other) == (left < right, left == right)
    assert Pep440().is_prerelease(a) == left.is_prerelease


@given(st.text(alphabet="0123456789.abrcdevpost!+-_v", max_size=12))
def test_pythons_library_reads_what_we_read(text: str) -> None:
    try:
        Version(text)
    except InvalidVersion:
        return
    assert Pep440().parse(text) is not None
