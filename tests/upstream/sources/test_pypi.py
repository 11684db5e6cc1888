"""The JSON simple index."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from headrace.upstream.model import Unchanged, UpstreamError, Validator
from headrace.upstream.sources.pypi import PythonIndex
from upstream.sources.replies import PYPI, SHA, answer, by_version, pypi_file, pypi_page, reply

SOURCE = PythonIndex()


def test_the_project_is_asked_by_its_normalised_name_for_json() -> None:
    request = SOURCE.ask(PYPI, None)
    assert request.url == "https://index.example/simple/wheel-house/"
    assert request.headers == (("Accept", "application/vnd.pypi.simple.v1+json"),)


@pytest.mark.parametrize("name", ["", "../x", "a/b", "a b", "é", "-a"])
def test_a_name_that_no_project_has_is_not_asked(name: str) -> None:
    with pytest.raises(UpstreamError, match="no name of a Python project"):
        SOURCE.ask(replace(PYPI, name=name), None)


def test_files_become_versions_with_digests_times_and_sizes() -> None:
    got = answer(
        SOURCE,
        PYPI,
        pypi_page(
            pypi_file("wheel_house-1.0-py3-none-any.whl", size=3),
            pypi_file("wheel_house-1.0.zip", **{"upload-time": "2024-01-02T03:04:05.5Z"}),
            pypi_file(
                "wheel_house-1.0.tar.gz", size=9, **{"upload-time": "2024-01-02T03:04:06+01:00", "gpg-sig": True}
            ),
            pypi_file("Wheel-House-0.9b1.tar.bz2", url="../../f/x.tar.bz2#sha256=0"),
            pypi_file("wheel_house-1.0.win32-py2.7.exe"),
            versions=["0.9b1", "1.0", "0.1"],
        ),
    )
    versions = by_version(got)
    assert list(versions) == ["0.9b1", "1.0", "0.1"]
    one = versions["1.0"]
    assert [a.filename for a in one.artefacts] == [
        "wheel_house-1.0.tar.gz",
        "wheel_house-1.0.zip",
        "wheel_house-1.0-py3-none-any.whl",
    ]
    assert [a.kind for a in one.artefacts] == ["archive", "archive", "binary"]
    assert (one.artefacts[0].digests, one.artefacts[0].size) == ({"sha256": SHA}, 9)
    assert one.artefacts[0].signature_url == "https://files.example/wheel_house-1.0.tar.gz.asc"
    assert one.released == datetime(2024, 1, 2, 2, 4, 6, tzinfo=UTC)
    assert versions["0.9b1"].artefacts[0].url == "https://index.example/f/x.tar.bz2"
    assert versions["0.1"].artefacts == ()


@pytest.mark.parametrize(
    ("filename", "version"),
    [
        ("wheel_house-1.0rc1.tar.gz", "1.0rc1"),
        ("Wheel.House-1.0-RC1.tar.gz", "1.0-RC1"),
        ("wheel-house-2024.1.post2.tar.xz", "2024.1.post2"),
        ("wheel--house-1.0-1.zip", "1.0-1"),
        ("wheel_house-1!2.0+local.1.tgz", "1!2.0+local.1"),
    ],
)
def test_the_version_is_what_follows_the_name_whatever_dashes_there_are(filename: str, version: str) -> None:
    assert list(by_version(answer(SOURCE, PYPI, pypi_page(pypi_file(filename))))) == [version]


@pytest.mark.parametrize("spelling", ["1.0rc1", "1.0-RC1", "1.0.c1", "v1.0_pre01", "1.0-preview.1"])
def test_spellings_of_one_version_fall_together(spelling: str) -> None:
    got = by_version(answer(SOURCE, PYPI, pypi_page(pypi_file("wheel_house-1.0rc1.tar.gz"), versions=[spelling])))
    assert list(got) == [spelling]
    assert len(got[spelling].artefacts) == 1


def test_a_version_is_withdrawn_only_when_all_its_files_are() -> None:
    got = by_version(
        answer(
            SOURCE,
            PYPI,
            pypi_page(
                pypi_file("wheel_house-1.tar.gz", yanked=True),
                pypi_file("wheel_house-1-py3-none-any.whl", yanked="broken\nmetadata"),
                pypi_file("wheel_house-2.tar.gz", yanked="bad archive"),
                pypi_file("wheel_house-2-py3-none-any.whl", yanked=False),
                pypi_file("wheel_house-3.tar.gz", yanked=True),
            ),
        )
    )
    assert (got["1"].withdrawn, got["2"].withdrawn, got["3"].withdrawn) == ("broken metadata", None, "")
    assert [a.filename for a in got["2"].artefacts] == ["wheel_house-2-py3-none-any.whl"]


def test_an_archived_project_is_noted_and_provenance_kept() -> None:
    got = answer(
        SOURCE,
        PYPI,
        pypi_page(
            pypi_file("wheel_house-1.tar.gz", provenance="https://index.example/p"),
            **{"project-status": {"status": "archived", "reason": "moved on"}},
        ),
    )
    assert str(got.notes[0]) == "The index marks the project as archived: moved on"
    assert got.announcements[0].artefacts[0].provenance_url == "https://index.example/p"


def test_not_modified_is_unchanged_only_when_we_asked_so() -> None:
    request = SOURCE.ask(PYPI, None)
    assert isinstance(SOURCE.read(PYPI, reply(request, b"", 304), Validator('"1"')), Unchanged)
    with pytest.raises(UpstreamError):
        SOURCE.read(PYPI, reply(request, b"", 304), None)


@pytest.mark.parametrize(
    "page",
    [
        pypi_page(pypi_file("wheel_house-1.tar.gz", url="file:///etc/passwd")),
        pypi_page(pypi_file("wheel_house-1.tar.gz", url="http://[::1")),
        pypi_page(pypi_file("wheel_house-1.tar.gz", hashes={"sha256": "../../x"})),
        pypi_page(pypi_file("../wheel_house-1.tar.gz")),
        pypi_page(pypi_file("wheel_house-1\x00.tar.gz")),
        pypi_page(versions=["1.0\n2.0"]),
        pypi_page(versions="1.0"),
        {**pypi_page(), "name": "another"},
        {**pypi_page(), "files": None},
        pypi_page("file"),  # type: ignore[arg-type]
    ],
)
def test_attack_a_page_that_lies_is_refused(page: dict[str, object]) -> None:
    with pytest.raises(UpstreamError):
        answer(SOURCE, PYPI, page)
