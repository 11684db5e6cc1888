"""One spec read for every target: where its conditions and macros lead to different answers."""

from __future__ import annotations

from collections.abc import Mapping

from headrace.package.spec import targets
from headrace.package.spec.facts import DeclaredFile, Dependency, SpecFacts, read
from headrace.package.spec.value import Unknown

_SINGLE = ("name", "epoch", "version", "release", "licence", "summary", "url", "architectures")
_LISTS = ("sources", "patches", "subpackages", "dependencies")

Outcome = str | tuple[str, ...]
"""A fact as one comparable value; what is not known reads `unknown: reason`."""


def for_every_target(
    data: bytes, *, spec_name: str = "", files: Mapping[str, bytes] | None = None, architecture: str = "x86_64"
) -> dict[str, SpecFacts]:
    """Target -> the facts of the spec read for it."""
    return {
        name: read(data, spec_name=spec_name, macros=targets.load(name), files=files, architecture=architecture)
        for name in targets.names()
    }


def outcomes(facts: Mapping[str, SpecFacts]) -> dict[str, dict[Outcome, tuple[str, ...]]]:
    """Fact -> each outcome with the targets that it holds for; a fact with one outcome is settled for all of them."""
    found: dict[str, dict[Outcome, tuple[str, ...]]] = {}
    for fact in (*_SINGLE, *_LISTS):
        groups: dict[Outcome, tuple[str, ...]] = {}
        for target, one in facts.items():
            value = getattr(one, fact)
            outcome: Outcome = tuple(_told(item) for item in value) if fact in _LISTS else _value(value)
            groups[outcome] = (*groups.get(outcome, ()), target)
        found[fact] = groups
    return found


def _value(value: object) -> str:
    return f"unknown: {value.reason}" if isinstance(value, Unknown) else str(getattr(value, "value", value))


def _told(item: object) -> str:
    doubt = " (perhaps)" if getattr(item, "condition", None) is not None else ""
    if isinstance(item, DeclaredFile):
        return f"{item.number}: {_value(item.value)}{doubt}"
    if isinstance(item, Dependency):
        return f"{_value(item.package)} {item.tag}: {_value(item.value)}{doubt}".strip()
    return _value(getattr(item, "name", item)) + doubt
