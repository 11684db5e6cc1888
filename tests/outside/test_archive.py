"""Archives that are what they seem, and archives made to harm."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headrace.outside.archive import ArchiveError, ArchiveLimits, Member, list_members, unpack
from headrace.outside.command import run

Entry = tuple[tarfile.TarInfo, bytes]
SMALL = ArchiveLimits(total=10_000_000, ratio_from=1_000_000, members=100)


def entry(name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE, target: str = "", mode: int = 0o644) -> Entry:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode, info.mtime = kind, target, mode, 1_600_000_000
    info.size = len(content)
    return info, content


def link(name: str, target: str) -> Entry:
    return entry(name, kind=tarfile.SYMTYPE, target=target)


def tar_bytes(*entries: Entry) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for info, content in entries:
            tar.addfile(info, io.BytesIO(content))
    return held.getvalue()


def lay(tmp_path: Path, data: bytes, name: str = "evil.tar") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def refused(tmp_path: Path, data: bytes, limits: ArchiveLimits = SMALL) -> str:
    """Unpack, expect a refusal that leaves nothing anywhere, and return its sentence."""
    archive = lay(tmp_path, data)
    outside = tmp_path / "outside"
    outside.mkdir(exist_ok=True)
    with pytest.raises(ArchiveError) as error:
        unpack(archive, tmp_path / "outside" / "deep" / "in", limits)
    assert [str(path.relative_to(outside)) for path in outside.rglob("*")] in ([], ["deep"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["evil.tar", "outside"]
    return str(error.value)


GOOD = (
    entry("a-1/", kind=tarfile.DIRTYPE, mode=0o700),
    entry("a-1/run", b"#!/bin/sh\n", mode=0o6755),
    entry("./a-1//doc/read me", "grüß".encode()),
    link("a-1/doc/up", "../run"),
    entry("a-1/same", kind=tarfile.LNKTYPE, target="a-1/run"),
    entry("a-1/" + "long/" * 30 + "x", b"deep"),
)


def _zstd(data: bytes) -> bytes:
    return run(["zstd", "-c"], stdin=data, seconds=30).stdout


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress, _zstd])
def test_a_tar_is_unpacked_whatever_packs_it(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    archive = lay(tmp_path, pack(tar_bytes(*GOOD)), "a-1.tar.any")
    top = unpack(archive, tmp_path / "in")
    assert top == tmp_path / "in" / "a-1"
    assert (top / "doc/read me").read_text() == "grüß"
    assert (top / "doc/up").readlink() == Path("../run")
    assert (top / "same").samefile(top / "run")
    assert stat.S_IMODE((top / "run").stat().st_mode) == 0o755
    assert stat.S_IMODE((top / "doc/read me").stat().st_mode) == 0o644
    assert (top / "run").stat().st_mtime == 1_600_000_000
    assert stat.S_IMODE(top.stat().st_mode) == 0o755


def test_members_are_listed_without_writing(tmp_path: Path) -> None:
    archive = lay(tmp_path, gzip.compress(tar_bytes(*GOOD[:4])))
    assert list_members(archive) == (
        Member("a-1", "directory"),
        Member("a-1/run", "file", 10, executable=True, modified=1_600_000_000),
        Member("a-1/doc/read me", "file", 6, modified=1_600_000_000),
        Member("a-1/doc/up", "symlink", target="../run"),
    )
    assert [path.name for path in tmp_path.iterdir()] == ["evil.tar"]


def test_a_zip_is_unpacked(tmp_path: Path) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a-1/x.py", b"print()\n" * 1000)
        symlink = zipfile.ZipInfo("a-1/y.py")
        symlink.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(symlink, "x.py")
    top = unpack(lay(tmp_path, held.getvalue(), "a.zip"), tmp_path / "in")
    assert (top / "y.py").read_bytes() == b"print()\n" * 1000
    assert (top / "y.py").is_symlink()


def test_without_a_single_top_directory_the_place_itself_is_returned(tmp_path: Path) -> None:
    assert unpack(lay(tmp_path, tar_bytes(entry("a", b"1"), entry("b", b"2"))), tmp_path / "in") == tmp_path / "in"
    assert unpack(lay(tmp_path, tar_bytes(entry("a", b"1"))), tmp_path / "one") == tmp_path / "one"


def test_a_later_member_of_the_same_name_wins_and_leaves_its_hard_link_alone(tmp_path: Path) -> None:
    archive = lay(tmp_path, tar_bytes(entry("a", b"1"), entry("b", kind=tarfile.LNKTYPE, target="a"), entry("a", b"2")))
    unpack(archive, tmp_path / "in")
    assert ((tmp_path / "in/a").read_bytes(), (tmp_path / "in/b").read_bytes()) == (b"2", b"1")


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([entry("../evil", b"x")], "../evil leads out of the archive"),
        ([entry("a/../../evil", b"x")], "a/../../evil leads out of the archive"),
        ([entry("/tmp/evil", b"x")], "/tmp/evil has an absolute path"),
        ([link("a", "/etc/passwd")], "a is a link to an absolute path"),
        ([link("d/a", "../../etc/passwd")], "d/a is a link that leads out of the archive"),
        ([link("a", "..")], "a is a link that leads out of the archive"),
        ([entry("a", kind=tarfile.LNKTYPE, target="/etc/passwd")], "/etc/passwd has an absolute path"),
        ([entry("a", kind=tarfile.LNKTYPE, target="../x")], "../x leads out of the archive"),
        ([entry("a", kind=tarfile.LNKTYPE, target="nothing")], "a is a hard link to no file of the archive"),
        ([link("l", "f"), entry("a", kind=tarfile.LNKTYPE, target="l")], "a is a hard link to no file of the archive"),
        ([entry("dev", kind=tarfile.CHRTYPE)], "dev is a device"),
        ([entry("disk", kind=tarfile.BLKTYPE)], "disk is a device"),
        ([entry("pipe", kind=tarfile.FIFOTYPE)], "pipe is a device, a fifo"),
        ([entry("odd", kind=b"Z")], "odd is a device, a fifo or something else"),
        ([entry("a\nb", b"x")], "a\\x0ab has control characters"),
        ([entry("x" * 300, b"x")], "has too long a path"),
        ([entry("d/" * 70 + "x", b"x")], "has too long a path"),
        ([entry("d", kind=tarfile.DIRTYPE), link("l", "d"), entry("l/x", b"x")], "l/x passes through l"),
        ([entry("f", b"x"), entry("f/x", b"x")], "f/x passes through f"),
        ([entry("d", kind=tarfile.DIRTYPE), entry("d", b"x")], "d is there already as a directory"),
        ([link("deep/er/s", "../.."), link("t", "deep/er/s/../..")], "t is a link that leads out"),
        ([link("t", "deep/er/s/../.."), link("deep/er/s", "../..")], "t is a link that leads out"),
        ([entry(f"f{n}", b"") for n in range(101)], "more than 100 members"),
        ([entry("big", bytes(10_000_001))], "unpacks to more than 10000000 bytes"),
    ],
)
def test_attack_a_member_that_would_do_harm_is_refused_and_named(
    tmp_path: Path, entries: list[Entry], said: str
) -> None:
    assert said in refused(tmp_path, tar_bytes(*entries))


def test_attack_a_link_that_is_replaced_by_a_directory_name_later_stays_inside(tmp_path: Path) -> None:
    said = refused(tmp_path, tar_bytes(link("a", "b"), entry("a", kind=tarfile.DIRTYPE), entry("a/x", b"x")))
    assert "a passes through a, which is no directory" in said


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, _zstd])
def test_attack_a_bomb_is_stopped_while_it_grows(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(tar_bytes(entry("bomb", bytes(20_000_000))))
    assert "more than 10000000 bytes" in refused(tmp_path, bomb, ArchiveLimits(total=10_000_000))
    roomy = ArchiveLimits(total=10**9, ratio_from=1_000_000, ratio=100)
    assert "more than 100 times its size" in refused(tmp_path, bomb, roomy)


def test_attack_a_zip_bomb_is_stopped_while_it_grows(tmp_path: Path) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(4):
            packed.writestr(f"bomb{number}", bytes(5_000_000))
    assert "unpacks to more than" in refused(tmp_path, held.getvalue())


def test_attack_a_sparse_file_of_the_size_of_a_disk_is_stopped(tmp_path: Path) -> None:
    info, _ = entry("sparse")
    info.pax_headers = {"GNU.sparse.map": "0,0", "GNU.sparse.size": str(2**50), "GNU.sparse.major": "0",
                        "GNU.sparse.minor": "1", "GNU.sparse.numblocks": "1"}  # fmt: skip
    assert "unpacks to more than" in refused(tmp_path, tar_bytes((info, b"")))


def test_attack_a_header_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    info, content = entry("a", b"x")
    info.pax_headers = {"comment": "1" * 100_000}
    assert "damaged" in refused(tmp_path, tar_bytes((info, content)))


def test_attack_xz_that_asks_for_a_gigantic_dictionary_is_refused(tmp_path: Path) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 29}]
    assert "xz data are damaged" in refused(tmp_path, lzma.compress(tar_bytes(entry("a", b"x")), filters=filters))


def test_attack_an_archive_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    assert "takes longer than 0 s" in refused(tmp_path, tar_bytes(*GOOD), ArchiveLimits(seconds=0))


def test_attack_a_packed_file_over_the_limit_is_not_even_opened(tmp_path: Path) -> None:
    assert "more than 10" in refused(tmp_path, tar_bytes(*GOOD), ArchiveLimits(packed=10))


@pytest.mark.parametrize("mode", [stat.S_IFCHR, stat.S_IFIFO, stat.S_IFSOCK])
def test_attack_a_zip_with_a_device_is_refused(tmp_path: Path, mode: int) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as packed:
        info = zipfile.ZipInfo("dev")
        info.external_attr = (mode | 0o666) << 16
        packed.writestr(info, "")
    assert "dev is a device" in refused(tmp_path, held.getvalue())


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil"])
def test_attack_a_zip_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as packed:
        packed.writestr(name, "x")
    assert "evil" in refused(tmp_path, held.getvalue())


def test_attack_a_zip_with_a_link_that_leads_out_is_refused(tmp_path: Path) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as packed:
        info = zipfile.ZipInfo("l")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(info, "../../etc/passwd")
    assert "l is a link that leads out" in refused(tmp_path, held.getvalue())


def test_a_zip_whose_content_was_changed_is_refused(tmp_path: Path) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as packed:
        packed.writestr("a", b"content")
    assert "damaged" in refused(tmp_path, held.getvalue().replace(b"content", b"cantent", 1))


def test_damage_in_the_middle_is_not_taken_for_the_end(tmp_path: Path) -> None:
    data = bytearray(tar_bytes(entry("a", b"x" * 600), entry("b", b"y" * 600)))
    second = data.index(b"b\0")
    data[second : second + 100] = os.urandom(100)
    assert "damaged" in refused(tmp_path, bytes(data))


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress, _zstd])
def test_a_truncated_archive_is_refused(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    whole = pack(tar_bytes(entry("a", os.urandom(5000)), entry("b", os.urandom(5000))))
    refused(tmp_path, whole[: len(whole) // 3])


@pytest.mark.parametrize("data", [b"", b"PK\3\4", b"<html>not found</html>", b"\x1f\x8b", bytes(511), b"ustar" * 300])
def test_what_is_no_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    assert "cannot be unpacked" in refused(tmp_path, data)


def test_a_place_that_is_not_empty_or_an_archive_that_is_not_there_is_refused(tmp_path: Path) -> None:
    archive = lay(tmp_path, tar_bytes(*GOOD))
    with pytest.raises(ArchiveError, match="is not empty"):
        unpack(archive, tmp_path)
    assert archive.exists()
    with pytest.raises(ArchiveError, match="No such file"):
        unpack(tmp_path / "nothing", tmp_path / "in")


names = st.text(st.sampled_from("ab./\\\n\0é"), max_size=12)
kinds = st.sampled_from([tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(names, kinds, names), max_size=8))
def test_attack_whatever_the_members_are_nothing_lands_outside(
    tmp_path_factory: pytest.TempPathFactory, members: list[tuple[str, bytes, str]]
) -> None:
    top = tmp_path_factory.mktemp("world")
    entries = [entry(name, b"x" if kind == tarfile.REGTYPE else b"", kind, target) for name, kind, target in members]
    archive = lay(top, tar_bytes(*entries))
    place = top / "in"
    try:
        unpack(archive, place, SMALL)
    except ArchiveError:
        assert not place.exists()
    else:
        for path in place.rglob("*"):
            assert path.is_symlink() or path.is_dir() or path.is_file()
            assert Path(os.path.realpath(path)).is_relative_to(place)
    assert {path.name for path in top.iterdir()} <= {"evil.tar", "in"}


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 4000), st.binary(min_size=1, max_size=40), st.sampled_from([bytes, gzip.compress, bz2.compress]))
def test_attack_flipped_bytes_give_an_archive_error_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, where: int, what: bytes, pack: Callable[[bytes], bytes]
) -> None:
    top = tmp_path_factory.mktemp("world")
    data = bytearray(pack(tar_bytes(*GOOD)))
    where %= len(data)
    data[where : where + len(what)] = what
    try:
        unpack(lay(top, bytes(data)), top / "in", SMALL)
    except ArchiveError:
        assert not (top / "in").exists()
