"""Hostile indexes: none may lead outside, grow without bound, or pass with a weaker digest."""

from __future__ import annotations

import gzip

import pytest

from headrace.release.index import Listed, read_primary, read_repomd
from headrace.release.model import ReleaseError

DIGEST = "ab" * 32
REPOMD = f"""<?xml version="1.0"?>
<repomd xmlns="http://linux.duke.edu/metadata/repo"><revision>7</revision>
<data type="primary"><checksum type="sha256">{DIGEST}</checksum><location href="repodata/primary.xml.gz"/><size>12</size></data>
</repomd>"""
PRIMARY = f"""<?xml version="1.0"?>
<metadata xmlns="http://linux.duke.edu/metadata/common" packages="1"><package type="rpm">
<name>zlib</name><arch>x86_64</arch><version epoch="1" ver="1.2" rel="3"/><checksum type="sha256">{DIGEST}</checksum>
<location href="Packages/zlib-1.2-3.x86_64.rpm"/><size package="99" installed="1" archive="1"/></package></metadata>"""


def test_an_index_is_read() -> None:
    index = read_repomd(REPOMD.encode())
    assert (index.revision, index.files) == ("7", (Listed("primary", "repodata/primary.xml.gz", 12, DIGEST),))
    place = "Packages/zlib-1.2-3.x86_64.rpm"
    assert read_primary(gzip.compress(PRIMARY.encode())) == (Listed("zlib-1:1.2-3.x86_64", place, 99, DIGEST),)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("repodata/primary", "../../etc/primary", "unusable place"),
        ("repodata/primary", "/etc/primary", "unusable place"),
        ("repodata/primary", "repodata/../../primary", "unusable place"),
        ("repodata/primary", "http://evil.example/primary", "unusable place"),
        ("sha256", "md5", "no SHA-256"),
        (DIGEST, "", "no SHA-256"),
        ("<size>12</size>", "", "no size"),
        ("<size>12", "<size>-12", "no size"),
        ("<size>12", "<size>" + "9" * 5000, "no size"),
        ("<repomd", '<!DOCTYPE x [<!ENTITY a "aa">]><repomd', "document type"),
        ("</repomd>", "", "cannot be read"),
        (REPOMD, "", "cannot be read"),
        (REPOMD, "<html/>", "not an index"),
    ],
)
def test_attack_a_hostile_index(old: str, new: str, why: str) -> None:
    with pytest.raises(ReleaseError, match=why):
        read_repomd(REPOMD.replace(old, new).encode())


def test_attack_a_late_entity() -> None:
    with pytest.raises(ReleaseError, match="document type"):
        read_repomd(b'<?xml version="1.0"?>' + b" " * 5000 + b'<!DOCTYPE x [<!ENTITY a "a">]><x>&a;</x>')


@pytest.mark.parametrize("data", [b"", b"plain", gzip.compress(PRIMARY.encode())[:-4]])
def test_attack_a_list_of_packages_that_is_cut_off(data: bytes) -> None:
    with pytest.raises(ReleaseError, match="cannot be read"):
        read_primary(data)


def test_attack_a_list_of_packages_that_is_a_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headrace.release.index._MOST_XML", 1000)
    with pytest.raises(ReleaseError, match="too large"):
        read_primary(gzip.compress(PRIMARY.encode() + b" " * 100_000))
