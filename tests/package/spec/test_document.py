"""The text of a spec: nothing is lost, everything has its place."""

from hypothesis import given
from hypothesis import strategies as st

from headrace.package.spec.document import SpecDocument

SPEC = b"""%global major 1
Name: lamp
Version: %{major}.2
%if 0%{?fedora}
Source0: lamp.tar.gz
%else
Source0: lamp.zip
%endif
%description
A lamp.
%package devel
Requires: lamp = %{version}
%changelog
* Mon Jan 01 2024 A <a@b.c> - 1.2-1
- Light
"""


@given(st.binary(max_size=400))
def test_any_bytes_come_back(data: bytes) -> None:
    assert SpecDocument.parse(data).render() == data


PARTS = [b"Name: a", b"%if 1", b"%endif", b"\xe9t\xe9", b"\r", b"\n", b"\r\n", b"\0", b"%define x {", b"\xff"]


@given(st.lists(st.sampled_from(PARTS)))
def test_pieces_of_specs_come_back(parts: list[bytes]) -> None:
    data = b"".join(parts)
    document = SpecDocument.parse(data)
    assert document.render() == data
    assert document.sections[-1].end == len(document.lines)


def test_latin1_line_is_text_and_comes_back() -> None:
    data = b"Summary: caf\xe9\nName: \xc3\xa9\n"
    document = SpecDocument.parse(data)
    assert [line.text for line in document.lines] == ["Summary: café", "Name: é"]
    assert document.render() == data


def test_places() -> None:
    document = SpecDocument.parse(SPEC)
    assert [section.name for section in document.sections] == ["", "description", "package", "changelog"]
    version = next(tag for tag in document.tags if tag.name == "version")
    assert (version.index, version.value) == (2, "%{major}.2")
    assert document.lines[2].text[version.begin : version.stop] == version.value
    assert [tag.label for tag in document.tags if tag.name == "source"] == ["Source0", "Source0"]
    assert document.definitions[0].body == "1"
    branches = document.conditionals[0].branches
    assert [(branch.keyword, branch.start, branch.end) for branch in branches] == [("if", 3, 5), ("else", 5, 7)]
    assert document.conditionals[0].end == 7


def test_definition_over_several_lines() -> None:
    document = SpecDocument.parse(b"%define long a \\\n b\n%global braced %{expand:\nx}\nName: x\n")
    assert [(one.name, one.index, one.last) for one in document.definitions] == [("long", 0, 1), ("braced", 2, 3)]


def test_attack_endless_opening_braces_are_read_once() -> None:
    document = SpecDocument.parse(b"%global a %{\n" * 20000)
    assert len(document.definitions) == 1
