"""Edits: the lines that must change and no other."""

import datetime as dt

import pytest

from headrace.package.spec.bump import Bumped, ChangelogEntry, SpecError, bump

ENTRY = ChangelogEntry("Ada Lin <ada@example.org>", dt.date(2024, 3, 5), ("Upgrade",))


def spec(version: str = "1.2.3", release: str = "4%{?dist}", head: str = "", more: str = "", log: str = "") -> bytes:
    return (
        f"{head}Name: lamp\nVersion: {version}\nRelease: {release}\nSummary: Lamp\nLicense: MIT\n"
        f"{more}\n%description\nLight.\n\n%prep\n%autosetup -p1\n\n%changelog\n{log}"
    ).encode()


def lines(bumped: Bumped) -> list[tuple[str, str]]:
    return [(edit.old, edit.new) for edit in bumped.edits]


def test_version_and_release_and_nothing_else() -> None:
    bumped = bump(spec(), "1.3.0")
    assert lines(bumped) == [("Version: 1.2.3", "Version: 1.3.0"), ("Release: 4%{?dist}", "Release: 1%{?dist}")]
    assert (bumped.from_evr, bumped.to_evr) == ("1.2.3-4", "1.3.0-1")


@pytest.mark.parametrize(
    ("version", "head", "to", "changed"),
    [
        ("%{ver}", "%global ver 1.2.3\n", "2.0", [("%global ver 1.2.3", "%global ver 2.0")]),
        (
            "%{major}.%{minor}.%{patch}",
            "%define major 1\n%define minor 2\n%define patch 3\n",
            "1.4.0",
            [("%define minor 2", "%define minor 4"), ("%define patch 3", "%define patch 0")],
        ),
        ("%{series}.3", "%global series 1.2\n", "1.3.3", [("%global series 1.2", "%global series 1.3")]),
    ],
)
def test_version_where_it_is_defined(version: str, head: str, to: str, changed: list[tuple[str, str]]) -> None:
    assert lines(bump(spec(version, "1", head), to)) == changed


def test_changelog_in_the_style_of_the_newest_entry() -> None:
    log = (
        "*   Mon Jan 01 2024 Bo <bo@example.org> 1.2.3-4\n-   Light\n"
        "*   Fri Dec 01 2023 Bo <bo@example.org> 1.2.3-3\n-   Dark\n"
    )
    bumped = bump(spec(log=log), "1.3", entry=ENTRY)
    assert bumped.edits[-1].new == "*   Tue Mar 05 2024 Ada Lin <ada@example.org> 1.3-1\n-   Upgrade"


def test_version_that_cannot_be_known_is_refused() -> None:
    with pytest.raises(SpecError, match="never run"):
        bump(spec("%(touch /tmp/x; echo 1)"), "2.0")
