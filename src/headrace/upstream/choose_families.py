"""Whose tags are these: one repository may hold the tags of several products, of other distributions, of an umbrella."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from headrace.upstream.versions import general_key
from headrace.upstream.versions_prefix import Prefix
from headrace.upstream.versions_reading import Reading, squeeze
from headrace.upstream.versions_words import VENDOR_PREFIXES, Sense
from headrace.words import Message, Text

_WRAPPERS = (
    "perl-", "python-", "python2-", "python3-", "rubygem-", "ruby-", "nodejs-", "node-", "golang-", "php-", "ghc-", "lua-",
    "java-", "rust-", "mingw-", "texlive-", "xorg-x11-", "xorg-", "gstreamer1-", "gstreamer-", "qt5-", "maven-", "apache-",
    "R-", "js-", "lib", "py", "gnome-", "erlang-", "ocaml-", "openeuler-", "kde-", "kf5-", "mate-", "xfce4-", "xfce-",
)  # fmt: skip
_ENDINGS = (
    "-fonts",
    "-font",
    "-utils",
    "-tools",
    "-fb",
    "-ng",
    "-mt",
    "-hpa",
    "-openeuler",
    "-src",
    "-server",
    "-source",
    "-core",
    "js",
)
_DRIFT_DAYS = 540


def names_of(identity: str) -> frozenset[str]:
    """Every squeezed name under which a project may write its tags.

    `identity` holds the package's name and, separated by blanks, whatever else names the project: the repository's address,
    the registry's name. Only the last part of a path is a name.
    """
    names: set[str] = set()
    for part in identity[:1000].split():
        name = part.rstrip("/").removesuffix(".git").rsplit("/", 1)[-1].rsplit(":", 1)[-1]
        names |= _variants(name)
    return frozenset(squeezed for name in names if len(squeezed := squeeze(name)) >= 2 and not squeezed.isdigit())


def _variants(name: str) -> set[str]:
    found = {name}
    for wrapper in _WRAPPERS:
        if name.lower().startswith(wrapper.lower()) and len(name) > len(wrapper) + 1:
            found.add(name[len(wrapper) :])
    for ending in _ENDINGS:
        found |= {
            known[: -len(ending)]
            for known in tuple(found)
            if known.lower().endswith(ending) and len(known) > len(ending) + 1
        }
    found |= {stem for known in tuple(found) if len(stem := re.sub(r"[0-9.]{1,6}$", "", known).rstrip("-")) >= 2}
    return found | {"lib" + known for known in found}


@dataclass(frozen=True, slots=True)
class Family:
    """The tags that count, why these, and the readings that belong to somebody else."""

    readings: tuple[Reading, ...]
    others: tuple[tuple[Reading, Text], ...] = ()
    remarks: tuple[Text, ...] = ()
    conflict: Text | None = None
    """Set when the tags of several products are there and nothing tells which one is meant."""


def choose_family(readings: Sequence[Reading], prefix: Prefix, dates: dict[str, date]) -> Family:
    """Which readings are the project's own. `dates` maps tags to the day of their release, where that is known."""
    groups: dict[tuple[str, ...], list[Reading]] = {}
    for reading in readings:
        groups.setdefault(reading.product, []).append(reading)
    vendors = {product for product in groups if any(word in VENDOR_PREFIXES for word in product)}
    configured = _configured(groups, prefix)
    remarks: list[Text] = []
    if configured is not None and (newer := _drifted(groups, configured, dates)) is not None:
        remarks.append(
            Message(
                "the newest release by the project's plain tags; they left the configured prefix {prefix} (newest {day})",
                prefix=prefix.text,
                day=newer,
            )
        )
        configured = ()
    if configured is None and prefix.is_telling:
        remarks.append(Message("the newest release; the configured prefix {prefix} matches no tag", prefix=prefix.text))
    product = configured if configured is not None else _best(groups, vendors)
    if product is None:
        listed = ", ".join(sorted({" ".join(words) for words in groups if words})[:6])
        return Family(
            (),
            _strangers(groups, None, vendors),
            tuple(remarks),
            Message("the tags belong to several products: {products}", products=listed),
        )
    if product in vendors and product != configured:
        return Family(
            (),
            _strangers(groups, None, vendors),
            tuple(remarks),
            Message("there are only tags of distributions: {products}", products=" ".join(product)),
        )
    return Family(tuple(groups[product]), _strangers(groups, product, vendors), tuple(remarks))


def _configured(groups: dict[tuple[str, ...], list[Reading]], prefix: Prefix) -> tuple[str, ...] | None:
    """The product that the configured prefix names: the one of most tags that match it."""
    if not prefix.is_telling:
        return None
    counts = {product: sum(reading.configured for reading in group) for product, group in groups.items()}
    best = max(counts, key=lambda product: (counts[product], product), default=None)
    return best if best is not None and counts[best] else None


def _drifted(
    groups: dict[tuple[str, ...], list[Reading]], configured: tuple[str, ...], dates: dict[str, date]
) -> str | None:
    """The day of the newest tag of the project's plain name, when the configured product has had none for long."""
    if configured == () or () not in groups:
        return None
    old = max((dates[r.tag] for r in groups[configured] if r.tag in dates), default=None)
    new = max((dates[r.tag] for r in groups[()] if r.tag in dates), default=None)
    if old is None or new is None or (new - old).days < _DRIFT_DAYS:
        return None
    return new.isoformat() if _top(groups[()]) > _top(groups[configured]) else None


def _top(group: Sequence[Reading]) -> tuple[int, ...]:
    return max(reading.integers for reading in group)


def _best(groups: dict[tuple[str, ...], list[Reading]], vendors: set[tuple[str, ...]]) -> tuple[str, ...] | None:
    """The project's plain tags; else the only product there is, or the one that outnumbers all others by far."""
    if () in groups:
        return ()
    own = {product: group for product, group in groups.items() if product not in vendors}
    if not own:
        return next(iter(sorted(vendors)), None)
    ranked = sorted(own, key=lambda product: (-_weight(own[product]), product))
    if len(ranked) == 1 or _weight(own[ranked[0]]) >= 3 * _weight(own[ranked[1]]):
        return ranked[0]
    return None


def _weight(group: Sequence[Reading]) -> int:
    """How much a group looks like releases: numbers with a separator count, single ones hardly do."""
    return sum(3 if len(reading.numbers) > 1 else 1 for reading in group)


def _strangers(
    groups: dict[tuple[str, ...], list[Reading]], product: tuple[str, ...] | None, vendors: set[tuple[str, ...]]
) -> tuple[tuple[Reading, Text], ...]:
    others: list[tuple[Reading, Text]] = []
    for other, group in sorted(groups.items()):
        if other == product:
            continue
        if other in vendors:
            reason = Message("a distribution's tag ({words})", words=" ".join(other))
        else:
            reason = Message("a tag of another product ({words})", words=" ".join(other) or "plain")
        newest_first = sorted(group, key=lambda r: general_key(".".join(r.numbers)), reverse=True)
        others += [(reading, reason) for reading in newest_first]
    return tuple(others)


def is_vendor_marked(reading: Reading) -> bool:
    """Whether a distribution's mark stands behind the version (el6, ubuntu1)."""
    return reading.has(Sense.VENDOR)
