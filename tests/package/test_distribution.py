from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.package.distribution import Merge, MergeBy, Proof, parse_distribution
from headrace.package.model import PackageError
from headrace.upstream.model import Takes

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "distribution.toml"
SMALL = """
development = "master"
[branches.lts]
takes = "patches"
frozen = true
[distribution]
name = "small"
author = "A <a@x.example>"
[maintainers.li]
name = "李娜"
email = "li@x.example"
[sigs.base]
maintainers = ["li"]
packages = ["zlib"]
[packages.zlib]
sig = "base"
branches = ["master", "lts"]
"""


def test_the_example_is_read() -> None:
    distribution = parse_distribution(EXAMPLE.read_bytes())
    assert len(distribution.packages) == 10
    assert distribution.policy.branch("openEuler-24.03-LTS").takes is Takes.PATCH_RELEASES
    assert distribution.merges("master") == Merge(MergeBy.HEADRACE, Proof.HOST_ROOT)


def test_what_is_not_said_is_the_careful_choice() -> None:
    distribution = parse_distribution(SMALL.encode())
    assert distribution.merges("master") == Merge(MergeBy.PERSON, Proof.CLEAN_BUILDROOT)
    assert distribution.policy.allow is None, "no list is not an empty list"
    assert distribution.policy.branch("master").takes is Takes.ANY
    assert distribution.policy.branch("lts").frozen


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('takes = "patches"', 'take = "patches"', r"\[branches.'lts'\] has an unknown key 'take'"),
        ('takes = "patches"', 'takes = "all"', "takes = 'all' is not known: it is one of any, patch-releases, patches"),
        ("frozen = true", 'frozen = "yes"', "frozen is neither true nor false"),
        ("[distribution]", "[distributions]", "has an unknown key 'distributions'"),
        ('maintainers = ["li"]', 'maintainers = ["wu"]', "SIG base names an unknown maintainer wu"),
        ('packages = ["zlib"]', 'packages = ["zlip"]', "SIG base names an unknown package zlip"),
        ('sig = "base"', 'sig = "other"', "zlib belongs to other and to base: a package belongs to exactly one SIG"),
        ('"lts"]', '"lts2"]', "the policy has no branch lts2"),
        ("[packages.zlib]", '[packages."../zlib"]', "is not a package name"),
        ('name = "small"\n', "", "needs name as a text"),
        ('development = "master"', "development = 3", "needs development as a text"),
        ("[branches.lts]", "[branches", "distribution.toml is not TOML"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_it(old: str, new: str, sentence: str) -> None:
    assert old in SMALL
    with pytest.raises(PackageError, match=sentence) as caught:
        parse_distribution(SMALL.replace(old, new).encode())
    assert "\n" not in str(caught.value)


@given(st.binary(max_size=300))
def test_garbage_is_refused_in_a_sentence_and_nothing_else(data: bytes) -> None:
    with pytest.raises(PackageError):
        parse_distribution(data)
