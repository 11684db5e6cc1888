"""The example distribution: every file of it is readable, pinned, declared and named where it must be."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from headrace.outside.command import run
from headrace.package.distribution import Distribution, parse_distribution
from headrace.package.model import PackageTree
from headrace.package.patches import parse
from headrace.package.patches_apply import Blob, TreeChange, apply_patch
from headrace.package.spec.facts import SpecFacts, read
from headrace.package.spec.targets import load
from headrace.package.spec.value import Known, Value

EXAMPLES = Path(__file__).parents[2] / "examples"
PACKAGES = sorted(path.name for path in (EXAMPLES / "packages").iterdir())
UPSTREAMS = sorted(path.name for path in (EXAMPLES / "upstreams").iterdir())
PINNED = re.compile(r"SHA512 \((?P<name>[^()]+)\) = (?P<digest>[0-9a-f]{128})")


def known(value: Value[str]) -> str:
    assert isinstance(value, Known), value
    return value.value


def tree(package: str) -> PackageTree:
    folder = EXAMPLES / "packages" / package
    return PackageTree(package, "", {path.name: path.read_bytes() for path in folder.iterdir()})


def facts(package: str) -> SpecFacts:
    return read(tree(package).spec, spec_name=f"{package}.spec", macros=load("openeuler"))


def metadata(package: str) -> Mapping[str, str]:
    found = yaml.safe_load(tree(package).files[f"{package}.yaml"])
    assert isinstance(found, dict)
    return found


def pins(package: str) -> dict[str, str]:
    lines = tree(package).files.get("sources", b"").decode().splitlines()
    matches = [PINNED.fullmatch(line) for line in lines]
    assert all(matches), lines
    return {match["name"]: match["digest"] for match in matches if match}


def names(package: str) -> set[str]:
    return {known(facts(package).name), *(known(part.name) for part in facts(package).subpackages)}


@pytest.fixture(scope="module")
def distribution() -> Distribution:
    return parse_distribution((EXAMPLES / "distribution.toml").read_bytes())


def test_distribution_names_every_folder_and_nothing_else(distribution: Distribution) -> None:
    assert sorted(distribution.packages) == PACKAGES
    assert len(PACKAGES) >= 10
    in_sigs = sorted(package for sig in distribution.sigs.values() for package in sig.packages)
    assert in_sigs == PACKAGES


def test_policy_fits_what_the_packages_carry(distribution: Distribution) -> None:
    assert sorted(distribution.policy.levels) == PACKAGES
    shipped = {name for package in PACKAGES for name in names(package)}
    for listed in distribution.policy.image_lists:
        lines = (EXAMPLES / listed).read_text().splitlines()
        assert {line for line in lines if line and not line.startswith("#")} <= shipped


def test_loopback_upstream_may_be_asked(distribution: Distribution) -> None:
    asked = {
        urlsplit(metadata(name)["src_repo"]).netloc for name in PACKAGES if metadata(name)["version_control"] == "git"
    }
    assert asked == {distribution.loopback_address} == set(distribution.allow)
    assert (EXAMPLES / distribution.loopback_repositories).is_dir()


@pytest.mark.parametrize("package", PACKAGES)
def test_spec_reads_without_a_doubt(package: str, distribution: Distribution) -> None:
    spec = facts(package)
    assert known(spec.name) == package
    assert spec.doubts == ()
    assert known(spec.summary)
    assert spec.has_check
    allowed = distribution.policy.allow
    assert allowed is not None
    assert set(re.split(r" (?:AND|OR) ", known(spec.licence))) <= set(allowed)


@pytest.mark.parametrize("package", PACKAGES)
def test_changelog_tells_the_release_that_stands_there(package: str) -> None:
    spec = facts(package)
    days = [entry.day for entry in spec.changelog if entry.day is not None]
    assert len(days) == len(spec.changelog) > 0
    assert days == sorted(days, reverse=True)
    assert all(entry.weekday_fits for entry in spec.changelog)
    if spec.changelog[0].evr:
        assert spec.changelog[0].evr == known(spec.evr).removesuffix(".oe")


@pytest.mark.parametrize("package", PACKAGES)
def test_every_fetched_source_is_pinned_and_nothing_else(package: str) -> None:
    declared = {known(source.filename) for source in facts(package).sources if source.condition is None}
    assert declared
    if metadata(package)["version_control"] == "git":
        assert pins(package) == {}
    else:
        assert set(pins(package)) == declared


@pytest.mark.parametrize("package", PACKAGES)
def test_patches_that_are_declared_lie_there_and_are_applied(package: str) -> None:
    spec = facts(package)
    assert {known(patch.filename) for patch in spec.patches} == {
        name for name in tree(package).files if name.endswith(".patch")
    }
    for patch in spec.patches:
        assert [applied.strip for applied in patch.applied] == [1]
        assert parse(tree(package).files[known(patch.filename)]).files


@pytest.mark.parametrize("package", PACKAGES)
def test_folder_holds_text_of_our_own_and_no_archive(package: str) -> None:
    expected = {f"{package}.spec", f"{package}.yaml", "sources"} | {
        known(patch.filename) for patch in facts(package).patches
    }
    assert set(tree(package).files) | {"sources"} == expected
    for content in tree(package).files.values():
        assert content.decode().endswith("\n")


@pytest.mark.parametrize("package", PACKAGES)
def test_no_registry_is_named(package: str) -> None:
    hosts = {urlsplit(known(source.value)).hostname for source in facts(package).sources}
    assert all(host is None or host.endswith(".invalid") for host in hosts)


def test_specs_vary_as_real_ones_do() -> None:
    specs = {package: tree(package).spec.decode() for package in PACKAGES}
    text = "\n".join(specs.values())
    for style in (
        "%autosetup -p1",
        "%patch0 -p1",
        "%patch -P 1",
        "%global upstream_version",
        "%define _version",
        "%{?dist}",
    ):
        assert style in text
    assert {
        known(facts(package).evr).partition(":")[0] for package in PACKAGES if ":" in known(facts(package).evr)
    } == {"1"}
    assert {entry.separator for package in PACKAGES for entry in facts(package).changelog} == {" - ", " ", ""}
    assert any(re.search("[\u4e00-\u9fff]", spec) for spec in specs.values())
    assert "%config(noreplace)" in text


@pytest.mark.parametrize("upstream", UPSTREAMS)
def test_history_of_an_upstream_is_fixed(upstream: str) -> None:
    folder = EXAMPLES / "upstreams" / upstream
    history = tomllib.loads((folder / "tags.toml").read_text())
    tags = history["tag"]
    assert sorted(tag["folder"] for tag in tags) == sorted(path.name for path in folder.iterdir() if path.is_dir())
    assert len({tag["name"] for tag in tags}) == len(tags) >= 4
    dates = [tag["date"] for tag in tags]
    assert dates == sorted(dates)
    assert all(isinstance(date, datetime) and date.tzinfo == UTC for date in dates)
    assert all(tag["commit"] and tag["message"] for tag in tags)
    for tag in tags:
        assert f"VERSION = {tag['folder']}\n" in (folder / tag["folder"] / "Makefile").read_text()
        assert re.sub(metadata(upstream)["tag_prefix"], "", tag["name"]) == tag["folder"]
    assert known(facts(upstream).version) in {tag["folder"] for tag in tags}


@pytest.mark.parametrize("version", ["1.2.0", "1.2.1", "1.3.0"])
def test_patch_of_waterwheel_stays_untouched(version: str) -> None:
    folder = EXAMPLES / "upstreams" / "waterwheel" / version
    sources = {path.name: Blob(path.read_bytes()) for path in folder.iterdir() if path.is_file()}
    (patch,) = (content for name, content in tree("waterwheel").files.items() if name.endswith(".patch"))
    done = apply_patch(parse(patch), 1, sources)
    assert isinstance(done, TreeChange)
    assert (done.fuzz, done.offset) == (0, 0)


@pytest.mark.real
@pytest.mark.parametrize("version", ["1.1.0", "1.2.0", "1.2.1", "1.3.0", "1.4.0-rc1"])
def test_upstream_of_our_own_passes_its_tests(version: str, tmp_path: Path) -> None:
    source = EXAMPLES / "upstreams" / "waterwheel" / version
    run(["cp", "-r", str(source), str(tmp_path / "w")], seconds=10)
    answer = run(["make", "-C", str(tmp_path / "w"), "check"], seconds=60).text
    assert "not ok" not in answer
    assert answer.count("\nok: ") >= 3
