"""rpm as the oracle: on specs that rpm accepts, our answers are rpm's. rpmspec runs in bubblewrap, without network."""

import datetime as dt
import subprocess
from pathlib import Path

import pytest

from headrace.package.spec.bump import ChangelogEntry, bump
from headrace.package.spec.facts import read
from headrace.package.spec.value import Known

pytestmark = pytest.mark.real

SOURCE = (
    "%{NAME}|%{EPOCH}|%{VERSION}|%{RELEASE}\n[S %{SOURCE}\n][P %{PATCH}\n]"
    "[B %{REQUIRENAME} %{REQUIREFLAGS:depflags} %{REQUIREVERSION}\n]"
)
PLAIN = """%global major 3
%global minor 1
%define file() %{1}-%{?2}%{!?2:%{version}}.tar.gz
%bcond_with glow
%bcond_without shade
Name: lamp
Epoch: 1
Version: %{major}.%{minor}.4
Release: 2%{?with_shade:.s}%{!?with_glow:.n}
Summary: A lamp
License: MIT
Source0: https://example.org/%{file lamp}
Source: %{file bulb 7}
Source5: %{name}.conf
Patch1: a.patch
Patch: b.patch
%if 0%{?major} >= 3 && "%{name}" == "lamp" || v"1.0" > v"2.0"
BuildRequires: gcc >= 4, make
%else
BuildRequires: cc
%endif
%ifarch x86_64
BuildRequires: nasm
%endif
%{?with_glow:BuildRequires: glow}
%{!?nothing:BuildRequires: %{expand:th%{nil}ing}}

%description
A lamp.

%package -n bulb
Summary: A bulb
Requires: %{name} = %{epoch}:%{version}-%{release}
%description -n bulb
A bulb.

%prep
%files
%files -n bulb
%changelog
* Mon Jan 01 2024 Bo Ek <bo@example.org> - 1:3.1.4-2
- Light
"""
MACROS = """%define deep() %{?1:<%1>}%{!?1:none}%{-x: never}
%global list %{expand: one \\
two}
%define once 1
%define once 2
%undefine once
Name: shade
Version: %[ 1 + 2 ].%{expr: 4 / 2}
Release: %{lua: print(1)}
Summary: %{deep a b}%{deep} 100%% %{once}%{?once:y}%{!?once:n}
License: MIT
# %define commented 5
URL: https://example.org/%{?commented}
%sourcelist
x.tar.gz
y.tar.gz
%patchlist
z.patch
%description
%{list}
%files
"""


def answered(path: Path) -> list[str]:
    sandbox = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--unshare-all"]
    command = ["--ro-bind", str(path.parent), str(path.parent), "--die-with-parent", "rpmspec", "-q", "--srpm"]
    where = ["--define", f"_sourcedir {path.parent}", "--qf", SOURCE, str(path)]
    done = subprocess.run([*sandbox, *command, *where], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def agree(data: bytes, path: Path, release: str | None = None) -> None:
    path.write_bytes(data)
    facts, (first, *rows) = read(data), answered(path)
    name, epoch, version, rpm_release = first.split("|")
    assert (facts.name, facts.version) == (Known(name), Known(version))
    assert facts.epoch == Known(None if epoch == "(none)" else int(epoch))
    assert facts.release == Known(rpm_release) or release == rpm_release
    assert sorted(f"S {one.filename.value}" for one in facts.sources) == sorted(row for row in rows if row[0] == "S")
    assert sorted(f"P {one.filename.value}" for one in facts.patches) == sorted(row for row in rows if row[0] == "P")
    wanted = {" ".join(row[2:].split()) for row in rows if row[0] == "B" and "rpmlib(" not in row}
    assert {one.value.value for one in facts.build_requires} == wanted


def test_a_spec_with_everything_plain(tmp_path: Path) -> None:
    agree(PLAIN.encode(), tmp_path / "lamp.spec")


def test_a_spec_with_macros_and_lists(tmp_path: Path) -> None:
    agree(MACROS.encode(), tmp_path / "shade.spec", release="1")


@pytest.mark.parametrize("to", ["3.1.5", "3.2.0", "4.0.0"])
def test_an_edited_spec_reads_for_rpm_as_asked(to: str, tmp_path: Path) -> None:
    entry = ChangelogEntry("Ada Lin <ada@example.org>", dt.date(2024, 3, 5), ("Upgrade",))
    data = bump(PLAIN.encode(), to, entry=entry, drop_patches=[1]).data
    agree(data, tmp_path / "lamp.spec")
    assert answered(tmp_path / "lamp.spec")[0] == f"lamp|1|{to}|1.s.n"
