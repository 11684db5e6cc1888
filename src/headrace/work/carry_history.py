"""Two histories in one bare repository: the old sources with each patch on top, and the new sources beside them.

Only the files that the patches touch are stored (and those that a missing one may have become), so that the cost grows
with the patches and not with the sources. Nothing is ever checked out: no attribute, filter or hook of an archive acts.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from headrace.outside.command import run
from headrace.outside.git import Git, GitError, environment
from headrace.package.patches_apply import Blob
from headrace.package.patches_style import Style

Files = Mapping[str, Blob | None]
"""Path -> file, None where it is removed."""

_STAMP = "Headrace <headrace@invalid> 0 +0000"
_ATTRIBUTES = "* -text -filter -ident !diff !merge !working-tree-encoding !eol !whitespace\n"
_OPTIONS = (
    "-c",
    "merge.renames=true",
    "-c",
    "merge.directoryRenames=false",
    "-c",
    "merge.renameLimit=0",
    "-c",
    "safe.directory=*",
)


@dataclass(frozen=True, slots=True)
class Merge:
    """What a three-way merge gave: a tree, or the files in which it conflicts."""

    tree: str
    conflicts: tuple[str, ...] = ()


class History:
    """The repository of one carry; `old[k]` is the commit of the old sources with the first k patches."""

    def __init__(self, directory: Path, seconds: float) -> None:
        shutil.rmtree(directory, ignore_errors=True)
        self._git = Git.create(directory)
        (directory / "info").mkdir(exist_ok=True)
        (directory / "info" / "attributes").write_text(_ATTRIBUTES)
        self._seconds = seconds
        self.old: tuple[str, ...] = ()
        self.new_tree = ""

    def write(self, base: Files, steps: Sequence[Files], new: Files) -> None:
        """Store the old sources, every patch's result as a commit on them, and the new sources."""
        stream = bytearray()
        for number, files in enumerate([base, *steps], 1):
            _commit(stream, "refs/heads/old", number, files, number - 1 or None)
        last = len(steps) + 2
        _commit(stream, "refs/heads/new", last, new, None)
        marks = self._git.directory / "marks"
        self._git.run(
            "fast-import",
            "--quiet",
            "--done",
            f"--export-marks={marks.name}",
            stdin=bytes(stream) + b"done\n",
            seconds=self._seconds,
        )
        commits = dict(line.split(" ") for line in marks.read_text().splitlines())
        self.old = tuple(commits[f":{number}"] for number in range(1, last))
        self.new_tree = self._git.line("rev-parse", f"{commits[f':{last}']}^{{tree}}")

    def merge(self, step: int, tree: str) -> Merge:
        """Carry patch `step` (from 1) onto a tree of the new sources: base is the old sources before it."""
        ours = self._ours(step, tree)
        argv = [
            "git",
            *_OPTIONS,
            "-C",
            str(self._git.directory),
            "merge-tree",
            "--write-tree",
            "-z",
            "--name-only",
            "--no-messages",
            ours,
            self.old[step],
        ]
        done = run(argv, env=environment(), seconds=self._seconds, check=False)
        if done.returncode not in (0, 1):
            said = done.stderr.decode("utf-8", "replace").strip()[:300]
            raise GitError("git cannot merge trees", said, "install git 2.38 or newer")
        names = [name.decode("utf-8", "surrogateescape") for name in done.stdout.split(b"\0") if name]
        return Merge(names[0], tuple(dict.fromkeys(names[1:])) if done.returncode else ())

    def moves(self, step: int, tree: str) -> dict[str, str]:
        """The files that upstream moved between the old sources before patch `step` and a tree: old path -> new path."""
        said = self._git.run(
            "diff-tree", "-r", "-z", "-M", "-l0", "--diff-filter=R", "--name-status", self.old[step - 1], tree
        )
        words = [word.decode("utf-8", "surrogateescape") for word in said.split(b"\0")[:-1]]
        return {words[at + 1]: words[at + 2] for at in range(0, len(words) - 2, 3)}

    def changed(self, before: str, after: str) -> dict[str, Blob | None]:
        """The files that differ between two trees, as they are in the second."""
        rows = self._git.run("diff-tree", "-r", "-z", "--no-renames", "--raw", before, after).split(b"\0")[:-1]
        entries = [
            (rows[at].split(b" "), rows[at + 1].decode("utf-8", "surrogateescape")) for at in range(0, len(rows), 2)
        ]
        there = [(meta[1], meta[3], path) for meta, path in entries if meta[4] != b"D"]
        files: dict[str, Blob | None] = {path: None for _, path in entries}
        answer = (
            self._git.run("cat-file", "--batch", stdin=b"".join(blob + b"\n" for _, blob, _ in there)) if there else b""
        )
        at = 0
        for mode, _, path in there:
            end = answer.index(b"\n", at)
            size = int(answer[at:end].rsplit(b" ", 1)[1])
            files[path] = Blob(answer[end + 1 : end + 1 + size], mode == b"100755")
            at = end + 1 + size + 1
        return files

    def diff(self, before: str, after: str, style: Style) -> bytes:
        """The unified diff between two trees with a style's prefixes and context."""
        return self._git.run(
            "diff-tree", "-r", "-p", "--full-index", "--no-color", "--no-ext-diff", "--no-textconv", "--diff-algorithm=myers",
            "--no-indent-heuristic", "-M" if style.renames else "--no-renames", f"-U{style.context}",
            f"--src-prefix={style.old_prefix}", f"--dst-prefix={style.new_prefix}", before, after,
        )  # fmt: skip

    def upstream(self, step: int, tree: str, paths: Sequence[str]) -> bytes:
        """What upstream changed in some files (old and new paths) before patch `step`, as a diff without context."""
        return self._git.run(
            "--literal-pathspecs", "diff-tree", "-r", "-p", "-U0", "-M", "-l0", "--full-index", "--no-color", "--no-ext-diff",
            "--no-textconv", "--diff-algorithm=myers", "--no-indent-heuristic", self.old[step - 1], tree, "--", *paths,
        )  # fmt: skip

    def diffstat(self, before: str, after: str) -> bytes:
        """Git's diffstat as a patch mail shows it."""
        return self._git.run("diff-tree", "-r", "--no-color", "--stat=72", "--summary", "-M", before, after)

    def _ours(self, step: int, tree: str) -> str:
        text = f"tree {tree}\nparent {self.old[step - 1]}\nauthor {_STAMP}\ncommitter {_STAMP}\n\nnew\n"
        return self._git.line("hash-object", "-t", "commit", "-w", "--stdin", stdin=text.encode())


def _commit(stream: bytearray, reference: str, mark: int, files: Files, parent: int | None) -> None:
    stream += f"commit {reference}\nmark :{mark}\ncommitter {_STAMP}\ndata 0\n".encode()
    if parent is not None:
        stream += f"from :{parent}\n".encode()
    for path, blob in sorted(
        files.items(), key=lambda item: item[1] is not None
    ):  # removals first: a file may become a folder
        name = _quoted(path)
        if blob is None:
            stream += b"D " + name + b"\n"
        else:
            mode = b"100755" if blob.executable else b"100644"
            stream += b"M " + mode + b" inline " + name + b"\ndata %d\n" % len(blob.data) + blob.data + b"\n"
    stream += b"\n"


def _quoted(path: str) -> bytes:
    """A path as fast-import reads it, whatever bytes it has."""
    raw = path.encode("utf-8", "surrogateescape")
    return (
        b'"'
        + b"".join(bytes([byte]) if 32 < byte < 127 and byte not in b'"\\' else b"\\%03o" % byte for byte in raw)
        + b'"'
    )
