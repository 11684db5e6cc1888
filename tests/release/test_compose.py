"""What goes out: pure rules over packages."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.package.evr import Evr
from headrace.release.compose import Nevra, compose
from headrace.release.model import ReleasedPackage, ReleaseError


def package(nevra: str, content: str = "", change: str = "a change", filename: str | None = None) -> ReleasedPackage:
    name = Nevra.parse(nevra).filename if filename is None else filename
    digest = hashlib.sha256(f"{nevra} {content}".encode()).hexdigest()
    return ReleasedPackage(nevra, name, Path("/rpms", name), digest, change)


def names(packages: tuple[ReleasedPackage, ...]) -> list[str]:
    return [one.nevra for one in packages]


def test_the_newest_of_each_name_and_architecture_goes_out() -> None:
    released = [package("zlib-1.2-1.x86_64"), package("zlib-1.2-1.aarch64"), package("bash-5.9-1.x86_64")]
    made = compose(released, [package("zlib-1.10-1.x86_64")])
    assert names(made.packages) == ["bash-5.9-1.x86_64", "zlib-1.2-1.aarch64", "zlib-1.10-1.x86_64"]
    assert [(one.package.nevra, str(one.reason)) for one in made.left_out] == [
        ("zlib-1.2-1.x86_64", "zlib-1.10-1.x86_64 is newer and takes its place")
    ]


def test_older_ones_are_kept_on_demand() -> None:
    three = [package(f"zlib-1.{minor}-1.x86_64") for minor in (9, 10, 11)]
    assert names(compose(three, [], keep=1).packages) == ["zlib-1.11-1.x86_64", "zlib-1.10-1.x86_64"]
    assert len(compose(three, [], keep=5).packages) == 3


def test_the_epoch_counts_more_than_the_version() -> None:
    made = compose([package("perl-1:5-1.x86_64")], [package("perl-6-1.x86_64")])
    assert names(made.packages) == ["perl-1:5-1.x86_64"]
    assert names(tuple(one.package for one in made.left_out)) == ["perl-6-1.x86_64"]


def test_a_package_that_is_there_already_counts_once_and_keeps_its_change() -> None:
    first = package("zlib-1-1.x86_64", change="the first")
    made = compose([first], [package("zlib-1-1.x86_64", change="again")])
    assert made.packages == (first,)
    assert made.left_out == ()


def test_attack_two_contents_of_one_nevra() -> None:
    with pytest.raises(ReleaseError, match=r"two different files claim to be zlib-1-1\.x86_64"):
        compose([package("zlib-1-1.x86_64")], [package("zlib-1-1.x86_64", "evil")])
    with pytest.raises(ReleaseError, match=r"two different files claim to be zlib-0:1-1\.x86_64"):
        compose([package("zlib-1-1.x86_64")], [package("zlib-0:1-1.x86_64", "evil")])


def test_attack_two_packages_of_one_file_name() -> None:
    """A file name has no epoch, so one would take the other's place."""
    with pytest.raises(ReleaseError, match="have one file name"):
        compose([package("zlib-1-1.x86_64")], [package("zlib-1:1-1.x86_64")], keep=1)


def test_versions_that_rpm_holds_for_equal_are_refused() -> None:
    with pytest.raises(ReleaseError, match="cannot tell which"):
        compose([package("zlib-1.0-1.x86_64")], [package("zlib-1.00-1.x86_64")])


@pytest.mark.parametrize(
    "nevra",
    [
        "", "zlib", "zlib-1.x86_64", "../zlib-1-1.x86_64", "-zlib-1-1.x86_64", "zlib-1/../2-1.x86_64", "zlib-a:1-1.noarch",
        "z-1-1.noarch\n", "z" * 1100 + "-1-1.noarch", f"z-{'9' * 30}:1-1.noarch",
    ],
)  # fmt: skip
def test_attack_a_name_that_is_none(nevra: str) -> None:
    with pytest.raises(ReleaseError, match="names no package"):
        Nevra.parse(nevra)


@pytest.mark.parametrize("filename", ["../zlib-1-1.x86_64.rpm", "zlib.rpm", "", "zlib-1-2.x86_64.rpm"])
def test_attack_a_file_name_that_is_not_the_packages(filename: str) -> None:
    with pytest.raises(ReleaseError, match="does not fit its file"):
        compose([package("zlib-1-1.x86_64", filename=filename)], [])


def test_a_digest_that_is_none_is_refused() -> None:
    bad = ReleasedPackage("zlib-1-1.x86_64", "zlib-1-1.x86_64.rpm", Path("/x"), "", "")
    with pytest.raises(ReleaseError, match="does not fit its file"):
        compose([bad], [])


def test_a_negative_number_to_keep_is_refused() -> None:
    with pytest.raises(ReleaseError, match="negative"):
        compose([], [], keep=-1)


nevras = st.builds(
    "{}-{}{}-{}.{}".format,
    st.sampled_from(["a", "b", "b-devel"]),
    st.sampled_from(["", "1:"]),
    st.from_regex(r"[1-9]\.[1-9]", fullmatch=True),
    st.integers(1, 3),
    st.sampled_from(["noarch", "x86_64"]),
)


@given(st.lists(nevras, unique=True), st.data(), st.integers(0, 2))
def test_the_outcome_is_one_whatever_the_order_and_the_split(found: list[str], data: st.DataObject, keep: int) -> None:
    try:
        made = compose([package(nevra) for nevra in found], [], keep)
    except ReleaseError:
        return  # two epochs of one version share a file name
    shuffled = data.draw(st.permutations(found))
    cut = data.draw(st.integers(0, len(found)))
    again = compose([package(one) for one in shuffled[:cut]], [package(one) for one in shuffled[cut:]], keep)
    assert again.packages == made.packages
    assert sorted(names(made.packages) + names(tuple(one.package for one in made.left_out))) == sorted(found)


@given(st.lists(nevras, unique=True), st.lists(nevras, unique=True))
def test_step_by_step_gives_what_all_at_once_gives(first: list[str], second: list[str]) -> None:
    once = compose([package(nevra) for nevra in first], [package(nevra) for nevra in second]).packages
    step = compose(compose([package(nevra) for nevra in first], []).packages, [package(one) for one in second]).packages
    assert names(once) == names(step)


@given(st.lists(nevras, unique=True, min_size=1))
def test_nothing_newer_is_left_out(found: list[str]) -> None:
    made = compose([package(nevra) for nevra in found], [])
    newest: dict[tuple[str, str], Evr] = {}
    for nevra in map(Nevra.parse, found):
        newest[nevra.name, nevra.arch] = max(nevra.evr, newest.get((nevra.name, nevra.arch), nevra.evr))
    assert {(one.name, one.arch): one.evr for one in map(Nevra.parse, names(made.packages))} == newest
