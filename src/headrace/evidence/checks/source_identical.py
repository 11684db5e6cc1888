"""The sources are upstream's: a digest or a signature vouches for each."""

from __future__ import annotations

from headrace.evidence.findings import not_judged
from headrace.evidence.model import Case, Finding, Result, Strength
from headrace.words import Message

ID = "source-identical"

_LOOKED_AT = Message("the new sources, and what vouches for each: the registry's digest, a signature, a commit")


def check(case: Case) -> tuple[Finding, ...]:
    """Every new source must have been fetched and vouched for by something other than the place that it came from."""
    wanted = [source for source in case.plan.new_sources if source.kind != "local"]
    fetched = {source.filename: source for source in case.sources}
    if not wanted and not fetched:
        remark = Message("the package has no source from upstream")
        return (Finding(ID, Result.NOT_APPLICABLE, remark, _LOOKED_AT, Strength.TEXT),)
    found: list[Finding] = []
    for name in dict.fromkeys([*(source.filename for source in wanted), *fetched]):
        source = fetched.get(name)
        if source is None:
            why = case.missing.get("sources") or Message("{name} was not fetched", name=name)
            found.append(not_judged(ID, why, _LOOKED_AT, Message("the source, fetched again"), name))
            continue
        details = (
            f"sha512 {source.sha512}",
            *map(str, source.checked),
            *(f"not checked: {each}" for each in source.unchecked),
        )
        if source.checked:
            found.append(Finding(ID, Result.PASS, source.checked[0], _LOOKED_AT, Strength.TEXT, name, details))
        else:
            remark = Message("{name}: nothing vouches for its bytes", name=name)
            settles = Message("a digest from the registry, or upstream's signature with a key that the package keeps")
            found.append(Finding(ID, Result.CONCERN, remark, _LOOKED_AT, Strength.TEXT, name, details, settles))
    return tuple(found)
