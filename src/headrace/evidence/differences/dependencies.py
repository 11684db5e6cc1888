"""What packages provide and need: names that went, new requirements, obsoletes and conflicts; sonames are told apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from headrace.evidence.differences.model import Difference, Weight, shipped
from headrace.evidence.model import Rpm
from headrace.words import Message

_SONAME = re.compile(r"(?P<soname>(?:lib|ld-)[^/()\s]*\.so[^/()\s]*)\((?P<symbols>[^()]*)\)(?P<bits>\(64bit\))?\Z")
_AUTOMATIC = re.compile(
    r"rpmlib\(|rtld\(|config\(|/bin/(?:sh|bash)\Z|/usr/bin/(?:sh|bash|env|python3|perl|node)\Z|ld-linux|libc\.so|libm\.so|libpthread\.so"
)
_ZEROS = re.compile(r"(?:\.0)+\Z")
_OPERATOR = re.compile(r"\s(?:<=|>=|=|<|>)\s")


def compare_dependencies(old: Sequence[Rpm], new: Sequence[Rpm]) -> list[Difference]:
    """Differences of Provides, Requires, Conflicts, Obsoletes and Recommends over all packages, by name."""
    before, after = shipped(old), shipped(new)
    return [
        *_provides(before, after),
        *_requires(before, after),
        *_others("obsoletes", before, after),
        *_others("conflicts", before, after),
        *_others("recommends", before, after),
    ]


def compare_sonames(old: Sequence[Rpm], new: Sequence[Rpm]) -> list[Difference]:
    """Sonames and their symbol versions that are no longer provided, and new ones."""
    before, after = _sonames(shipped(old)), _sonames(shipped(new))
    found: list[Difference] = []
    taken: set[str] = set()
    for soname in sorted(before.keys() - after.keys()):
        stem = soname.partition(".so")[0]
        heirs = [each for each in sorted(after.keys() - before.keys()) if each.partition(".so")[0] == stem]
        taken.update(heirs)
        remark = Message("the soname is gone: everything that is linked with it must be rebuilt")
        found.append(Difference("soname", soname, soname, " ".join(heirs), Weight.CONCERN, remark))
    found += [
        Difference("soname", soname, "", soname, Weight.NOTE, Message("a soname is added"))
        for soname in sorted(after.keys() - before.keys() - taken)
    ]
    for soname in sorted(before.keys() & after.keys()):
        for symbols in sorted(before[soname] - after[soname]):
            remark = Message("the symbol version is gone: what uses it no longer starts")
            found.append(Difference("symbol version", f"{soname}({symbols})", symbols, "", Weight.CONCERN, remark))
        for symbols in sorted(after[soname] - before[soname]):
            remark = Message("a symbol version is added")
            found.append(Difference("symbol version", f"{soname}({symbols})", "", symbols, Weight.NOTE, remark))
    return found


def _sonames(packages: Iterable[Rpm]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for package in packages:
        for provide in package.provides:
            if match := _SONAME.match(provide):
                symbols = found.setdefault(match["soname"], set())
                if match["symbols"]:
                    symbols.add(match["symbols"])
    return found


def _provides(old: Sequence[Rpm], new: Sequence[Rpm]) -> list[Difference]:
    before = _named((package, each) for package in old for each in package.provides if not _SONAME.match(each))
    after = _named((package, each) for package in new for each in package.provides if not _SONAME.match(each))
    found: list[Difference] = []
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name, ""), after.get(name, "")
        if not now:
            remark = Message("no longer provided: what requires it cannot be installed")
            found.append(Difference("provides", name, was, "", Weight.CONCERN, remark))
        elif not was:
            found.append(Difference("provides", name, "", now, Weight.NOTE, Message("newly provided")))
        elif was != now:
            found.append(Difference("provides", name, was, now, Weight.NOTE, Message("provided in another version")))
    return found


def _requires(old: Sequence[Rpm], new: Sequence[Rpm]) -> list[Difference]:
    own = _named((package, each) for package in new for each in package.provides)
    own_files = {file.path for package in new for file in package.files}
    before = _named((package, each) for package in old for each in package.requires)
    after = _named((package, each) for package in new for each in package.requires)
    found: list[Difference] = []
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name, ""), after.get(name, "")
        if was == now:
            continue
        if not was:
            quiet = name in own or name in own_files or bool(_AUTOMATIC.match(name))
            weight = Weight.NOTE if quiet else Weight.CONCERN
            remark = Message("newly required")
            if not quiet:
                remark = Message("newly required: whether the distribution has it was not looked at")
            found.append(Difference("requires", name, "", now, weight, remark))
        elif not now:
            found.append(Difference("requires", name, was, "", Weight.NOTE, Message("no longer required")))
        else:
            found.append(Difference("requires", name, was, now, Weight.NOTE, Message("required in another version")))
    return found


_REMARKS = {
    "obsoletes": Message("it now replaces a package on upgrade"),
    "conflicts": Message("it can no longer be installed beside it"),
    "recommends": Message("newly recommended"),
}


def _others(kind: str, old: Sequence[Rpm], new: Sequence[Rpm]) -> list[Difference]:
    before = _named((package, each) for package in old for each in getattr(package, kind))
    after = _named((package, each) for package in new for each in getattr(package, kind))
    found: list[Difference] = []
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name, ""), after.get(name, "")
        if not was:
            weight = Weight.NOTE if kind == "recommends" else Weight.CONCERN
            found.append(Difference(kind, name, "", now, weight, _REMARKS[kind]))
        elif not now:
            weight = Weight.CONCERN if kind == "obsoletes" else Weight.NOTE
            remark = Message("no longer declared")
            found.append(Difference(kind, name, was, "", weight, remark))
        elif was != now:
            found.append(Difference(kind, name, was, now, Weight.NOTE, Message("declared for another version")))
    return found


def _named(pairs: Iterable[tuple[Rpm, str]]) -> dict[str, str]:
    """Name -> the whole dependency; the package's own version in it is written `{evr}`, for it changes by design."""
    found: dict[str, set[str]] = {}
    for package, each in pairs:
        name = each if each.startswith("(") else _OPERATOR.split(each, maxsplit=1)[0]
        found.setdefault(name, set()).add(_without_own(each, package))
    return {name: ", ".join(sorted(told)) for name, told in found.items()}


def _without_own(dependency: str, package: Rpm) -> str:
    full = f"{package.version}-{package.release}"
    for text in (f"{package.epoch}:{full}", full):
        if dependency.endswith(f" {text}"):
            return dependency[: -len(text)] + "{evr}"
    # Python's own spelling leaves zeros at the end out: 2.11.0 is provided as 2.11.
    for text in (package.version, _ZEROS.sub("", package.version)):
        if dependency.endswith(f" {text}"):
            return dependency[: -len(text)] + "{version}"
    return dependency
