"""Digests: read, written, compared; a weak one never proves, a wrong one never passes."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.package.digests import (
    SIZES,
    Checked,
    DigestError,
    Mismatch,
    NothingToCheck,
    compare,
    from_integrity,
    parse_sources,
    write_sources,
)  # fmt: skip

A = {name: hashlib.new(name, b"a").hexdigest() for name in SIZES}
B = {name: hashlib.new(name, b"b").hexdigest() for name in SIZES}


def test_both_layouts_of_a_sources_file_are_read() -> None:
    text = f"# comment\nSHA512 (p-1.tar.gz) = {A['sha512'].upper()}\r\n\n{A['md5']}  q.tar\nSHA256 (p-1.tar.gz) = {A['sha256']}\n"
    assert parse_sources(text.encode()) == {
        "p-1.tar.gz": {"sha512": A["sha512"], "sha256": A["sha256"]},
        "q.tar": {"md5": A["md5"]},
    }


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("SHA512 (p) = 1234", "no sha512"),
        ("BLAKE9 (p) = 1234", "no blake9"),
        ("hello", "line 1 is no digest"),
        (f"SHA512 (../p) = {A['sha512']}", "no file name"),
        (f"SHA256 (p) = {A['sha256']}\nSHA256 (p) = {B['sha256']}", "line 2: two sha256 of p"),
    ],
)
def test_a_line_that_is_no_digest_is_an_error_not_nothing(line: str, why: str) -> None:
    with pytest.raises(DigestError, match=why):
        parse_sources(line.encode())


NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 ()_.+-]{0,20}", fullmatch=True)


@given(st.dictionaries(NAMES, st.binary(max_size=4), max_size=4))
def test_what_is_written_is_read_again(files: dict[str, bytes]) -> None:
    digests = {name: hashlib.sha512(data).hexdigest() for name, data in files.items()}
    written = write_sources(b"", digests)
    assert parse_sources(written) == {name: {"sha512": digest} for name, digest in digests.items()}
    assert write_sources(written, digests) == written


def test_only_the_lines_of_the_files_that_changed_change() -> None:
    lines = [f"SHA512 (p-1.tar.gz) = {A['sha512']}", "# ours", f"SHA512 (logo.png) = {B['sha512']}"]
    text = "\n".join(lines).encode()
    new = write_sources(text, {"p-2.tar.gz": B["sha512"]}, gone=["p-1.tar.gz"])
    assert new.decode().split("\n") == [f"SHA512 (p-2.tar.gz) = {B['sha512']}", *lines[1:]]
    assert write_sources(text, {"logo.png": A["sha512"]}).decode().split("\n") == [
        *lines[:2], f"SHA512 (logo.png) = {A['sha512']}", "",
    ]  # fmt: skip
    old = f"{A['md5']}  p-1.tar.gz\r\n".encode()
    assert (
        write_sources(old, {"p-2.tar.gz": B["sha512"]}, gone=["p-1.tar.gz"])
        == f"{B['sha512']}  p-2.tar.gz\r\n".encode()
    )


def test_a_file_that_keeps_its_name_is_listed_once() -> None:
    text = f"SHA256 (p.tar) = {A['sha256']}\nSHA512 (p.tar) = {A['sha512']}\n".encode()
    assert write_sources(text, {"p.tar": B["sha512"]}, gone=["p.tar"]) == f"SHA512 (p.tar) = {B['sha512']}\n".encode()


def test_an_integrity_string_becomes_hex() -> None:
    def word(name: str) -> str:
        return f"{name}-{base64.b64encode(bytes.fromhex(A[name])).decode()}"

    assert from_integrity(f"{word('sha512')}?opt {word('sha1')}") == {"sha512": A["sha512"], "sha1": A["sha1"]}
    for nonsense in ("sha512-", "sha512-!!!", "md9-AAAA", "sha512", "sha512-AAAA"):
        with pytest.raises(DigestError):
            from_integrity(nonsense)


def test_comparing_proves_disproves_or_says_why_it_cannot() -> None:
    assert compare({"sha256": A["sha256"].upper(), "md5": A["md5"]}, A) == Checked("sha256")
    assert compare(A, A) == Checked("sha512")
    assert compare({"sha512": A["sha512"], "md5": B["md5"]}, A) == Mismatch("md5", B["md5"], A["md5"])
    weak = compare({"sha1": A["sha1"]}, A)
    assert isinstance(weak, NothingToCheck)
    assert "only weak" in str(weak.reason)
    assert isinstance(compare({}, A), NothingToCheck)
    assert isinstance(compare({"blake2b": "00"}, A), NothingToCheck)


def test_attack_an_unreadable_digest_does_not_let_a_file_pass() -> None:
    for bad in ("", "zz", A["sha512"][:-1], A["sha512"] + "0"):
        with pytest.raises(DigestError):
            compare({"sha512": bad}, A)


@given(st.sets(st.sampled_from(sorted(SIZES)), min_size=1), st.sampled_from(sorted(SIZES)))
def test_one_wrong_digest_among_right_ones_is_a_mismatch(names: set[str], wrong: str) -> None:
    expected = {name: A[name] for name in names} | {wrong: B[wrong]}
    assert isinstance(compare(expected, A), Mismatch)
