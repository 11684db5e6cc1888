"""Our ELF parser against readelf and nm, and against damage."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.evidence.elf import ElfError, read_elf

_SUBJECTS = sorted({
    path.resolve()
    for pattern in ("libz.so.1", "libc.so.6", "libm.so.6", "libcrypto.so.3", "libstdc++.so.6", "libdl.so.2")
    for folder in ("/lib/x86_64-linux-gnu", "/usr/lib64", "/lib/aarch64-linux-gnu", "/usr/lib")
    if (path := Path(folder, pattern)).exists()
} | {Path(found).resolve() for name in ("rpmbuild", "bash", "cat", "git") if (found := shutil.which(name))})  # fmt: skip

needs_binutils = pytest.mark.skipif(not shutil.which("readelf") or not shutil.which("nm"), reason="needs binutils")


def _said(*argv: str) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


@needs_binutils
@pytest.mark.parametrize("path", _SUBJECTS, ids=lambda path: path.name)
def test_the_facts_are_those_that_binutils_tell(path: Path) -> None:
    elf = read_elf(path.read_bytes())
    dynamic = _said("readelf", "-dW", str(path))
    assert list(elf.needed) == [line.split("[")[1].rstrip("]") for line in dynamic.splitlines() if "(NEEDED)" in line]
    assert [elf.soname] == (
        [line.split("[")[1].rstrip("]") for line in dynamic.splitlines() if "(SONAME)" in line] or [""]
    )
    headers = _said("readelf", "-lW", str(path))
    stack = next(line for line in headers.splitlines() if "GNU_STACK" in line)
    assert elf.executable_stack == ("RWE" in stack)
    now = "BIND_NOW" in dynamic or "NOW" in dynamic.partition("(FLAGS_1)")[2].partition("\n")[0]
    assert elf.relro == ("none" if "GNU_RELRO" not in headers else "full" if now else "partial")
    assert elf.kind == ("program" if "INTERP" in headers else "library")
    assert elf.pie == (elf.kind == "program" and "Elf file type is DYN" in headers)
    if elf.kind == "library":
        defined = (line.split() for line in _said("nm", "-D", "--defined-only", str(path)).splitlines())
        names = {words[-1].partition("@")[0] for words in defined if words[-2] not in "tdrb"}
        assert set(elf.exported) == names
    undefined = _said("nm", "-D", "--undefined-only", str(path))
    assert elf.canary == ("__stack_chk_fail" in undefined)


def test_attack_every_truncation_of_a_real_program() -> None:
    data = Path(sys.executable).resolve().read_bytes()
    for length in [*range(0, 400, 7), *range(400, len(data), max(1, len(data) // 60))]:
        try:
            read_elf(data[:length])
        except ElfError:
            continue


@given(st.binary(max_size=300))
def test_attack_garbage_raises_one_kind_of_error(garbage: bytes) -> None:
    for head in (b"", b"\x7fELF\x02\x01\x01" + bytes(9), b"\x7fELF\x01\x02\x01" + bytes(9)):
        try:
            read_elf(head + garbage)
        except ElfError:
            continue


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), min_size=1, max_size=20))
def test_attack_flipped_bytes(flips: list[tuple[int, int]]) -> None:
    data = bytearray(_SMALL)
    for place, value in flips:
        data[place % len(data)] = value
    try:
        elf = read_elf(bytes(data))
    except ElfError:
        return
    assert elf.kind in {"program", "library", "object"}


_SMALL = (
    min((path for path in _SUBJECTS), key=lambda path: path.stat().st_size).read_bytes() if _SUBJECTS else b"\x7fELF"
)
