"""What lies in the files of a package: real packages of every compression, and archives that lie."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.pond import rpm
from headrace.evidence.builders.bubblewrap import Bubblewrap
from headrace.evidence.contents import with_contents
from headrace.evidence.model import BuildOrder, BuildStatus, EvidenceError, Rpm, RpmFile
from headrace.evidence.packages import read_package
from headrace.evidence.payload import Member, read_members

_SPEC = """\
Name: hold
Version: 1
Release: 1
Summary: Something to look into
License: MIT
%global __brp_strip_comment_note %{nil}
%description
Hold.
%build
echo 'int answer(void) { return 42; }' > a.c
gcc -shared -fPIC -Wl,-soname,libhold.so.1 -o libhold.so.1 a.c
%install
mkdir -p %{buildroot}/etc %{buildroot}/usr/lib64 %{buildroot}/usr/lib/python3.11/site-packages
install -m755 libhold.so.1 %{buildroot}/usr/lib64/
echo 'colour = blue' > %{buildroot}/etc/hold.conf
echo 'def shown(): pass' > %{buildroot}/usr/lib/python3.11/site-packages/hold.py
head -c 3000000 /dev/urandom > %{buildroot}/usr/lib/random
%files
%config /etc/hold.conf
/usr/lib64/libhold.so.1
/usr/lib/python3.11/site-packages/hold.py
/usr/lib/random
"""


@pytest.mark.real
@pytest.mark.parametrize("payload", ["w6.gzdio", "w2.xzdio", "w6.bzdio", "w2.lzdio", "w3.zstdio"])
def test_contents_are_read_from_every_kind_of_payload(tmp_path: Path, payload: str) -> None:
    if not (shutil.which("bwrap") and shutil.which("rpmbuild") and shutil.which("gcc")):
        pytest.skip("needs bwrap, rpmbuild and gcc")
    order = BuildOrder("hold", "hold.spec", _SPEC.encode(), {}, f"%_binary_payload {payload}\n")
    build = Bubblewrap().build(order, tmp_path, lambda _: None)
    assert build.status is BuildStatus.BUILT, (tmp_path / "build.log").read_text()
    package = read_package(tmp_path / build.rpms[0])
    assert (package.contents_read, package.unread) == (True, ())
    files = {file.path: file for file in package.files}
    assert files["/etc/hold.conf"].text == "colour = blue\n"
    assert files["/usr/lib/python3.11/site-packages/hold.py"].names == ("shown",)
    elf = files["/usr/lib64/libhold.so.1"].elf
    assert elf is not None
    assert (elf.soname, elf.exported) == ("libhold.so.1", ("answer",))
    assert files["/usr/lib/random"].elf is None


def _entry(name: str, content: bytes, mode: int = 0o100644, size: int | None = None) -> bytes:
    fields = [0, mode, 0, 0, 1, 0, len(content) if size is None else size, 0, 0, 0, 0, len(name) + 1, 0]
    head = b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0"
    return head + bytes(-len(head) % 4) + content + bytes(-len(content) % 4)


_END = _entry("TRAILER!!!", b"")


def _read(archive: bytes, compressor: str = "gzip") -> list[Member]:
    packed = {"gzip": gzip.compress, "xz": lzma.compress, "bzip2": bz2.compress}[compressor](archive)
    return list(read_members(io.BytesIO(packed), compressor, lambda _path, size: size))


def test_files_come_out_in_order_and_others_do_not() -> None:
    archive = (
        _entry("./a", b"one") + _entry("./dir", b"", 0o040755) + _entry("./l", b"a", 0o120777) + _entry("./b", b"three")
    )
    for compressor in ("gzip", "xz", "bzip2"):
        assert _read(archive + _END, compressor) == [Member("/a", 3, b"one"), Member("/b", 5, b"three")]


@given(st.lists(st.tuples(st.from_regex(r"[a-z/]{1,20}", fullmatch=True), st.binary(max_size=50)), max_size=5))
def test_what_goes_in_comes_out(files: list[tuple[str, bytes]]) -> None:
    archive = b"".join(_entry(f"./{name}", content) for name, content in files) + _END
    assert [(each.content, each.size) for each in _read(archive)] == [(body, len(body)) for _, body in files if body]


@pytest.mark.parametrize(
    ("archive", "why"),
    [
        (b"", "ends too early"),
        (_entry("./a", b"one"), "ends too early"),
        (_entry("./a", b"one", size=0xFFFFFFFF) + _END, "ends too early"),
        (b"0707070" + bytes(200), "unknown form"),
        (_entry("x" * 5000, b""), "too long"),
        (_END.replace(b"00000000", b"zzzzzzzz", 1), "is none"),
    ],
)
def test_attack_archives_that_lie(archive: bytes, why: str) -> None:
    with pytest.raises(EvidenceError, match=why):
        _read(archive)


@given(st.binary(max_size=300))
def test_attack_garbage_raises_one_kind_of_error(garbage: bytes) -> None:
    for compressor in ("gzip", "xz", "bzip2", "lzma", "zstd", "nonsense"):
        with pytest.raises(EvidenceError):
            list(read_members(io.BytesIO(garbage), compressor, lambda _path, size: size))


def test_attack_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headrace.evidence.payload.MAX_PAYLOAD", 10_000_000)
    bomb = gzip.compress(_entry("./a", bytes(50_000_000)) + _END)
    with pytest.raises(EvidenceError, match="unpacks to more"):
        list(read_members(io.BytesIO(bomb), "gzip", lambda _path, _size: 0))


def _look(package: Rpm, archive: bytes) -> Rpm:
    return with_contents(package, io.BytesIO(gzip.compress(archive)), "gzip")


def test_a_damaged_payload_is_told_and_the_header_stands() -> None:
    package = _look(rpm("1.0", contents_read=False), b"broken")
    assert not package.contents_read
    assert "ends too early" in package.unread[0]
    assert package.files == rpm("1.0").files


def test_attack_files_that_the_header_does_not_name_are_left_alone() -> None:
    package = _look(rpm("1.0"), _entry("./../../etc/passwd", b"x") + _entry("./etc/pond.conf", b"a=1\n") + _END)
    assert {file.path: file.text for file in package.files if file.text} == {"/etc/pond.conf": "a=1\n"}
    assert {file.path for file in package.files} == {file.path for file in rpm("1.0").files}


def test_what_is_too_long_or_damaged_is_told_and_not_guessed() -> None:
    conf = RpmFile("/etc/long.conf", 0o100644, "root", "root", 1, "d", flags=("config",))
    program = RpmFile("/usr/bin/broken", 0o100755, "root", "root", 1, "d")
    package = rpm("1.0", files=(conf, program))
    looked = _look(
        package, _entry("./etc/long.conf", b"x" * 70_000) + _entry("./usr/bin/broken", b"\x7fELF nonsense") + _END
    )
    assert looked.contents_read
    assert [line.partition(" ")[0] for line in looked.unread] == ["/etc/long.conf", "/usr/bin/broken"]
    assert all(file.text is None and file.elf is None for file in looked.files)
