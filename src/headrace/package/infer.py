"""Where a package's upstream is, from the Source and URL lines of its spec alone. Nothing of the spec is run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from headrace.package.infer_folders import closed, folder, project_folder
from headrace.package.infer_forges import forge
from headrace.package.infer_model import UNKNOWN_PART, Address, Inference, Inferred, known, take_apart
from headrace.package.infer_registries import registry
from headrace.package.spec.document import SpecDocument
from headrace.package.spec.facts import facts_of
from headrace.package.spec.value import Known, Value
from headrace.package.spec.walk import LARGEST, walk
from headrace.words import Message, Text

__all__ = ["Inference", "Inferred", "infer"]

_MOST_SOURCES = 40
_HOLE = re.compile("[\ud800-\udfff]")
_MACRO = re.compile(r"%\{[^{}]{0,200}\}|%[A-Za-z_]\w{2,60}")
_PYPI = re.compile(r"%\{?\??pypi_source\b[ \t]*([\w.-]*)", re.ASCII)
_CRATE = re.compile(r"%\{?\??crates_source\b[ \t]*([\w.-]*)", re.ASCII)
_NPM = re.compile(r"%\{?\??npm(?:js)?_(?:source|url|registry)\b[ \t]*(@?[\w./-]*)", re.ASCII)
_PYPI_BASE = re.compile(
    r"%\{?\??__pypi_(?:url|base)\}?[^A-Za-z0-9]*(?:packages/)?(?:source/)?(?:\w/)?([\w.-]{1,100})/", re.ASCII
)
_WRAPPERS = ("python3-", "python-", "nodejs-", "rust-", "rubygem-", "perl-")


@dataclass(frozen=True, slots=True)
class _Lines:
    """What is used of a spec, with UNKNOWN_PART for what is not known."""

    name: str
    version: str
    url: str
    sources: tuple[str, ...]


def infer(spec: bytes, macros: Sequence[str] = (), hosts: Mapping[str, str] | None = None) -> Inference:
    """Every upstream that the spec's lines point at, the most certain first, or the reason why there is none.

    `macros` are the texts of the target's macro files; `hosts` maps the hosts of the configured registries to the sources'
    names. Never raises for what a spec holds.
    """
    if len(spec) > LARGEST:
        return Inference((), Message("the spec is larger than {limit} bytes and is not read", limit=LARGEST))
    lines = _read(spec, macros)
    doubts: list[Text] = []
    found: list[Inferred] = []
    for at, source in enumerate(lines.sources):
        project = _of_source(source, lines, hosts or {}, doubts)
        if project is not None:
            weight = 1.0 if at == 0 or _alike(project, lines.name) else 0.6
            found.append(replace(project, certainty=round(project.certainty * weight, 3)))
    home = _of_home(lines, hosts or {})
    if home is not None:
        found.append(home)
    projects = _best(found)
    return Inference(projects) if projects else Inference((), _why(lines, doubts))


def _read(spec: bytes, macros: Sequence[str]) -> _Lines:
    document = SpecDocument.parse(spec)
    walked = walk(document, macros, {}, "x86_64")
    facts = facts_of(document, walked)
    url, sources = "", list[str]()
    for met in walked.lines:
        if met.tag is None:
            continue
        if met.tag.name == "url" and not walked.sections[met.section].name:
            url = met.tag.value
        elif met.tag.name == "source" and len(sources) < _MOST_SOURCES:
            sources.append(met.tag.value)
    return _Lines(_or_nothing(facts.name), _or_nothing(facts.version), _marked(url), tuple(map(_marked, sources)))


def _or_nothing(value: Value[str]) -> str:
    return value.value if isinstance(value, Known) and "%" not in value.value else ""


def _marked(text: str) -> str:
    return _HOLE.sub(UNKNOWN_PART, text[:4000]).strip()


def _of_source(source: str, lines: _Lines, hosts: Mapping[str, str], doubts: list[Text]) -> Inferred | None:
    by_macro = _macro(source, lines.name)
    if by_macro is not None:
        return by_macro
    address = take_apart(_blank(source), lines.version, hosts)
    if address is None:
        return _below_a_macro(_blank(source), lines, hosts)
    reason = closed(address)
    if reason is None:
        found = registry(address) or forge(address) or project_folder(address) or folder(address)
        if isinstance(found, Inferred):
            return found
        reason = found
    doubts.append(reason)
    return None


def _below_a_macro(source: str, lines: _Lines, hosts: Mapping[str, str]) -> Inferred | None:
    """A registry's path behind a base that only the target's macros know: the path's form alone tells."""
    if not source.startswith(UNKNOWN_PART):
        return None
    address = take_apart("https://base.invalid/" + source.lstrip(UNKNOWN_PART + "/"), lines.version, hosts)
    found = registry(address) if address else None
    if found is None:
        return None
    reason = Message("the path behind the macro has the form of {source}'s", source=found.source)
    return replace(found, reason=reason, certainty=round(found.certainty - 0.05, 3))


def _blank(text: str) -> str:
    """`text` with the macros that nothing defines marked as not known."""
    return re.sub(f"{UNKNOWN_PART}+", UNKNOWN_PART, _MACRO.sub(UNKNOWN_PART, text))


def _macro(source: str, package: str) -> Inferred | None:
    plain = source.replace(UNKNOWN_PART, "")
    bare = package
    for wrapper in _WRAPPERS:
        bare = bare.removeprefix(wrapper)
    for pattern, name in ((_PYPI_BASE, "pypi"), (_PYPI, "pypi"), (_CRATE, "crates"), (_NPM, "npm")):
        match = pattern.search(plain)
        if match is None:
            continue
        project, certainty = (match[1], 0.95) if match[1] else (bare, 0.7)
        if project:
            return Inferred(
                name, project, "", certainty, Message("the source is written with the macro of {source}", source=name)
            )
    return None


def _of_home(lines: _Lines, hosts: Mapping[str, str]) -> Inferred | None:
    """What the URL line alone says: a home page is evidence only when it is a registry's, a forge's or a large project's."""
    address = take_apart(_blank(lines.url), lines.version, hosts)
    if address is None or closed(address) is not None:
        return None
    found = registry(address) or forge(address) or project_folder(address)
    return None if found is None else replace(found, certainty=round(found.certainty * 0.85, 3))


def _alike(project: Inferred, package: str) -> bool:
    one, other = (re.sub(r"[^a-z0-9]", "", text.lower()) for text in (project.project.rpartition("/")[2], package))
    return bool(one) and bool(other) and (one in other or other in one)


def _best(found: Iterable[Inferred]) -> tuple[Inferred, ...]:
    kept: dict[tuple[str, str], Inferred] = {}
    for one in found:
        key = (one.source, one.project.lower())
        before = kept.get(key)
        if (
            before is None
            or one.certainty > before.certainty
            or (one.certainty == before.certainty and one.tag_prefix > before.tag_prefix)
        ):
            kept[key] = one
    return tuple(sorted(kept.values(), key=lambda one: -one.certainty)[:8])


def _why(lines: _Lines, doubts: Sequence[Text]) -> Text:
    if doubts:
        return doubts[0]
    if not lines.sources:
        return Message("the spec has no source: it is made of nothing but itself")
    home: Address | None = take_apart(_blank(lines.url), "", {})
    if home is None or not known(home.host):
        return Message("the sources are files of the package, and no URL line says where they come from")
    return Message(
        "the sources are files of the package, and the home page {host} is no place that announces versions",
        host=home.host,
    )
