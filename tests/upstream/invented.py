"""Invented upstreams: a history of releases, written as tags in some style with noise around them, and the right answer."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

_EARLY = """
    -rc{} rc{} .rc{} -RC{} _rc{} -beta{} beta{} b{} a{} -alpha.{} .beta{} -pre{} .pre.{} -dev{} .dev{} -M{} -SNAPSHOT
    -milestone-{} -preview{} -test{} .CR{} -Beta-{} ~rc{} -ea.{} -nightly.{} -canary.{} -next.{}
"""
_STYLES = """
    {} v{} V{} R{} NAME-{} NAME_{} name_{} release-{} rel_{} release/{} name-v{} name/{} refs/tags/v{} {}-release {}.Final
"""
EARLY, STYLES = _EARLY.split(), _STYLES.split()
NOISE = [
    ["debian/99.0-1", "ubuntu/99.2-0ubuntu1"], ["latest", "nightly", "start", "before-merge"], ["otherprod-99.1"],
    ["sub/module/v99.0.1"], ["3b18e512dba79e4c8300dd08aeb37f8e728b8dad"], ["CVE-2019-12345"], ["99-branchpoint"],
    [f"XSUITE-{50 + number}_1" for number in range(9)],
]  # fmt: skip


@dataclass
class Upstream:
    """One invented upstream: its tags with their days, and the newest stable version."""

    name: str
    prefix: str = ""
    answer: str = ""
    days: dict[str, date] = field(default_factory=dict)
    dated: bool = True

    def record(self, chance: random.Random) -> dict[str, Any]:
        tags = list(self.days)
        chance.shuffle(tags)
        days = {tag: day.isoformat() for tag, day in self.days.items()} if self.dated else {}
        return {
            "package": self.name, "version_control": "github", "src_repo": f"owner/{self.name}",
            "tag_prefix": self.prefix, "raw_tags": tags, "tag_dates": days,
        }  # fmt: skip


def upstream(seed: int) -> tuple[dict[str, Any], str]:
    """The record of an invented upstream, and its newest stable version."""
    chance = random.Random(seed)
    made = Upstream(chance.choice(["foo", "libbar", "baz-utils", "qux2", "net-thing", "Frob"]))
    features = {
        name for name in ("nineties", "odd", "parallel", "typo", "packaged", "letters") if chance.random() < 0.3
    }
    if "odd" in features:
        features -= {"nineties", "typo", "letters"}
    made.dated = bool(features & {"odd", "typo"}) or chance.random() < 0.5
    releases = _history(chance, features)
    stable = [version for version, _, good in releases if good]
    made.answer = max(stable, key=_order)
    _write(made, releases, features, chance)
    for noise in chance.sample(NOISE, 3):
        made.days |= {tag: releases[0][1] + timedelta(chance.randint(0, 900)) for tag in noise}
    return made.record(chance), made.answer


def _order(version: str) -> tuple[tuple[int, ...], str]:
    letter = version[-1] if version[-1].isalpha() else ""
    return tuple(map(int, version.removesuffix(letter).split("."))), letter


def _history(chance: random.Random, features: set[str]) -> list[tuple[str, date, bool]]:
    """Versions with their days, and whether each is a release for everybody; the oldest first."""
    made: list[tuple[str, date, bool]] = []
    major, minor, day = chance.randint(0, 3), 0, date(2008, 1, 1)
    for _ in range(chance.randint(4, 9)):
        before = (major, minor)
        if "odd" in features:
            minor += 2
            for patch in range(chance.randint(2, 5)):
                day += timedelta(30)
                made.append((f"{major}.{minor - 1}.{patch}", day, False))
        elif chance.random() < 0.2:
            major, minor = major + 1, 0
        else:
            minor += 1
        if "nineties" in features and made:
            made += [
                (f"{before[0]}.{before[1]}.{90 + n}", day + timedelta(150 + n), False)
                for n in range(chance.randint(1, 3))
            ]
        day += timedelta(chance.randint(160, 250))
        patches = chance.randint(1, 5)
        if "letters" in features:
            made += [
                (f"{major}.{minor}.0{letter}", day + timedelta(9 * n), True)
                for n, letter in enumerate(("", *"abcd"[:patches]))
            ]
            continue
        made += [(f"{major}.{minor}.{patch}", day + timedelta(30 * patch), True) for patch in range(patches)]
        if features & {"odd", "parallel"}:
            made += [(f"{major}.{minor}.{patches + n}", day + timedelta(400 + 30 * n), True) for n in range(2)]
    end = max(when for _, when, _ in made) - timedelta(chance.choice([0, 0, 100, 400]))
    return sorted((entry for entry in made if entry[1] <= end), key=lambda entry: entry[1])


def _write(made: Upstream, releases: list[tuple[str, date, bool]], features: set[str], chance: random.Random) -> None:
    """Write the versions as tags: in one style, or in two with a change in the middle."""
    old, new = (s.replace("NAME", made.name.upper()).replace("name", made.name) for s in chance.sample(STYLES, 2))
    new = chance.choice([old, new])
    change = chance.randint(0, len(releases))
    early = chance.choice(EARLY)
    made.prefix = chance.choice(["", "^v", "^", old.split("{", maxsplit=1)[0]])
    for index, (version, day, good) in enumerate(releases):
        style = old if index < change else new
        text = version.replace(".", "_") if style.split("{")[0].endswith("_") else version
        if "packaged" in features and style.endswith("}"):
            text += "-1"
        elif good and version.endswith(".0") and chance.random() < 0.5:
            made.days[style.format(text + early.format(1))] = day - timedelta(5)
        made.days[style.format(text)] = day
    if "typo" in features and len(releases) > 8:
        version, day, _ = releases[len(releases) // 2]
        first, _, rest = version.partition(".")
        made.days.setdefault(old.format(f"{int(first) + 10}.{rest}"), day)
