"""Our header parser: hostile bytes, and the answers of rpm itself as the oracle."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.evidence.builders.bubblewrap import Bubblewrap
from headrace.evidence.model import BuildOrder, BuildStatus, EvidenceError, Rpm
from headrace.evidence.packages import read_package, read_packages
from headrace.evidence.rpm_header import read_header, read_rpm

_SPEC = """\
Name: facts
Epoch: 2
Version: 1.5~rc1
Release: 3
Summary: A package with everything in its header
License: MIT AND (Apache-2.0 OR BSD-3-Clause)
BuildArch: noarch
Provides: virtual(facts) = 1.5, plain-virtual
Requires: a >= 1, b < 2, c = 3:4-5, d <= 6, e > 7, f
Requires: (g if h), (i >= 1 with i < 2)
Requires(post): j
Conflicts: k < 1
Obsoletes: old-facts < 1
Recommends: l >= 2
%description
Facts.
%install
mkdir -p %{buildroot}/etc %{buildroot}/usr/bin %{buildroot}/usr/share/facts
echo a > %{buildroot}/etc/facts.conf
echo b > %{buildroot}/etc/other.conf
echo c > %{buildroot}/usr/bin/facts
echo d > %{buildroot}/usr/bin/plain
echo MIT > LICENSE; echo hi > README
ln -s facts %{buildroot}/usr/bin/alias
%post
echo post %{name}
%postun -p /bin/true
%triggerin -- bash
echo trigger
%files
%license LICENSE
%doc README
%config(noreplace) /etc/facts.conf
%config %attr(0600, root, adm) /etc/other.conf
%ghost /var/lib/facts.cache
%attr(4755, root, root) /usr/bin/facts
%caps(cap_net_raw=ep) /usr/bin/plain
/usr/bin/alias
%dir /usr/share/facts
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real package, built in the sandbox."""
    if not (shutil.which("bwrap") and shutil.which("rpmbuild")):
        pytest.skip("needs bwrap and rpmbuild")
    directory = tmp_path_factory.mktemp("facts")
    spec = _SPEC.replace("%ghost /var/lib/facts.cache\n", "")
    build = Bubblewrap().build(BuildOrder("facts", "facts.spec", spec.encode(), {}, ""), directory, lambda _: None)
    assert build.status is BuildStatus.BUILT, (directory / "build.log").read_text()
    assert [each.nevra for each in read_packages(build)] == ["facts-2:1.5~rc1-3.noarch"]
    return directory / build.rpms[0]


def _ask_rpm(package: Path, tmp_path: Path, *question: str) -> list[str]:
    done = subprocess.run(
        ["rpm", "--dbpath", str(tmp_path / "db"), "-qp", *question, str(package)],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


@pytest.mark.real
def test_the_facts_are_those_that_rpm_tells(package: Path, tmp_path: Path) -> None:
    rpm = read_package(package)
    one = "%{name}|%{epochnum}|%{version}|%{release}|%{arch}|%{license}|%{longsize}"
    told = _ask_rpm(package, tmp_path, "--qf", one)[0].split("|")
    assert told == [rpm.name, str(rpm.epoch), rpm.version, rpm.release, rpm.arch, rpm.licence, str(rpm.size)]
    for kind in ("provides", "requires", "conflicts", "obsoletes", "recommends"):
        assert sorted(set(getattr(rpm, kind))) == sorted(set(_ask_rpm(package, tmp_path, f"--{kind}"))), kind
    each = (
        "[%{filenames}|%{filemodes:octal}|%{fileusername}|%{filegroupname}|%{longfilesizes}|%{filedigests}|%{filelinktos}"
        "|%{fileflags}|%{filecaps}\\n]"
    )
    told_files = [line.split("|") for line in _ask_rpm(package, tmp_path, "--qf", each)]
    bits = {"config": 1, "doc": 2, "noreplace": 16, "license": 128, "readme": 256, "ghost": 64}
    assert told_files == [
        [
            file.path, f"{file.mode:o}", file.owner, file.group, str(file.size), file.digest, file.link,
            str(sum(bits[flag] for flag in file.flags)), file.capabilities,
        ]
        for file in rpm.files
    ]  # fmt: skip
    assert any(file.capabilities for file in rpm.files)
    assert rpm.scriptlets["post"] == "#!/bin/sh\necho post facts"
    assert rpm.scriptlets["postun"] == "#!/bin/true\n"
    assert rpm.scriptlets["trigger 0"].startswith("#!/bin/sh\necho trigger")


@pytest.mark.real
def test_attack_every_single_damage_to_a_header_is_told(package: Path) -> None:
    data = package.read_bytes()
    header, layout = read_header(data)
    assert header.text(1000) == "facts"
    for place in range(layout.header, layout.payload, 7):
        damaged = bytearray(data[: layout.payload])
        damaged[place] ^= 0x41
        with pytest.raises(EvidenceError):
            read_rpm(bytes(damaged))


@pytest.mark.real
def test_attack_a_cut_package(package: Path, tmp_path: Path) -> None:
    data = package.read_bytes()
    _, layout = read_header(data)
    cut = tmp_path / "cut.rpm"
    for length in (0, 3, 95, 100, 120, layout.header, layout.payload - 1):
        cut.write_bytes(data[:length])
        with pytest.raises(EvidenceError, match=r"cut\.rpm cannot be read"):
            read_package(cut)


def _package(entries: list[tuple[int, int, int, int]], store: bytes) -> bytes:
    empty = struct.pack(">4sIII", b"\x8e\xad\xe8\x01", 0, 0, 0)
    header = struct.pack(">4sIII", b"\x8e\xad\xe8\x01", 0, len(entries), len(store))
    index = b"".join(struct.pack(">IIII", *entry) for entry in entries)
    return b"\xed\xab\xee\xdb".ljust(96, b"\0") + empty + header + index + store


def test_a_smallest_package_is_read() -> None:
    rpm = read_rpm(
        _package([(1000, 6, 0, 1), (1001, 6, 2, 1), (1002, 6, 4, 1), (1003, 4, 8, 1)], b"a\0001\0002\0\0\0\0\0\0\7")
    )
    assert rpm == Rpm("a", 7, "1", "2", "", "", 0, (), (), ())


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ([(1000, 6, 999, 1)], "outside"),
        ([(1000, 8, 0, 4_000_000)], "no end"),
        ([(1028, 4, 0, 0xFFFFFFFF)], "too many values"),
        ([(1028, 4, 0, 50)], "too long"),
        ([(1000, 77, 0, 1)], "77"),
        ([(1001, 6, 2, 1)], "lacks a name"),
        ([(1000, 6, 0, 1), (1001, 6, 2, 1), (1002, 6, 4, 1), (1117, 8, 0, 1), (1116, 4, 8, 1)], "does not name"),
        ([(1000, 6, 0, 1), (1001, 6, 2, 1), (1002, 6, 4, 1), (1117, 8, 0, 2)], "do not fit"),
        ([(1000, 6, 0, 1), (1001, 6, 2, 1), (1002, 6, 4, 1), (1047, 8, 0, 2), (1113, 8, 0, 1)], "do not fit"),
    ],
)
def test_attack_headers_that_lie(entries: list[tuple[int, int, int, int]], why: str) -> None:
    with pytest.raises(EvidenceError, match=why):
        read_rpm(_package(entries, b"a\0001\0002\0\0\0\0\0\0\7"))


@given(st.binary(max_size=400))
@settings(max_examples=300)
def test_attack_garbage_raises_one_kind_of_error(garbage: bytes) -> None:
    for data in (garbage, _package([], b"")[:112] + garbage, b"\xed\xab\xee\xdb".ljust(96, b"\0") + garbage):
        with pytest.raises(EvidenceError):
            read_rpm(data)


@given(
    st.lists(st.tuples(st.sampled_from([1000, 1001, 1002, 1003, 1027, 1028, 1030, 1047, 1116, 1117, 1118, 1024, 1065, 5010]),
                       st.integers(0, 11), st.integers(0, 80), st.integers(0, 9)), max_size=12),
    st.binary(max_size=64),
)  # fmt: skip
@settings(max_examples=500)
def test_attack_well_formed_nonsense(entries: list[tuple[int, int, int, int]], store: bytes) -> None:
    try:
        rpm = read_rpm(_package(entries, store))
    except EvidenceError:
        return
    assert all((rpm.name, rpm.version, rpm.release))
    assert repr(rpm).encode()
