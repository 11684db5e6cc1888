"""Changelogs: read as they are, and a new entry that looks like theirs."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.package.spec.bump import bump
from headrace.package.spec.changelog import ChangelogEntry, read_entries
from headrace.package.spec.changelog_style import style_of, written

ADA = "Ada Lin <ada@example.org>"


def new_entry(log: str, day: dt.date = dt.date(2024, 3, 5), text: str = "Upgrade", epoch: int | None = None) -> str:
    rows = log.splitlines()
    style = style_of(read_entries(rows), rows)
    return "\n".join(written(ChangelogEntry(ADA, day, tuple(text.split("|"))), style, (epoch, "2.0", "1")))


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        ("", f"* Tue Mar 05 2024 {ADA} - 2.0-1\n- Upgrade"),
        ("* Mon Jan 01 2024 B <b@x.y> - 1.0-3\n- a\n", f"* Tue Mar 05 2024 {ADA} - 2.0-1\n- Upgrade"),
        ("* Mon Jan 1 2024 B <b@x.y> 1.0-3\n- a\n", f"* Tue Mar 5 2024 {ADA} 2.0-1\n- Upgrade"),
        ("* Mon Jan  1 2024 B <b@x.y> 1.0-3\n- a\n", f"* Tue Mar  5 2024 {ADA} 2.0-1\n- Upgrade"),
        ("*   Mon Jan 01 2024 B <b@x.y> 1.0-3\n-   a\n", f"*   Tue Mar 05 2024 {ADA} 2.0-1\n-   Upgrade"),
        ("*\tMon Jan 01 2024 B <b@x.y> 1.0-3\n-\ta\n", f"* Tue Mar 05 2024 {ADA} 2.0-1\n-\tUpgrade"),
        ("* Mon Jan 01 2024 B <b@x.y>\n- a\n", f"* Tue Mar 05 2024 {ADA}\n- Upgrade"),
        ("* Mon Jan 01 2024 B <b@x.y>\n- 1.0-3\n- a\n", f"* Tue Mar 05 2024 {ADA}\n- 2.0-1\n- Upgrade"),
        ("* Mon Jan 01 2024 B <b@x.y> - 1.0\n- a\n", f"* Tue Mar 05 2024 {ADA} - 2.0\n- Upgrade"),
        ("* Mon Jan 01 2024 B <b@x.y> -1.0-3\n * a\n", f"* Tue Mar 05 2024 {ADA} -2.0-1\n * Upgrade"),
        ("* Mon Jan 01 2024 B <b@x.y> - 1.0-3.el9\n- a\n", f"* Tue Mar 05 2024 {ADA} - 2.0-1.el9\n- Upgrade"),
        (
            "* Mon Jan 01 2024 B <b@x.y> - %{version}-%{release}\n- a\n",
            f"* Tue Mar 05 2024 {ADA} - %{{version}}-%{{release}}\n- Upgrade",
        ),
        (
            "* Mon Jan 01 09:10:11 CET 2024 B <b@x.y> - 1.0-3\n- a\n",
            f"* Tue Mar 05 12:00:00 UTC 2024 {ADA} - 2.0-1\n- Upgrade",
        ),
        (
            "* Mon Jan 01 2024 B <b@x.y> - 1.0-3\n- Type:bugfix\n- ID:NA\n- SUG:NA\n- DESC:a\n",
            f"* Tue Mar 05 2024 {ADA} - 2.0-1\n- Type:enhancement\n- ID:NA\n- SUG:NA\n- DESC:Upgrade",
        ),
        (
            "* Mon Jan 01 2024 B <b@x.y> - 1.0-3\n- Type: CVE\n- ID: CVE-2024-1\n- SUG: NA\n- DESC: a\n",
            f"* Tue Mar 05 2024 {ADA} - 2.0-1\n- Type: enhancement\n- ID: NA\n- SUG: NA\n- DESC: Upgrade",
        ),
        (
            "* Wed July 3 B <b@x.y> - 1.0-3\n- a\n* Mon Jan 01 2024 B <b@x.y> - 1.0-2\n- b\n",
            f"* Tue Mar 05 2024 {ADA} - 2.0-1\n- Upgrade",
        ),
    ],
)
def test_an_entry_in_the_file_s_own_style(log: str, expected: str) -> None:
    assert new_entry(log) == expected


@pytest.mark.parametrize(
    ("evr", "expected"), [("1:1.0-3", "1:2.0-1"), ("1.0-3", "2.0-1")], ids=["epoch written", "epoch left out"]
)
def test_the_epoch_is_spelled_as_in_the_newest_entry(evr: str, expected: str) -> None:
    log = f"* Mon Jan 01 2024 B <b@x.y> - {evr}\n- a\n"
    assert new_entry(log, epoch=1).splitlines()[0].endswith(f"> - {expected}")


def test_the_epoch_is_written_where_nothing_tells() -> None:
    assert new_entry("", epoch=1).splitlines()[0].endswith("> - 1:2.0-1")


def test_several_lines_of_text() -> None:
    assert new_entry("* Mon Jan 01 2024 B <b@x.y> - 1-1\n- a\n", text="One|Two") == (
        f"* Tue Mar 05 2024 {ADA} - 2.0-1\n- One\n- Two"
    )


HEAD = "Name: lamp\nEpoch: 2\nVersion: 1.0\nRelease: 3%{?dist}\n\n%changelog"


def logged(log: str, end: str = "\n", day: dt.date = dt.date(2024, 3, 5)) -> str:
    data = f"{HEAD}\n{log}".replace("\n", end).encode()
    bumped = bump(data, "2.0", entry=ChangelogEntry(ADA, day, ("Upgrade",)))
    return bumped.data.decode().partition("%changelog")[2].replace(end, "\n").lstrip("\n")


def test_blank_lines_between_entries_follow_the_file() -> None:
    one, two = "* Mon Jan 01 2024 B <b@x.y> - 2:1.0-3\n- a\n", "* Fri Dec 01 2023 B <b@x.y> - 2:1.0-2\n- b\n"
    added = f"* Tue Mar 05 2024 {ADA} - 2:2.0-1\n- Upgrade\n"
    assert logged(one + two) == added + one + two
    assert logged(one + "\n" + two) == added + "\n" + one + "\n" + two
    assert logged("\n# newest first\n" + one + two) == "# newest first\n" + added + one + two
    assert logged("") == added


def test_line_ends_and_a_missing_last_one() -> None:
    one = "* Mon Jan 01 2024 B <b@x.y> - 2:1.0-3\n- a"
    assert logged(one, "\r\n").startswith(f"* Tue Mar 05 2024 {ADA} - 2:2.0-1\n- Upgrade\n* Mon")
    assert logged(one).endswith("- a")
    data = bump(HEAD.encode(), "2.0", entry=ChangelogEntry(ADA, dt.date(2024, 3, 5), ("Upgrade",))).data
    assert data.endswith(b"%changelog\n* Tue Mar 05 2024 Ada Lin <ada@example.org> - 2:2.0-1\n- Upgrade\n")


def test_an_entry_is_never_older_than_the_one_below() -> None:
    log = "* Sun Jun 02 2024 B <b@x.y> - 2:1.0-3\n- a\n"
    assert logged(log).startswith("* Sun Jun 02 2024 Ada")


@pytest.mark.parametrize("log", ["%autochangelog\n", "%{autochangelog}\n", "%{?autochangelog}\n"])
def test_an_automatic_changelog_is_left_alone(log: str) -> None:
    assert logged(log) == log


def test_an_entry_that_only_speaks_of_autochangelog_is_an_entry() -> None:
    log = "* Mon Jan 01 2024 B <b@x.y> - 2:1.0-3\n- No longer use %autochangelog\n"
    assert logged(log) == f"* Tue Mar 05 2024 {ADA} - 2:2.0-1\n- Upgrade\n{log}"


def test_latin1_names_below_keep_their_bytes() -> None:
    data = HEAD.encode() + b"\n* Mon Jan 01 2024 J\xf6rg <b@x.y> - 2:1.0-3\n- a\n"
    bumped = bump(data, "2.0", entry=ChangelogEntry("Zoë Ł <z@x.y>", dt.date(2024, 3, 5), ("Upgrade",)))
    assert "* Tue Mar 05 2024 Zoë Ł <z@x.y> - 2:2.0-1\n".encode() in bumped.data
    assert b"J\xf6rg" in bumped.data


def test_entries_as_they_stand() -> None:
    rows = ["* Mon Jan 01 2024 Bo Ek <b@x.y> - 1:1.0-3", "- a", "", "* Tue Jan 01 2024 X", "- b"]
    first, second = read_entries(rows, 10)
    assert (first.author, first.evr, first.day, first.weekday_fits) == (
        "Bo Ek <b@x.y>",
        "1:1.0-3",
        dt.date(2024, 1, 1),
        True,
    )
    assert (first.text, first.line) == (("- a",), 10)
    assert (second.author, second.evr, second.weekday_fits, second.line) == ("X", "", False, 13)


@given(st.text(max_size=200), st.dates())
def test_any_text_is_read_and_answered(text: str, day: dt.date) -> None:
    rows = ("* " + text).split("\n")
    entries = read_entries(rows)
    rows_new = written(ChangelogEntry(ADA, day, ("Upgrade",)), style_of(entries, rows), (None, "2.0", "1"))
    assert rows_new[0].startswith("* ")
    assert ADA in rows_new[0]
