"""What the packages will hold, as far as the spec alone tells; the rest needs builds and is said to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from headrace.evidence.model import Finding
from headrace.evidence.review.inherited import NO_BUILD
from headrace.evidence.review.lines import gone_spec_lines, new_spec_lines
from headrace.evidence.review.model import Submission
from headrace.evidence.review.saying import Voice
from headrace.package.spec.facts import SpecFacts
from headrace.package.spec.value import Unknown
from headrace.words import Message, Text

_DIFFERENCE = Voice(
    "difference", Message("%package, %files, Provides and scriptlets of both specs; there are no built packages"),
    Message("a build of both versions, compared"),
)  # fmt: skip
_IMAGES = Voice(
    "on-images", Message("the subpackages of both specs against the distribution's image lists"),
    Message("the owner of the image list"),
)  # fmt: skip
_DOCS = Voice("docs-split", Message("no file lists of built packages"), Message("a build of the new version"))
_EFFECT = Voice(
    "effect",
    Message("no symbol tables, no dependency graph"),
    Message("a build of both versions and the distribution's repository"),
)
_DEPENDENTS = Voice(
    "dependents",
    Message("no dependency graph, no builds of other packages"),
    Message("the direct dependents, built and installed against it"),
)
_INSTALLS = Voice(
    "installs",
    Message("no packages to install"),
    Message("installation, upgrade, downgrade and removal in a fresh root"),
)

_CONFIG = re.compile(r"%config(\(([^)]*)\))?\s+(?:%\S+\s+)*(\S+)")
_RIGHTS = re.compile(
    r"%attr\(\s*0?([2467][0-7]{3})\s*,|%caps\(|chmod\s+(?:-\w+\s+)*(?:0?[2467][0-7]{3}\b|[ugoa]*\+[rwx]*s)|\bsetcap\b|install\s+.*-m\s*0?[2467][0-7]{3}\b"
)
_PRIVILEGED = re.compile(
    r"(?:^|[;&|]\s{0,4})passwd\s|(?:^|[\s;&|])(?:chpasswd|visudo|usermod\s.*-aG?\s|rm\s+-rf\s+/(?:\s|\*|$)|iptables\s|setenforce\s+0|systemctl\s+(?:disable|mask|stop)\s+(?:firewalld|auditd|selinux))|/etc/sudoers|authorized_keys|/etc/shadow|/etc/ld\.so\.preload"
)
_SCRIPTLETS = ("pre", "post", "preun", "postun", "pretrans", "posttrans")


def difference(change: Submission) -> tuple[Finding, ...]:
    """Differences that show in the spec are told; all others are not judged."""
    if not change.has_old:
        return (_DIFFERENCE.idle(Message("the package is new")),)
    found = [*_packages(change), *_configs(change), *_rights(change), *_provides(change)]
    return (*found, _DIFFERENCE.unknown(NO_BUILD, change.spec_name))


def _packages(change: Submission) -> Iterator[Finding]:
    gone = gone_packages(change)
    if isinstance(gone, Text):
        return
    replaced = {
        each.value.value.split()[0]
        for each in change.new_facts.dependencies
        if each.tag == "obsoletes" and not isinstance(each.value, Unknown) and each.value.value.split()
    }
    for name in sorted(gone):
        remark = Message("the subpackage {name} is gone", name=name)
        if name not in replaced:
            remark = Message(
                "the subpackage {name} is gone and nothing obsoletes it: it stays on every machine", name=name
            )
        yield _DIFFERENCE.concern(remark, change.spec_name)


def _configs(change: Submission) -> Iterator[Finding]:
    before = {path: mark for mark, path in _config_lines(gone_spec_lines(change))}
    after = {path: mark for mark, path in _config_lines(new_spec_lines(change))}
    plain = {line.text.strip(): line.where for line in new_spec_lines(change) if line.section == "files"}
    for path, mark in before.items():
        if "noreplace" in mark and "noreplace" not in after.get(path, "noreplace"):
            yield _DIFFERENCE.concern(
                Message("{path} loses noreplace: an upgrade overwrites what people set", path=path), change.spec_name
            )
        elif path not in after and any(text.endswith(path) for text in plain):
            yield _DIFFERENCE.concern(Message("{path} is no longer a config file", path=path), change.spec_name)


def _config_lines(lines: Iterator[object]) -> Iterator[tuple[str, str]]:
    for line in lines:
        found = _CONFIG.search(getattr(line, "short", ""))
        if found:
            yield found.group(2) or "", found.group(3)


def _rights(change: Submission) -> Iterator[Finding]:
    for line in new_spec_lines(change):
        if line.section == "changelog" or line.text.lstrip().startswith("#"):
            continue
        if _RIGHTS.search(line.short):
            yield _DIFFERENCE.concern(
                Message("the line gives a program the rights of another user"), line.where, (line.text.strip()[:200],)
            )
        elif line.section in _SCRIPTLETS and _PRIVILEGED.search(line.short):
            yield _DIFFERENCE.concern(
                Message("the scriptlet changes who may do what on the machine"), line.where, (line.text.strip()[:200],)
            )


def _provides(change: Submission) -> Iterator[Finding]:
    before, after = _provided(change.old_facts), _provided(change.new_facts)
    for name in sorted(before - after)[:20]:
        yield _DIFFERENCE.concern(Message("{name} is no longer provided", name=name), change.spec_name)


def _provided(facts: SpecFacts) -> set[str]:
    return {
        each.value.value.split()[0]
        for each in facts.provides
        if not isinstance(each.value, Unknown) and each.value.value.split()
    }


def gone_packages(change: Submission) -> frozenset[str] | Text:
    """The binary packages that the new spec no longer makes, or why that is not known."""
    before, after = _made(change.old_facts), _made(change.new_facts)
    if isinstance(after, Text):
        return after
    return before if isinstance(before, Text) else before - after


def _made(facts: SpecFacts) -> frozenset[str] | Text:
    for name in (facts.name, *(each.name for each in facts.subpackages)):
        if isinstance(name, Unknown):
            return name.reason
    names = {each.name.value for each in facts.subpackages if not isinstance(each.name, Unknown)}
    main = "" if isinstance(facts.name, Unknown) else facts.name.value
    return frozenset({main, *names})


def on_images(change: Submission) -> tuple[Finding, ...]:
    """Only removed packages are looked for."""
    if not change.has_old:
        return (_IMAGES.idle(Message("the package is new")),)
    gone = gone_packages(change)
    if isinstance(gone, Text):
        return (_IMAGES.unknown(gone, change.spec_name),)
    if not gone:
        return (_IMAGES.idle(Message("no package is removed")),)
    if change.images is None:
        return (
            _IMAGES.unknown(
                Message("there is no policy with image lists; {names} is removed", names=", ".join(sorted(gone)))
            ),
        )
    if not change.images:
        return (
            _IMAGES.unknown(
                Message("the policy names no image lists; {names} is removed", names=", ".join(sorted(gone)))
            ),
        )
    found: list[Finding] = []
    for name, packages in change.images.items():
        if isinstance(packages, Text):
            found.append(_IMAGES.unknown(packages, name))
            continue
        found += [
            _IMAGES.blocker(
                Message("{package} is removed and is on the image list {name}", package=each, name=name), name
            )
            for each in sorted(gone & packages)
        ]
    return tuple(found) or (_IMAGES.good(Message("{names} is on no image list", names=", ".join(sorted(gone)))),)


def docs_split(_change: Submission) -> tuple[Finding, ...]:
    """Needs file lists."""
    return (_DOCS.unknown(NO_BUILD),)


def effect(_change: Submission) -> tuple[Finding, ...]:
    """Needs what others use."""
    return (_EFFECT.unknown(Message("who uses what is removed cannot be told without the distribution's repository")),)


def dependents(_change: Submission) -> tuple[Finding, ...]:
    """Needs builds of others."""
    return (_DEPENDENTS.unknown(Message("no dependent was built: a review of the text builds nothing")),)


def installs(_change: Submission) -> tuple[Finding, ...]:
    """Needs packages and a root."""
    return (_INSTALLS.unknown(Message("nothing was installed: a review of the text builds no packages")),)
