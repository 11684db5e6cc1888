"""From the raw header of a package to the facts that people and checks speak of."""

from __future__ import annotations

from headrace.evidence.model import EvidenceError, Rpm, RpmFile
from headrace.evidence.rpm_tags import DEPENDENCIES, SCRIPTLETS, TRIGGERS, FileFlag, Header, Sense, Tag

_FLAG_NAMES = tuple((flag, (flag.name or "").lower()) for flag in FileFlag)


def facts_of(header: Header, filename: str, sha256: str) -> Rpm:
    """The facts that a header holds. Raises EvidenceError when it names no package or its lists do not fit together."""
    name, version, release = header.text(Tag.NAME), header.text(Tag.VERSION), header.text(Tag.RELEASE)
    if not (name and version and release):
        raise _wrong(filename, "its header lacks a name, a version or a release")
    size = header.number(Tag.LONGSIZE)
    return Rpm(
        name=name,
        epoch=header.number(Tag.EPOCH) or 0,
        version=version,
        release=release,
        arch=header.text(Tag.ARCH),
        licence=header.text(Tag.LICENSE),
        size=size if size is not None else header.number(Tag.SIZE) or 0,
        files=_files(header, filename),
        provides=_dependencies(header, "provides", filename),
        requires=_dependencies(header, "requires", filename),
        conflicts=_dependencies(header, "conflicts", filename),
        obsoletes=_dependencies(header, "obsoletes", filename),
        recommends=_dependencies(header, "recommends", filename),
        scriptlets=_scriptlets(header, filename),
        filename=filename,
        sha256=sha256,
    )


def dependency(name: str, flags: int, version: str) -> str:
    """A dependency as rpm prints it: `a`, `a >= 1`, `(a if b)`."""
    sense = "".join(
        sign for sign, flag in (("<", Sense.LESS), (">", Sense.GREATER), ("=", Sense.EQUAL)) if flags & flag
    )
    return f"{name} {sense} {version}" if sense and version else name


def _dependencies(header: Header, kind: str, filename: str) -> tuple[str, ...]:
    names, flags, versions = DEPENDENCIES[kind]
    told = header.texts(names)
    senses = header.numbers(flags) or (0,) * len(told)
    numbers = header.texts(versions) or ("",) * len(told)
    _same_length(filename, kind, len(told), len(senses), len(numbers))
    return tuple(dependency(*each) for each in zip(told, senses, numbers, strict=True))


def _scriptlets(header: Header, filename: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, (text, interpreter) in SCRIPTLETS.items():
        body, program = header.text(text), " ".join(header.texts(interpreter))
        if body or program:
            found[name] = f"#!{program}\n{body}"
    for name, (texts, programs) in TRIGGERS.items():
        bodies = header.texts(texts)
        told = header.texts(programs) or ("",) * len(bodies)
        _same_length(filename, name, len(bodies), len(told))
        for number, (body, program) in enumerate(zip(bodies, told, strict=True)):
            found[f"{name} {number}"] = f"#!{program}\n{body}"
    return found


def _files(header: Header, filename: str) -> tuple[RpmFile, ...]:
    paths = _paths(header, filename)
    count = len(paths)
    sizes = header.numbers(Tag.LONGFILESIZES) or header.numbers(Tag.FILESIZES)
    modes, digests, flags = header.numbers(Tag.FILEMODES), header.texts(Tag.FILEDIGESTS), header.numbers(Tag.FILEFLAGS)
    links = header.texts(Tag.FILELINKTOS) or ("",) * count
    owners, groups = header.texts(Tag.FILEUSERNAME), header.texts(Tag.FILEGROUPNAME)
    capabilities = header.texts(Tag.FILECAPS) or ("",) * count
    lists = (sizes, modes, digests, flags, links, owners, groups, capabilities)
    _same_length(filename, "files", count, *(len(each) for each in lists))
    return tuple(
        RpmFile(
            paths[at], modes[at], owners[at], groups[at], sizes[at], digests[at], links[at], capabilities[at].strip(),
            _flag_names(flags[at]),
        )
        for at in range(count)
    )  # fmt: skip


def _paths(header: Header, filename: str) -> tuple[str, ...]:
    old = header.texts(Tag.OLDFILENAMES)
    if old:
        return old
    names, folders, places = header.texts(Tag.BASENAMES), header.texts(Tag.DIRNAMES), header.numbers(Tag.DIRINDEXES)
    _same_length(filename, "files", len(names), len(places))
    try:
        return tuple(folders[place] + name for name, place in zip(names, places, strict=True))
    except IndexError as error:
        raise _wrong(filename, "a file lies in a directory that its header does not name") from error


def _flag_names(flags: int) -> tuple[str, ...]:
    return tuple(name for flag, name in _FLAG_NAMES if flags & flag)


def _same_length(filename: str, what: str, count: int, *others: int) -> None:
    if any(other != count for other in others):
        raise _wrong(filename, f"its lists of {what} do not fit together")


def _wrong(filename: str, why: str) -> EvidenceError:
    return EvidenceError(f"{filename or 'a package'} cannot be read", why, "build it again")
