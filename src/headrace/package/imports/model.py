"""What another watcher's configuration says, as far as it means something here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from headrace.package.model import PackageError, UpstreamMetadata
from headrace.words import Text


@dataclass(frozen=True, slots=True)
class Imported:
    """One package's upstream. `options` are further facts under the names of openEuler's layout or the source's own;
    `remarks` say which of the settings have no counterpart here."""

    package: str
    source: str
    project: str
    address: str = ""
    tag_prefix: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[Text, ...] = ()

    @property
    def metadata(self) -> UpstreamMetadata:
        """The same in openEuler's layout. What has no registry of its own there is named by its address."""
        named = self.project if self.source in _BY_NAME or not self.address else self.address
        return UpstreamMetadata(self.source, named, self.tag_prefix, ".", dict(self.options))


_BY_NAME = frozenset({"pypi", "npm", "debian", "github", "gitee", "crates", "rubygems", "metacpan", "hackage", "cran",
                      "packagist", "hex", "pecl", "maven", "go", "gnome", "gnu", "sourceforge"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class NotImported:
    """An entry that could not be taken over, and why."""

    package: str
    reason: Text


@dataclass(frozen=True, slots=True)
class Imports:
    """Every entry of a file: those that were read and those that were left, none lost."""

    read: tuple[Imported, ...]
    left: tuple[NotImported, ...] = ()


LARGEST = 64 * 1024 * 1024
MOST_ENTRIES = 500_000


def refuse(where: str, why: str) -> PackageError:
    """The error about a file that cannot be read at all."""
    return PackageError(f"{where} cannot be read", why, "correct it or name another file")


def text_of(data: bytes, where: str) -> str:
    """The file as text. Raises PackageError when it is too large or not UTF-8."""
    if len(data) > LARGEST:
        raise refuse(where, f"it has more than {LARGEST} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refuse(where, "it is not UTF-8") from None


def word(value: object, limit: int = 500) -> str:
    """A printable one-line text, "" for anything else."""
    return value.strip() if isinstance(value, str) and len(value) <= limit and value.strip().isprintable() else ""
