"""The lines that a change adds, with their places; nothing here is slower than linear."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from headrace.evidence.review.model import Submission
from headrace.package.spec.document import SpecDocument

LONGEST_FILE = 4 * 1024 * 1024
"""Files with more bytes are not read line by line."""

READ = 2000
"""The characters of a line that patterns look at; a longer added line is one that nobody reads."""

PATCHES = (".patch", ".diff")


@dataclass(frozen=True, slots=True)
class Added:
    """A line that is new in a file; `section` is the spec's section, "" in the preamble and in other files."""

    path: str
    number: int
    text: str
    section: str = ""

    @property
    def short(self) -> str:
        """The text without blanks at its ends, cut where a longer line is a concern of its own; what patterns may search."""
        return self.text[:READ].strip()

    @property
    def where(self) -> str:
        """`path:line`."""
        return f"{self.path}:{self.number}"


def is_text(content: bytes) -> bool:
    """Whether a file reads as text: no NUL, not too long."""
    return len(content) <= LONGEST_FILE and b"\0" not in content


def added_in(change: Submission, path: str) -> Iterator[Added]:
    """The new lines of one file; of a patch file the lines that the patch itself adds."""
    content = change.new.files.get(path, b"")
    if not is_text(content):
        return
    before = Counter(change.old.files.get(path, b"").decode("utf-8", "replace").splitlines())
    for number, text in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        if before[text] > 0:
            before[text] -= 1
        elif not path.endswith(PATCHES):
            yield Added(path, number, text)
        elif text.startswith("+") and not text.startswith("+++ "):
            yield Added(path, number, text[1:])


def added_lines(change: Submission) -> Iterator[Added]:
    """The new lines of all files that are text."""
    for path in change.changed:
        yield from added_in(change, path)


def spec_lines(spec: bytes, path: str) -> Iterator[Added]:
    """All lines of a spec with their sections."""
    document = SpecDocument.parse(spec)
    for section in document.sections:
        for index in range(section.start, section.end):
            yield Added(path, index + 1, document.lines[index].text, section.name)


def new_spec_lines(change: Submission) -> Iterator[Added]:
    """The lines that are new in the spec, with their sections; blanks at their ends do not count."""
    before = Counter(line.text.strip() for line in spec_lines(change.old_spec, change.spec_name))
    for line in spec_lines(change.new.spec, change.spec_name):
        key = line.text.strip()
        if before[key] > 0:
            before[key] -= 1
        elif key:
            yield line


def gone_spec_lines(change: Submission) -> Iterator[Added]:
    """The lines of the old spec that are no longer there."""
    after = Counter(line.text.strip() for line in spec_lines(change.new.spec, change.spec_name))
    for line in spec_lines(change.old_spec, change.spec_name):
        key = line.text.strip()
        if after[key] > 0:
            after[key] -= 1
        elif key:
            yield line
