"""The nouns of a review: what was submitted, and everything that was read beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from headrace.evidence.model import Finding, Judgement
from headrace.package.model import PackageTree
from headrace.package.policy import Policy
from headrace.package.spec.facts import SpecFacts, read
from headrace.package.spec.value import Unknown
from headrace.words import Text


@dataclass(frozen=True, slots=True)
class Note:
    """The message of one commit: the subject line, and what follows it."""

    subject: str
    body: str = ""

    @staticmethod
    def read(message: str) -> Note:
        """Split a message at its first line."""
        subject, _, body = message.strip().partition("\n")
        return Note(subject.strip()[:2000], body.strip())


@dataclass(frozen=True)
class Submission:
    """A change of one package as a reviewer meets it. None and missing keys mean "not there", never "nothing"."""

    old: PackageTree
    new: PackageTree
    notes: tuple[Note, ...]
    macros: str = ""
    """The target's macro files, one text."""
    branch: str = ""
    policy: Policy | None = None
    images: Mapping[str, frozenset[str] | Text] | None = None
    """Image list -> its packages, or why it cannot be read."""
    heads: Mapping[str, str | Text] | None = None
    """Other branches of the repository -> the EVR that they carry, or why it is not known."""
    listings: Mapping[str, tuple[str, ...] | Text] = field(default_factory=dict)
    """Added or changed archives -> the names in them, or why they cannot be listed."""
    links: Mapping[str, str] = field(default_factory=dict)
    """Added paths that are no files: what they are."""
    unread: Mapping[str, int] = field(default_factory=dict)
    """Files of the new tree too large to be read, with their size in bytes; their content is in neither tree."""
    behind: bool = False
    """The branch has gone on since the change was made."""

    @cached_property
    def has_old(self) -> bool:
        """Whether the package was there before."""
        return any(path.endswith(".spec") for path in self.old.files)

    @cached_property
    def spec_name(self) -> str:
        """The path of the new spec. Raises PackageError when there is no single one."""
        return self.new.spec_path

    @cached_property
    def old_spec(self) -> bytes:
        """The old spec, empty for a new package."""
        return self.old.spec if self.has_old else b""

    @cached_property
    def old_facts(self) -> SpecFacts:
        """What the old spec says."""
        return read(self.old_spec, spec_name=self.spec_name, macros=[self.macros], files=self.old.files)

    @cached_property
    def new_facts(self) -> SpecFacts:
        """What the new spec says."""
        return read(self.new.spec, spec_name=self.spec_name, macros=[self.macros], files=self.new.files)

    @cached_property
    def added(self) -> tuple[str, ...]:
        """Paths that are new."""
        here = {*self.new.files, *self.links, *self.unread}
        return tuple(sorted(path for path in here if path not in self.old.files))

    @cached_property
    def changed(self) -> tuple[str, ...]:
        """Paths that are new or hold something else than before."""
        files = self.new.files
        altered = (path for path in files if path in self.old.files and files[path] != self.old.files[path])
        return tuple(sorted({*self.added, *altered}))

    @cached_property
    def removed(self) -> tuple[str, ...]:
        """Paths that are gone."""
        return tuple(sorted(path for path in self.old.files if path not in self.new.files and path not in self.unread))

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Every path of the new tree."""
        return tuple(sorted({*self.new.files, *self.links, *self.unread}))

    @cached_property
    def versions(self) -> tuple[str, str] | Text:
        """The old and the new version, or why they are not known."""
        for facts in (self.old_facts, self.new_facts):
            if isinstance(facts.version, Unknown):
                return facts.version.reason
        old, new = self.old_facts.version, self.new_facts.version
        return (getattr(old, "value", ""), getattr(new, "value", ""))

    @cached_property
    def same_version(self) -> bool:
        """Whether the version is known to stay."""
        return not isinstance(self.versions, Text) and self.versions[0] == self.versions[1]

    @cached_property
    def text(self) -> str:
        """Everything that people wrote of the change: messages and new changelog entries."""
        words = [f"{note.subject}\n{note.body}" for note in self.notes]
        count = max(len(self.new_facts.changelog) - len(self.old_facts.changelog), 0) or 1
        old = {(entry.head, entry.text) for entry in self.old_facts.changelog}
        for entry in self.new_facts.changelog[:count]:
            if (entry.head, entry.text) not in old:
                words += [entry.head, *entry.text]
        return "\n".join(words)


Item = Callable[[Submission], tuple[Finding, ...]]
"""A pure judgement of one item of the checklist; never empty."""


@dataclass(frozen=True, slots=True)
class Review:
    """What the checklist says of a submission, and the gate's verdict."""

    findings: tuple[Finding, ...]
    judgement: Judgement
