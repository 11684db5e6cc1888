"""`headrace upstream`: what is stored about an upstream is told whole, as text and as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import StringIO

from rich.console import Console

from headrace.cli.upstream import _tell, as_data
from headrace.upstream.health import Ailment, Correction, Illness
from headrace.upstream.model import Choice, Rejected
from headrace.words import Message
from headrace.work.views import AnnouncedVersion, BranchView, PackageView, Stand, UpstreamView

DAY = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
CHOICE = Choice(
    "1.2", Message("the newest stable release"), rejected=(Rejected("1.3-rc1", Message("a pre-release by its tag")),)
)
ILL = Illness(Ailment.NO_MATCH, Message("the prefix matches nothing"), Correction("tag_prefix", "w-", "v"))
VIEW = PackageView(
    "mill",
    upstream=UpstreamView(
        "git", "mill[/]", "", DAY, None, (Message("it is archived"),), (AnnouncedVersion("1.2", DAY, None),), 1
    ),
    branches=(
        BranchView(Stand("mill", "main", "1.0-1", "1.2", Message("the newest stable release")), "any", "", CHOICE),
    ),
)


def test_everything_is_told_in_plain_words() -> None:
    console = Console(width=200, record=True, file=StringIO())
    _tell(console, VIEW, {"main": (ILL,)}, "en")
    told = console.export_text()
    for words in ("git mill[/], last check 2026-03-04 05:06", "it is archived", "carries 1.0-1, newest 1.2",
                  "passed over 1.3-rc1: a pre-release by its tag", "(set tag_prefix to 'v')", "2026-03-04"):  # fmt: skip
        assert words in told


def test_the_json_holds_the_same() -> None:
    data = json.loads(json.dumps(as_data(VIEW, {"main": (ILL,)})))
    (branch,) = data["branches"]
    assert data["upstream"]["announced"][0]["released"] == "2026-03-04T05:06:00+00:00"
    assert branch["choice"]["rejected"][0]["reason"] == "a pre-release by its tag"
    assert branch["health"][0]["correction"] == {"field": "tag_prefix", "old": "w-", "new": "v"}


def test_an_upstream_that_was_never_asked_says_so() -> None:
    console = Console(width=200, record=True, file=StringIO())
    _tell(console, PackageView("mill"), {}, "en")
    assert "not asked yet" in console.export_text()
