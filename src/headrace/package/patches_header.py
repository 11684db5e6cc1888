"""What the prose of a patch tells: which CVE it fixes, which upstream commit it is, where it comes from."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from headrace.package.patches import Patch

_READ = 256 * 1024
_CVE = re.compile(r"\bCVE-(\d{4})-(\d{4,7})(?!\d)", re.IGNORECASE)
_COMMIT = re.compile(
    r"(?:\bcherry[ -]picked from commit |/commit/\?id=|/commits?/|;h=|\bcommit[: ]{1,3})([0-9a-f]{7,40})(?![0-9a-z])",
    re.IGNORECASE,
)
_MAIL = re.compile(r"^From ([0-9a-f]{40}) ", re.MULTILINE)
_URL = re.compile(r"https?://[^\s<>\"')\]]{1,500}")
_FIELD = re.compile(r"^(from|author|subject|date|description):[ \t]{0,8}(\S.{0,500})$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class HeaderFacts:
    """What a patch says of itself; nothing is inferred, so what is missing is empty.

    `commits` are upstream ids in hex, the most telling first (cherry-picked from, addresses, the mail's own id last).
    """

    subject: str = ""
    author: str = ""
    cves: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()


def header_facts(patch: Patch, filename: str = "") -> HeaderFacts:
    """Read the prose of a patch and the CVE ids in its file name."""
    prose = b"".join([patch.header, *(file.lead for file in patch.files)])[:_READ].decode("utf-8", "replace")
    cves = [f"CVE-{year}-{number}" for year, number in _CVE.findall(filename.replace("_", "-") + "\n" + prose)]
    commits = [*(found.lower() for found in _COMMIT.findall(prose)), *_MAIL.findall(prose)]
    fields: dict[str, str] = {}
    for name, value in _FIELD.findall(prose):
        fields.setdefault(name.lower(), value.strip())
    return HeaderFacts(
        fields.get("subject") or fields.get("description", ""),
        fields.get("from") or fields.get("author", ""),
        tuple(dict.fromkeys(cves)),
        tuple(commit for commit in dict.fromkeys(commits) if set(commit) != {"0"}),
        tuple(dict.fromkeys(_URL.findall(prose))),
    )


def identity(patch: Patch) -> str:
    """A SHA-256 (hex) of what a patch changes, in the manner of `git patch-id`.

    Equal for patches that differ only in prose, line numbers, white space and the order of their files.
    """
    digests = []
    for file in patch.files:
        words = [b"", *(name.partition("/")[2].encode("utf-8", "surrogateescape") for name in file.names)]
        for hunk in file.hunks:
            words += [marker.encode() + b"".join(text.split()) for marker, text in hunk.marked(strip_cr=True)]
        if not file.hunks:
            words.append(file.head)
        digests.append(hashlib.sha256(b"\n".join(words)).digest())
    return hashlib.sha256(b"".join(sorted(digests))).hexdigest()
