"""Digests are renewed in place and in the form that they have."""

import hashlib

import pytest

from headrace.package.spec.checksums import (
    ChecksumError,
    NewArchive,
    read_sources,
    update_defines,
    update_pointer,
    update_signatures,
    update_sources,
)

DIGESTS = {name: hashlib.new(name, b"new").hexdigest() for name in ("md5", "sha1", "sha256", "sha512")}
OLD = hashlib.sha512(b"old").hexdigest()
ARCHIVE = NewArchive("lamp-1.tar.gz", "lamp-2.tar.gz", DIGESTS)


def test_sources_file_keeps_its_form_and_its_other_lines() -> None:
    text = f"SHA512 (lamp-1.tar.gz) = {OLD}\nSHA512 (bulb.txt) = {OLD}\n{'0' * 32}  lamp-1.tar.gz\n# note\n"
    expected = (
        f"SHA512 (lamp-2.tar.gz) = {DIGESTS['sha512']}\nSHA512 (bulb.txt) = {OLD}\n"
        f"{DIGESTS['md5']}  lamp-2.tar.gz\n# note\n"
    )
    assert update_sources(text, [ARCHIVE]) == expected
    assert read_sources(expected)["lamp-2.tar.gz"] == {"sha512": DIGESTS["sha512"], "md5": DIGESTS["md5"]}


def test_a_digest_that_is_not_known_is_an_error_and_never_invented() -> None:
    with pytest.raises(ChecksumError, match="SHA384"):
        update_sources(f"SHA384 (lamp-1.tar.gz) = {'0' * 96}\n", [ARCHIVE])
    with pytest.raises(ChecksumError):
        update_sources(f"SHA512 (lamp-1.tar.gz) = {OLD}\n", [NewArchive("lamp-1.tar.gz", "x", {"sha512": "short"})])


def test_signatures_keep_layout_and_order() -> None:
    text = '{\n  "Signatures": {\n    "bulb.txt": "aa",\n    "lamp-1.tar.gz": "bb"\n  }\n}\n'
    assert update_signatures(text, [ARCHIVE]) == text.replace("lamp-1", "lamp-2").replace(
        '"bb"', f'"{DIGESTS["sha256"]}"'
    )


@pytest.mark.parametrize("text", ["", "[]", '{"Signatures": []}', "{" * 5000])
def test_attack_signatures_that_are_something_else(text: str) -> None:
    with pytest.raises(ChecksumError):
        update_signatures(text, [ARCHIVE])


def spec(define: str) -> bytes:
    source = "Source0: https://example.org/%{name}-%{version}.tar.gz"
    return f"Name: lamp\nVersion: 2\nRelease: 1\n{source}\n{define}\nSource1: bulb.txt\n".encode()


@pytest.mark.parametrize("key", ["lamp", "%{name}", "lamp-2.tar.gz", "%{name}-%{version}.tar.gz"])
def test_photon_defines(key: str) -> None:
    data, edits = update_defines(spec(f"%define sha512  {key}={OLD}"), [ARCHIVE])
    assert data == spec(f"%define sha512  {key}={DIGESTS['sha512']}")
    assert [edit.line for edit in edits] == [5]


def test_photon_weak_digest_gives_way_when_only_a_stronger_one_is_known() -> None:
    strong = NewArchive("lamp-1.tar.gz", "lamp-2.tar.gz", {"sha512": DIGESTS["sha512"]})
    data, _ = update_defines(spec(f"%define sha1 lamp={'0' * 40}"), [strong])
    assert data == spec(f"%define sha512 lamp={DIGESTS['sha512']}")


def test_photon_key_that_cannot_be_known_is_left() -> None:
    data = spec(f"%define sha512 %(echo lamp)={OLD}")
    assert update_defines(data, [ARCHIVE]) == (data, ())


def test_pointer() -> None:
    text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 5\n"
    assert update_pointer(text, "1" * 64, 7) == text.replace("0" * 64, "1" * 64).replace("size 5", "size 7")
    with pytest.raises(ChecksumError):
        update_pointer("oid", "1" * 64, 7)


def test_photon_key_that_begins_two_names_means_the_source_above() -> None:
    other = NewArchive("lamp-docs-1.tar.gz", "lamp-docs-2.tar.gz", {"sha512": "d" * 128})
    data, _ = update_defines(spec(f"%define sha512 lamp={OLD}"), [other, ARCHIVE])
    assert data == spec(f"%define sha512 lamp={DIGESTS['sha512']}")
