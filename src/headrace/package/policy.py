"""The distribution's policy as data: which branch takes what, levels, licences, image lists.

The same tables stand in a workspace's `distribution.toml` and in a file of their own; a table or key that is not known is
an error that names it, for a rule with a typing mistake would silently not hold.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from headrace.package.model import PackageError
from headrace.upstream.model import Takes

POLICY_TABLES = ("development", "branches", "order", "levels", "licences", "images")
"""The top-level keys that are policy."""

LEVELS = ("L1", "L2", "L3", "L4")

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Branch:
    """What one branch may take; a frozen branch needs its owner for every change."""

    name: str
    takes: Takes
    frozen: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """The tables of the policy file. `allow` is None when no list is given: then licences cannot be judged."""

    development: str
    branches: Mapping[str, Branch]
    chain: tuple[str, ...] = ()
    levels: Mapping[str, str] = field(default_factory=dict)
    allow: tuple[str, ...] | None = None
    refuse: tuple[str, ...] = ()
    image_lists: tuple[str, ...] = ()

    def branch(self, name: str) -> Branch:
        """The rule of a branch. Raises PackageError for a branch that the policy does not name."""
        if name not in self.branches:
            raise PackageError(
                f"the policy has no branch {name}", f"it names {', '.join(self.branches)}", f'add [branches."{name}"]'
            )
        return self.branches[name]


def read_policy(document: Mapping[str, object], where: str = "policy") -> Policy:
    """The policy in a parsed TOML document; keys that are not policy are the caller's. Raises PackageError."""
    development = text(document, "development", where)
    branches = {development: Branch(development, Takes.ANY)}
    for name, table in tables(document, "branches", where).items():
        place = f"{where}: [branches.{name!r}]"
        only(table, ("takes", "frozen"), place)
        branches[name] = Branch(name, choice(table, "takes", Takes, place), flag(table, "frozen", place))
    order = only(table_of(document, "order", where), ("chain",), f"{where}: [order]")
    chain = texts(order, "chain", f"{where}: [order]")
    licences = only(table_of(document, "licences", where), ("allow", "refuse"), f"{where}: [licences]")
    images = only(table_of(document, "images", where), ("lists",), f"{where}: [images]")
    return Policy(
        development, branches, chain, _levels(document, where),
        texts(licences, "allow", where) if "allow" in licences else None,
        texts(licences, "refuse", where), texts(images, "lists", where),
    )  # fmt: skip


def _levels(document: Mapping[str, object], where: str) -> Mapping[str, str]:
    levels = table_of(document, "levels", where)
    for package, level in levels.items():
        if level not in LEVELS:
            raise PackageError(
                f"{where}: [levels] {package} = {level!r} is not a level", f"levels are {', '.join(LEVELS)}"
            )
    return {package: str(level) for package, level in levels.items()}


def only(table: Mapping[str, object], known: Collection[str], where: str) -> Mapping[str, object]:
    """The table itself, when it has no key but those that are known. Raises PackageError naming the first other one."""
    for key in table:
        if key not in known:
            raise PackageError(
                f"{where} has an unknown key {key!r}", f"it knows {', '.join(known)}", "correct or remove it"
            )
    return table


def table_of(document: Mapping[str, object], key: str, where: str) -> Mapping[str, object]:
    """A sub-table, empty when it is not there. Raises PackageError when it is something else."""
    value = document.get(key, {})
    if not isinstance(value, dict):
        raise PackageError(f"{where}: {key} is not a table", f"it is {value!r}"[:200], f"write [{key}]")
    return value


def tables(document: Mapping[str, object], key: str, where: str) -> Mapping[str, Mapping[str, object]]:
    """A table whose every value is a table."""
    outer = table_of(document, key, where)
    return {name: table_of(outer, name, f"{where}: [{key}]") for name in outer}


def text(table: Mapping[str, object], key: str, where: str, default: str | None = None) -> str:
    """A string. Raises PackageError when it is missing and has no default, or is not a string."""
    value = table.get(key, default)
    if not isinstance(value, str):
        raise PackageError(f"{where} needs {key} as a text", f"it is {value!r}"[:200])
    return value


def texts(table: Mapping[str, object], key: str, where: str) -> tuple[str, ...]:
    """A list of strings, empty when it is not there."""
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise PackageError(f"{where}: {key} is not a list of texts", f"it is {value!r}"[:200])
    return tuple(value)


def flag(table: Mapping[str, object], key: str, where: str) -> bool:
    """A boolean, false when it is not there."""
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise PackageError(f"{where}: {key} is neither true nor false", f"it is {value!r}"[:200])
    return value


def choice(table: Mapping[str, object], key: str, kind: type[_T], where: str) -> _T:
    """One value of an enumeration. Raises PackageError naming the values there are."""
    value = text(table, key, where)
    try:
        return kind(value)  # type: ignore[call-arg]
    except ValueError:
        known = ", ".join(str(item) for item in kind)  # type: ignore[attr-defined]
        raise PackageError(f"{where}: {key} = {value!r} is not known", f"it is one of {known}") from None
