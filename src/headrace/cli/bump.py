"""`headrace bump`: one spec edited in place, with no workspace and no network."""

from __future__ import annotations

import datetime as dt
import json
import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from headrace.errors import HeadraceError
from headrace.package.spec import targets
from headrace.package.spec.bump import Bumped, ChangelogEntry
from headrace.package.spec.bump import bump as bumped
from headrace.package.spec.walk import LARGEST


def bump(
    spec: Annotated[Path, typer.Argument(help="The spec to edit.", exists=True, dir_okay=False)],
    to: Annotated[str, typer.Option("--to", help="The version to move to; the present one only grows the release.")],
    json_: Annotated[bool, typer.Option("--json", help="Tell what was done as JSON.")] = False,
    author: Annotated[str, typer.Option("--author", help="Who, as `Name <mail>`.")] = "Headrace <headrace@localhost>",
    date: Annotated[str, typer.Option("--date", help="The day of the entry, YYYY-MM-DD; today when not given.")] = "",
    message: Annotated[str, typer.Option("--message", help="The text of the changelog entry.")] = "",
    target: Annotated[str, typer.Option("--target", help="The distribution for which the spec is read.")] = "",
    drop_patch: Annotated[list[int] | None, typer.Option("--drop-patch", help="A patch that upstream merged.")] = None,
    commit: Annotated[str, typer.Option("--commit", help="The commit of a snapshot, for specs that name one.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would change and write nothing.")] = False,
) -> None:
    """Move SPEC to another version: only the lines that must change do."""
    try:
        result = bumped(
            _read(spec),
            to,
            spec_name=spec.name,
            macros=targets.load(target) if target else (),
            files=_beside(spec),
            entry=ChangelogEntry(author, _day(date), tuple((message or f"Upgrade to {to}").splitlines())),
            drop_patches=tuple(drop_patch or ()),
            commit=commit,
        )
        if not dry_run:
            _replace(spec, result.data)
    except HeadraceError as error:
        _refused(error, spec, json_)
        raise typer.Exit(1) from None
    typer.echo(_as_json(spec, result) if json_ else _as_text(spec, result))


def _read(spec: Path) -> bytes:
    if spec.stat().st_size > LARGEST:
        raise HeadraceError(f"{spec.name} is too large", f"at most {LARGEST} bytes are read")
    return spec.read_bytes()


def _beside(spec: Path) -> dict[str, bytes]:
    """The small files beside the spec that `%include` and `%{load:}` may name."""
    found = {}
    for path in sorted(spec.resolve().parent.iterdir())[:2000]:
        wanted = path.suffix in (".inc", ".macros", ".txt", ".conf") or path.name.startswith("macros")
        if wanted and path.is_file() and not path.is_symlink() and path.stat().st_size <= 200_000:
            found[path.name] = path.read_bytes()
    return found


def _day(text: str) -> dt.date:
    if not text:
        return dt.datetime.now(dt.UTC).date()
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise HeadraceError(f"{text!r} is not a date", remedy="write it as YYYY-MM-DD") from None


def _replace(spec: Path, data: bytes) -> None:
    """Write beside the spec and rename: a reader sees the old spec or the new one, never half of it."""
    target = spec.resolve()
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise HeadraceError(
            f"{spec} cannot be written", str(error.strerror), "check its folder's permissions"
        ) from None
    written = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        written.chmod(target.stat().st_mode & 0o7777)
        written.replace(target)
    except OSError as error:
        written.unlink(missing_ok=True)
        raise HeadraceError(f"{spec} cannot be written", str(error.strerror), "check the disk") from None


def _refused(error: HeadraceError, spec: Path, json_: bool) -> None:
    if json_:
        wrong = {"brief": error.brief, "detail": error.detail, "remedy": error.remedy}
        typer.echo(json.dumps({"spec": str(spec), "error": wrong}, ensure_ascii=False, indent=2))
    else:
        typer.echo(str(error), err=True)


def _as_json(spec: Path, result: Bumped) -> str:
    return json.dumps(
        {
            "spec": str(spec),
            "from": result.from_evr,
            "to": result.to_evr,
            "edits": [
                {"line": edit.line, "old": edit.old, "new": edit.new, "reason": str(edit.reason)}
                for edit in result.edits
            ],
            "notes": [str(note) for note in result.notes],
        },
        ensure_ascii=False,
        indent=2,
    )


def _as_text(spec: Path, result: Bumped) -> str:
    rows = [f"{spec}: {result.from_evr} -> {result.to_evr}"]
    for edit in result.edits:
        rows.append(f"  line {edit.line}: {edit.reason}")
        rows += [f"    - {row}" for row in edit.old.splitlines()] + [f"    + {row}" for row in edit.new.splitlines()]
    return "\n".join([*rows, *(f"  note: {note}" for note in result.notes)])


if __name__ == "__main__":
    typer.run(bump)
