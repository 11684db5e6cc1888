"""Packages to publish, and what a repository looks like afterwards."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from headrace.evidence.packages import read_package
from headrace.release.model import ReleasedPackage
from headrace.release.publish import verify
from headrace.release.record import load
from signature.tiny import build


@dataclass(frozen=True)
class Shop:
    """Built once: two versions of `pump`, a `valve`, and another content of the first `pump`."""

    pump: ReleasedPackage
    pump2: ReleasedPackage
    valve: ReleasedPackage
    other_pump: ReleasedPackage


def released(rpm: Path, change: str = "a change") -> ReleasedPackage:
    """The package as an accepted change hands it over."""
    facts = read_package(rpm)
    return ReleasedPackage(facts.nevra, rpm.name, rpm, facts.sha256, change)


def open_shop(place: Path) -> Shop:
    """Build the packages."""
    return Shop(
        released(build(place, "pump")), released(build(place, "pump", "2.0", epoch=1)), released(build(place, "valve")),
        released(build(place, "pump", content="y")),
    )  # fmt: skip


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def state(target: Path, public: bytes) -> dict[str, object]:
    """Everything that must be equal after equal work; signatures carry their time, so their bytes are judged instead."""
    directory = target / "current"
    record = load(directory)
    assert record is not None
    assert verify(target, public, record.serial) == ()
    work = target / ".work"
    return {
        "current": str(directory.readlink()),
        "releases": sorted(path.name for path in (target / "releases").iterdir()),
        "packages": [(one.nevra, one.sha256, one.change) for one in record.packages],
        "files": sorted(path.name for path in directory.iterdir()),
        "repo": (directory / "headrace.repo").read_text().replace(str(target), ""),
        "unfinished": sorted(str(path.relative_to(work)) for path in work.rglob("*") if "signed" not in path.parts),
        "signed": sorted(path.name[:64] for path in (work / "signed").rglob("*.rpm")),
        "others": sorted(path.name for path in target.iterdir()),
    }
