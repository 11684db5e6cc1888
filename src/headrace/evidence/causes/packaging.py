"""Causes that rpmbuild itself tells."""

from __future__ import annotations

from headrace.evidence.causes.model import kind
from headrace.words import Message

KINDS = (
    kind(
        "missing build requirement",
        r"^\s*(?P<subject>\S+(?: [<>=]+ \S+)?) is needed by \S+",
        Message("{subject} is required by the spec and not installed"),
    ),
    kind(
        "unpackaged file",
        r"^\s*Installed \(but unpackaged\) file\(s\) found:\s*(?P<subject>/\S+)?",
        Message("files were installed that no %files lists: {subject}"),
    ),
    kind(
        "missing packaged file",
        r"^\s*(?:error: )?File not found(?: by glob)?: (?:/\S*/BUILDROOT/[^/\s]+)?(?P<subject>/\S+)",
        Message("%files lists {subject}, which was not installed"),
    ),
    kind(
        "missing packaged directory",
        r"^\s*(?:error: )?Directory not found: (?:/\S*/BUILDROOT/[^/\s]+)?(?P<subject>/\S+)",
        Message("%files lists the directory {subject}, which was not installed"),
    ),
    kind(
        "missing file list",
        r"Could not open %files file (?P<subject>[^:]+)",
        Message("the list of files {subject} was not written"),
    ),
    kind("empty file list", r"Empty %files file (?P<subject>\S+)", Message("the list of files {subject} is empty")),
    kind(
        "file listed twice",
        r"^\s*(?:error|warning): File listed twice: (?P<subject>/\S+)",
        Message("%files lists {subject} twice"),
        1,
    ),
    kind(
        "bad file path",
        r"File must begin with \"/\": (?P<subject>\S+)",
        Message("%files has {subject}, which is no path"),
    ),
    kind(
        "missing source",
        r"Bad (?:source|file): (?:\S*/)?(?P<subject>[^/\s:]+): No such file",
        Message("the source {subject} is not there"),
    ),
    kind(
        "missing source",
        r"^error: File (?:/\S*/)?(?P<subject>[^/\s:]+): No such file",
        Message("the source {subject} is not there"),
    ),
    kind(
        "undefined macro",
        r"^\s*(?:/\S+: line \d+: )?(?:fg: no job control|%(?P<subject>\w+): command not found)",
        Message("a macro of the spec is not defined here: {subject}"),
    ),
    kind(
        "spec error",
        r"^error: (?:line (?P<subject>\d+): .*|Unclosed %if|.*: line \d+: (?:Unknown tag|parse error).*)",
        Message("the spec cannot be read at line {subject}"),
    ),
    kind(
        "spec error",
        r"^error: (?P<subject>Name|Version|Release|Summary|License) field must be present",
        Message("the spec lacks {subject}"),
    ),
    kind(
        "bad date in changelog",
        r"^error: bad date in %changelog: (?P<subject>.*)",
        Message("the changelog has a date that is none: {subject}"),
        2,
    ),
    kind(
        "changelog order",
        r"^error: %changelog not in descending chronological order",
        Message("the entries of the changelog are not in order"),
        2,
    ),
    kind(
        "architecture",
        r"^error: Architecture is (?:not included|excluded): (?P<subject>\S+)",
        Message("the spec does not build for {subject}"),
    ),
    kind(
        "architecture in noarch",
        r"Arch dependent binaries in noarch package",
        Message("a package without architecture holds compiled files"),
    ),
    kind(
        "build path in package",
        r"^Found '(?P<subject>/\S*BUILDROOT\S*)' in installed files",
        Message("installed files hold the path of the build"),
    ),
    kind(
        "rpath",
        r"^ERROR\s+\d+: file '(?P<subject>[^']+)' contains an? (?:standard|invalid|insecure|empty) r(?:un)?path",
        Message("{subject} looks for libraries in a place that it should not"),
    ),
    kind(
        "ambiguous interpreter",
        r"ambiguous python shebang in (?P<subject>\S+?):",
        Message("{subject} does not say which Python it wants"),
    ),
    kind(
        "patch does not apply",
        r"^\d+ out of \d+ hunks? FAILED(?:.* (?:to file|rejects to file) (?P<subject>\S+?)(?:\.rej)?)?$",
        Message("a patch does not apply: {subject}"),
    ),
    kind(
        "patch does not apply",
        r"^error: patch failed: (?P<subject>\S+?):\d+",
        Message("a patch does not apply to {subject}"),
    ),
    kind(
        "patch does not apply",
        r"^error: (?P<subject>\S+): patch does not apply",
        Message("a patch does not apply to {subject}"),
        1,
    ),
    kind(
        "patch target missing",
        r"^can't find file to patch at input line",
        Message("a patch is for a file that is not there"),
    ),
    kind(
        "patch target missing",
        r"^error: (?P<subject>\S+): (?:does not exist in index|No such file or directory)$",
        Message("a patch is for {subject}, which is not there"),
    ),
    kind(
        "patch already applied",
        r"^Reversed \(or previously applied\) patch detected",
        Message("a patch is in the sources already"),
    ),
    kind(
        "source directory",
        r"cd: (?:can't cd to )?'?(?P<subject>[^:'/]+(?:-[^:'/]+))'?(?:: No such file or directory)?$",
        Message("the archive does not unpack to {subject}: %setup -n is wrong"),
    ),
    kind(
        "archive cannot be unpacked",
        r"^(?:/\S+/)?tar: (?:This does not look like a tar archive|Unexpected EOF|Child returned status)",
        Message("the source is no archive, or a damaged one"),
    ),
    kind(
        "archive cannot be unpacked",
        r"^(?:gzip|xz|bzip2|unzip|zstd): (?:stdin|\S+): (?:not in"
        r" gzip format|File format not recognized|unexpected end)",
        Message("the source is no archive, or a damaged one"),
    ),
    kind("stage failed", r"^error: Bad exit status from \S+ \((?P<subject>%\w+)\)", Message("{subject} failed"), 3),
)
