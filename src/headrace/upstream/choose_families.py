"""Whose tags are these: one repository may hold the tags of several products, of other distributions, of an umbrella."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from headrace.upstream.versions import general_key
from headrace.upstream.versions_prefix import Prefix
from headrace.upstream.versions_reading import Reading, squeeze
from headrace.upstream.versions_words import VENDOR_PREFIXES
from headrace.words import Message, Text

_WRAPPERS = (
    "perl-", "python-", "python2-", "python3-", "rubygem-", "ruby-", "nodejs-", "node-", "golang-", "php-", "ghc-", "lua-",
    "java-", "rust-", "mingw-", "texlive-", "xorg-x11-", "xorg-", "gstreamer1-", "gstreamer-", "qt5-", "maven-", "apache-",
    "R-", "js-", "py", "gnome-", "erlang-", "ocaml-", "openeuler-", "kde-", "kf5-", "mate-", "xfce4-", "xfce-",
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
_CLEARLY = 3
_FEW = 10
_UMBRELLA = 8
_BARE = re.compile(r"[vV]?[0-9]")

Product = tuple[str, ...]
"""The words before a version that name something; empty for the project itself."""


def names_of(identity: str) -> frozenset[str]:
    """Every squeezed name under which a project may write its tags.

    `identity` holds the package's name and, separated by blanks, whatever else names the project: the repository's address,
    the registry's name. Only the last part of a path is a name.
    """
    names: set[str] = set()
    for part in identity[:1000].split():
        names |= _variants(_last_part(part))
    return frozenset(squeezed for name in names if len(squeezed := squeeze(name)) >= 2 and not squeezed.isdigit())


def squeeze_name(part: str) -> str:
    """The squeezed last part of a name, a path or an address."""
    return squeeze(_last_part(part))


def _last_part(name: str) -> str:
    return name.rstrip("/").removesuffix(".git").rsplit("/", 1)[-1].rsplit(":", 1)[-1]


def _levels(package: str) -> tuple[frozenset[str], ...]:
    """The squeezed names of a package: as packagers wrap it, without more words at its end, with `lib` put on or taken off."""
    return tuple(
        frozenset(map(squeeze, names)) for names in (_unwrapped({package}), _wrapped(package), _variants(package))
    )


def _unwrapped(names: set[str]) -> set[str]:
    """The names, and what remains of them without the words that packagers put before them and the number behind."""
    found = set(names)
    for wrapper in _WRAPPERS:
        found |= {name[len(wrapper) :] for name in names if _begins(name, wrapper)}
    return found | {stem for known in found if len(stem := re.sub(r"[0-9.]{1,6}$", "", known).rstrip("-")) >= 2}


def _begins(name: str, wrapper: str) -> bool:
    return name.lower().startswith(wrapper.lower()) and len(name) > len(wrapper) + 1


def _wrapped(name: str) -> set[str]:
    """`_unwrapped`, also without the words that packagers put behind a name."""
    found = _unwrapped({name})
    for ending in _ENDINGS:
        long = [known for known in found if known.lower().endswith(ending) and len(known) > len(ending) + 1]
        found |= {known[: -len(ending)] for known in long}
    return _unwrapped(found) if len(found) < 64 else found


def _variants(name: str) -> set[str]:
    """`_wrapped`, with `lib` taken off and put on."""
    found = _wrapped(name)
    found |= {known[3:] for known in found if known.lower().startswith("lib") and len(known) > 4}
    return found | {"lib" + known for known in found}


@dataclass(frozen=True, slots=True)
class Family:
    """The tags that count, why these, and the readings that belong to somebody else."""

    readings: tuple[Reading, ...]
    others: tuple[tuple[Reading, Text], ...] = ()
    remarks: tuple[Text, ...] = ()
    conflict: Text | None = None
    """Set when the tags of several products are there and nothing tells which one is meant."""


def choose_family(readings: Sequence[Reading], prefix: Prefix, dates: dict[str, date], identity: str) -> Family:
    """Which readings are the project's own. `dates` maps tags to the day of their release, where that is known."""
    tags = _Tags.sort(readings, prefix, dates, _last_part(next(iter(identity.split()), "")))
    product = tags.configured()
    remarks: list[Text] = []
    if product and tags.has_drifted(product):
        product = ()
        remarks.append(
            Message(
                "the newest release by the project's plain tags; they left the configured prefix {prefix} behind",
                prefix=prefix.text,
            )
        )
    if product is None and prefix.is_telling:
        remarks.append(Message("the newest release; the configured prefix {prefix} matches no tag", prefix=prefix.text))
    if product is None:
        product = tags.best()
    if product is None:
        return Family((), tags.strangers(None), tuple(remarks), tags.why_none())
    own, strangers = tags.split_names(tags.groups[product])
    return Family(own, (*strangers, *tags.strangers(product)), tuple(remarks))


@dataclass(frozen=True, slots=True)
class _Tags:
    """The readings by product, and what is known about them."""

    groups: dict[Product, list[Reading]]
    vendors: frozenset[Product]
    prefix: Prefix
    dates: dict[str, date]
    package: tuple[frozenset[str], ...]
    """The names of the package itself, the surest ones first."""
    words: frozenset[str]
    """The words of the package's name."""

    @staticmethod
    def sort(readings: Sequence[Reading], prefix: Prefix, dates: dict[str, date], package: str) -> _Tags:
        groups: dict[Product, list[Reading]] = {}
        for reading in readings:
            groups.setdefault(reading.product, []).append(reading)
        vendors = frozenset(product for product in groups if any(word in VENDOR_PREFIXES for word in product))
        words = frozenset(re.findall(r"[a-z]+", package.lower()))
        return _Tags(groups, vendors, prefix, dates, _levels(package), words)

    def configured(self) -> Product | None:
        """The product that the configured prefix names: the one of most tags that match it."""
        if not self.prefix.is_telling:
            return None
        counts = {product: sum(reading.configured for reading in group) for product, group in self.groups.items()}
        best = max(counts, key=lambda product: (counts[product], product), default=None)
        return best if best is not None and counts[best] else None

    def has_drifted(self, configured: Product) -> bool:
        """Whether the plain tags went on when those with the configured prefix had ended; by numbers when no days are known."""
        plain = self.groups.get(())
        if plain is None:
            return False
        old, new = self.newest(self.groups[configured]), self.newest(plain)
        if old and new:
            return (new - old).days >= _DRIFT_DAYS
        return _weight(plain) > 2 * _weight(self.groups[configured])

    def newest(self, group: Sequence[Reading]) -> date | None:
        """The day of the newest tag of a group, None when no day is known."""
        return max((self.dates[reading.tag] for reading in group if reading.tag in self.dates), default=None)

    def best(self) -> Product | None:
        """The project's plain tags; else the only product there is, or the one that outnumbers all others by far."""
        own = {
            product: group
            for product, group in self.groups.items()
            if product not in self.vendors and not all(reading.is_part for reading in group)
        }
        releasing = {product: group for product, group in own.items() if not all(r.is_early for r in group)} or own
        ours = {product: group for product, group in releasing.items() if not product or any(r.named for r in group)}
        if ours or any(reading.is_part for group in self.groups.values() for reading in group):
            releasing = ours
        wrapping = [product for product in releasing if product and set(product) <= self.words]
        if () not in releasing and len(wrapping) == 1:
            return wrapping[0]
        ranked = sorted(releasing, key=lambda product: (-_weight(releasing[product]), product))
        if not ranked:
            return None
        first = ranked[0]
        clear = len(ranked) == 1 or _weight(releasing[first]) >= _CLEARLY * _weight(releasing[ranked[1]])
        if () in releasing and not (clear and first != () and self._is_remnant(releasing[()], releasing[first])):
            return ()
        return first if clear else None

    def _is_remnant(self, plain: Sequence[Reading], other: Sequence[Reading]) -> bool:
        """Whether the plain tags are a few old ones beside a product that goes on."""
        old, new = self.newest(plain), self.newest(other)
        return _weight(plain) * _FEW < _weight(other) and (old is None or (new is not None and old < new))

    def why_none(self) -> Text:
        """Why no product can be told."""
        if self.groups.keys() <= self.vendors:
            names = " ".join(sorted({word for product in self.vendors for word in product})[:6])
            return Message("there are only tags of distributions: {products}", products=names)
        listed = ", ".join(sorted({" ".join(product) for product in self.groups if product})[:6])
        return Message("the tags are those of other products: {products}", products=listed)

    def split_names(self, group: list[Reading]) -> tuple[tuple[Reading, ...], tuple[tuple[Reading, Text], ...]]:
        """Where tags carry several of the project's names (a library and its program): those of the one that is meant."""
        strangers = sum(len(other) for product, other in self.groups.items() if product)
        plain = [reading for reading in group if reading.named or _BARE.match(reading.tag)]
        if len(self.groups) >= _UMBRELLA and strangers >= 2 * len(group) and len(plain) >= 2:
            kept = {reading.tag for reading in plain}
            odd = [reading for reading in group if reading.tag not in kept]
            reason = Message("a tag of nobody in particular, in a repository of many products")
            return tuple(plain), tuple((reading, reason) for reading in _newest_first(odd))
        named: dict[str, list[Reading]] = {}
        for reading in group:
            named.setdefault(reading.named, []).append(reading)
        meant = {reading.named for reading in group if reading.configured} if self.prefix.is_telling else set()
        meant = meant or next((set(level & named.keys()) for level in self.package if level & named.keys()), set())
        rest = [reading for name, part in named.items() if name and name not in meant for reading in part]
        wanted = [reading for name in meant for reading in named[name]]
        if not meant - {""} or not rest or self._is_left_behind(wanted, rest):
            return tuple(group), ()
        reason = Message("a tag of another product ({words})", words=rest[0].named)
        dropped = {reading.tag for reading in rest}
        return tuple(r for r in group if r.tag not in dropped), tuple(
            (reading, reason) for reading in _newest_first(rest)
        )

    def _is_left_behind(self, wanted: Sequence[Reading], rest: Sequence[Reading]) -> bool:
        old, new = self.newest(wanted), self.newest(rest)
        if old and new:
            return (new - old).days >= _DRIFT_DAYS
        return len(wanted) * _CLEARLY < len(rest)

    def strangers(self, product: Product | None) -> tuple[tuple[Reading, Text], ...]:
        """The tags of everybody else, each with the reason, newest first."""
        others: list[tuple[Reading, Text]] = []
        for other, group in sorted(self.groups.items()):
            if other == product:
                continue
            words = " ".join(other) or "plain"
            if other in self.vendors:
                reason = Message("a distribution's tag ({words})", words=words)
            else:
                reason = Message("a tag of another product ({words})", words=words)
            others += [(reading, reason) for reading in _newest_first(group)]
        return tuple(others)


def _newest_first(group: Sequence[Reading]) -> list[Reading]:
    return sorted(group, key=lambda r: (general_key(".".join(r.numbers)), r.tag), reverse=True)


def _weight(group: Sequence[Reading]) -> int:
    """How much a group looks like releases: numbers with a separator count, single ones hardly do."""
    return sum(3 if len(reading.numbers) > 1 else 1 for reading in group)
