"""A distribution as its `distribution.toml` tells it: policy, branches, packages, SIGs, maintainers."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from headrace.package.model import PackageError
from headrace.package.policy import POLICY_TABLES, Policy, choice, only, read_policy, table_of, tables, text, texts

_WORKSPACE_TABLES = ("distribution", "merge", "sigs", "maintainers", "packages", "network", "loopback", "debian")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,127}")
_MAX_BYTES = 4 * 1024 * 1024


class MergeBy(StrEnum):
    """Who merges an accepted change."""

    HEADRACE = "headrace"
    PERSON = "person"


class Proof(StrEnum):
    """The weakest build that a branch takes as proof."""

    HOST_ROOT = "host-root"
    CLEAN_BUILDROOT = "clean-buildroot"


@dataclass(frozen=True, slots=True)
class Merge:
    """How a branch takes accepted changes. Without a table a person merges, and only a clean buildroot is proof."""

    by: MergeBy = MergeBy.PERSON
    proof: Proof = Proof.CLEAN_BUILDROOT


@dataclass(frozen=True, slots=True)
class Maintainer:
    """A person of the community."""

    id: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Sig:
    """A special interest group: who owns which packages."""

    name: str
    maintainers: tuple[str, ...]
    packages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PackageEntry:
    """A package of the distribution and the branches that carry it."""

    name: str
    sig: str
    branches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Distribution:
    """Everything that `distribution.toml` says."""

    name: str
    summary: str
    target: str
    arch: str
    """The architecture to build for; "" for the one of the machine that builds."""
    author: str
    policy: Policy
    merge: Mapping[str, Merge]
    sigs: Mapping[str, Sig]
    maintainers: Mapping[str, Maintainer]
    packages: Mapping[str, PackageEntry]
    allow: tuple[str, ...] = ()
    """`host:port` of inside addresses that may be asked."""
    loopback_address: str = ""
    """Where the example's own git upstreams are served while work goes on; "" when there are none."""
    loopback_repositories: str = ""
    debian_suites: tuple[str, ...] = ()

    def merges(self, branch: str) -> Merge:
        """How a branch takes accepted changes."""
        return self.merge.get(branch, Merge())


def parse_distribution(data: bytes, where: str = "distribution.toml") -> Distribution:
    """Read `distribution.toml`. Raises PackageError: one sentence that names the table and the key."""
    if len(data) > _MAX_BYTES:
        raise PackageError(f"{where} is larger than {_MAX_BYTES} bytes")
    try:
        document = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PackageError(f"{where} is not TOML", str(error), "correct that line") from error
    only(document, (*POLICY_TABLES, *_WORKSPACE_TABLES), where)
    policy = read_policy(document, where)
    about = only(
        table_of(document, "distribution", where),
        ("name", "summary", "target", "arch", "author"),
        f"{where}: [distribution]",
    )
    network = only(table_of(document, "network", where), ("allow",), f"{where}: [network]")
    loopback = only(table_of(document, "loopback", where), ("address", "repositories"), f"{where}: [loopback]")
    debian = only(table_of(document, "debian", where), ("suites",), f"{where}: [debian]")
    distribution = Distribution(
        name=text(about, "name", where), summary=text(about, "summary", where, ""),
        target=text(about, "target", where, "openeuler"), arch=text(about, "arch", where, ""),
        author=text(about, "author", where), policy=policy, merge=_merge(document, where),
        sigs=_sigs(document, where), maintainers=_maintainers(document, where),
        packages=_packages(document, policy, where), allow=texts(network, "allow", where),
        loopback_address=text(loopback, "address", where, ""),
        loopback_repositories=text(loopback, "repositories", where, ""), debian_suites=texts(debian, "suites", where),
    )  # fmt: skip
    _agree(distribution, where)
    return distribution


def _merge(document: Mapping[str, object], where: str) -> Mapping[str, Merge]:
    found = {}
    for branch, table in tables(document, "merge", where).items():
        place = f"{where}: [merge.{branch!r}]"
        only(table, ("by", "proof"), place)
        found[branch] = Merge(choice(table, "by", MergeBy, place), choice(table, "proof", Proof, place))
    return found


def _sigs(document: Mapping[str, object], where: str) -> Mapping[str, Sig]:
    found = {}
    for name, table in tables(document, "sigs", where).items():
        place = f"{where}: [sigs.{name}]"
        only(table, ("maintainers", "packages"), place)
        found[name] = Sig(name, texts(table, "maintainers", place), texts(table, "packages", place))
    return found


def _maintainers(document: Mapping[str, object], where: str) -> Mapping[str, Maintainer]:
    found = {}
    for key, table in tables(document, "maintainers", where).items():
        place = f"{where}: [maintainers.{key}]"
        only(table, ("name", "email"), place)
        found[key] = Maintainer(key, text(table, "name", place), text(table, "email", place))
    return found


def _packages(document: Mapping[str, object], policy: Policy, where: str) -> Mapping[str, PackageEntry]:
    found = {}
    for name, table in tables(document, "packages", where).items():
        place = f"{where}: [packages.{name}]"
        only(table, ("sig", "branches"), place)
        if not _NAME.fullmatch(name):
            raise PackageError(f"{place} is not a package name", "letters, digits and . _ + - only")
        branches = texts(table, "branches", place) or (policy.development,)
        for branch in branches:
            policy.branch(branch)
        found[name] = PackageEntry(name, text(table, "sig", place, ""), branches)
    return found


def _agree(distribution: Distribution, where: str) -> None:
    """A package belongs to exactly one SIG, and every name that is used is defined."""
    for sig in distribution.sigs.values():
        for person in sig.maintainers:
            if person not in distribution.maintainers:
                raise PackageError(
                    f"{where}: SIG {sig.name} names an unknown maintainer {person}",
                    remedy=f"add [maintainers.{person}]",
                )
        for package in sig.packages:
            entry = distribution.packages.get(package)
            if entry is None:
                raise PackageError(
                    f"{where}: SIG {sig.name} names an unknown package {package}", remedy=f"add [packages.{package}]"
                )
            if entry.sig and entry.sig != sig.name:
                raise PackageError(
                    f"{where}: {package} belongs to {entry.sig} and to {sig.name}",
                    "a package belongs to exactly one SIG",
                )
    for branch in (*distribution.merge, *distribution.policy.chain):
        distribution.policy.branch(branch)
