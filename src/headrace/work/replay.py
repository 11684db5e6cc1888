"""`headrace replay`: upgrades that people made, made again by us, and compared with what they wrote."""

from __future__ import annotations

import difflib
import json
import posixpath
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from headrace.errors import HeadraceError
from headrace.outside.git import Git, GitError
from headrace.package.model import PackageError
from headrace.package.spec.bump import ChangelogEntry, bump
from headrace.package.spec.document import SpecDocument

_HEX = re.compile(r"\b[0-9a-fA-F]{32,128}\b")
_CHECKSUM = re.compile(r"^\s*%(?:global|define)\s+\S*(?:sha\d+|md5)", re.IGNORECASE)
_ALGORITHM = re.compile(r"(?i)\b(?:sha\d*|md5)\b")
_MAX_CASES_BYTES = 256 * 1024**2


@dataclass(frozen=True, slots=True)
class ReplayCase:
    """One upgrade that a person made: the spec before lies at `parent`, the person's at `commit`."""

    repository: str
    commit: str
    parent: str
    package: str
    spec_path: str
    old_version: str
    new_version: str
    tier: str
    date: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of one case.

    `exact`: every line outside the changelog is the person's (values of checksums do not count, they need the sources);
    `unrelated`: lines that we changed and the person did not; `error`: the sentence with which we refused.
    """

    case: ReplayCase
    exact: bool
    unrelated: int
    missing: int
    seconds: float
    error: str = ""


@dataclass(frozen=True, slots=True)
class TierScore:
    """The figures of one tier."""

    tier: str
    cases: int
    exact: int
    refused: int
    unrelated: int
    median_ms: float


def read_cases(path: Path) -> list[ReplayCase]:
    """The cases of a JSON lines file. Raises PackageError naming the first line that is none."""
    if path.stat().st_size > _MAX_CASES_BYTES:
        raise PackageError(f"{path.name} is larger than {_MAX_CASES_BYTES} bytes")
    return list(_read_cases(path))


def _read_cases(path: Path) -> Iterator[ReplayCase]:
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line)
                yield ReplayCase(
                    row["repo"], row["commit"], row["parent"], row["package"], row["spec_path"], row["old_version"],
                    row["new_version"], row.get("tier", ""), row["date"],
                )  # fmt: skip
            except (ValueError, KeyError, TypeError) as error:
                raise PackageError(
                    f"line {number} of {path.name} is no case", f"{type(error).__name__}: {error}"
                ) from error


def replay_case(case: ReplayCase, repository: Git) -> Replayed:
    """Make one upgrade again. Never raises for what the case holds: a refusal is a result."""
    try:
        folder = posixpath.dirname(case.spec_path)
        name = posixpath.basename(case.spec_path)
        files = _beside(repository, f"{case.parent}:{folder}", name)
        theirs = repository.run("cat-file", "blob", f"{case.commit}:{case.spec_path}")
    except (GitError, KeyError) as error:
        return Replayed(case, exact=False, unrelated=0, missing=0, seconds=0, error=f"not judged: {error}")
    before = files[name]
    started = time.perf_counter()
    try:
        day = datetime.fromisoformat(case.date).date()
        entry = ChangelogEntry(
            author="Replay <replay@headrace.example>", day=day, lines=(f"Upgrade to {case.new_version}",)
        )
        ours = bump(before, case.new_version, spec_name=name, files=files, entry=entry).data
    except HeadraceError as error:
        return Replayed(
            case, exact=False, unrelated=0, missing=0, seconds=time.perf_counter() - started, error=str(error)
        )
    return compare(case, before, ours, theirs, time.perf_counter() - started)


def _beside(repository: Git, tree: str, name: str) -> Mapping[str, bytes]:
    try:
        return repository.read_tree(tree)
    except GitError:
        # A link or a large file lies beside the spec; the spec alone is enough for most upgrades.
        return {name: repository.run("cat-file", "blob", f"{tree}/{name}")}


def compare(case: ReplayCase, before: bytes, ours: bytes, theirs: bytes, seconds: float) -> Replayed:
    """Our spec against the person's, outside the changelog."""
    old, mine, human = body(before), body(ours), body(theirs)
    changed_by_us, changed_by_them = _changed(old, mine), _changed(old, human)
    return Replayed(
        case, exact=mine == human, unrelated=len(changed_by_us - changed_by_them), missing=len(changed_by_them - changed_by_us),
        seconds=seconds,
    )  # fmt: skip


def body(data: bytes) -> list[str]:
    """The lines outside `%changelog`, without trailing blanks, and without the values of checksums."""
    document = SpecDocument.parse(data)
    lines: list[str] = []
    for section in document.sections:
        if section.name != "changelog":
            lines += [_plain(line.text) for line in document.lines[section.start : section.end]]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _plain(line: str) -> str:
    line = line.rstrip()
    if _CHECKSUM.match(line):
        line = " ".join(_ALGORITHM.sub("<algorithm>", _HEX.sub("<digest>", line)).split())
    return line


def _changed(old: Sequence[str], new: Sequence[str]) -> set[str]:
    return {line for line in difflib.ndiff(old, new) if line[:1] in "+-"} if old != new else set()


def score(results: Sequence[Replayed]) -> list[TierScore]:
    """The figures by tier, and of all together last."""
    tiers = sorted({one.case.tier for one in results})
    groups = [(tier, [one for one in results if one.case.tier == tier]) for tier in tiers]
    return [_score(tier, ones) for tier, ones in [*groups, ("all", list(results))] if ones]


def _score(tier: str, ones: Sequence[Replayed]) -> TierScore:
    times = sorted(one.seconds for one in ones)
    return TierScore(
        tier, len(ones), sum(one.exact for one in ones), sum(bool(one.error) for one in ones), sum(one.unrelated for one in ones),
        round(1000 * times[len(times) // 2], 2),
    )  # fmt: skip
