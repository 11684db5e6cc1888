"""Builds that really fail, each in its own way: the cause that the log points to is named, with what is missing."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from headrace.evidence.builders.bubblewrap import Bubblewrap
from headrace.evidence.causes.search import explain
from headrace.evidence.model import BuildOrder, BuildStatus, Limits

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not (shutil.which("bwrap") and shutil.which("rpmbuild")), reason="needs bwrap and rpmbuild"),
]


@dataclass(frozen=True)
class Broken:
    """One way to break a build: the part of the spec that differs, and what must be named."""

    kind: str
    subject: str
    build: str = ""
    install: str = ""
    check: str = ""
    files: str = ""
    head: str = ""
    prep: str = ""
    needs: str = "sh"
    sources: tuple[tuple[str, str], ...] = ()


_PATCH = "--- a/{name}\n+++ b/{name}\n@@ -1 +1 @@\n-{old}\n+{new}\n"
_WRITE_C = "cat > a.c <<'X'\n{code}\nX\ngcc {options} -o a a.c"


def _c(code: str, options: str = "") -> str:
    return _WRITE_C.format(code=code, options=options)


BROKEN = (
    # rpm itself
    Broken("missing packaged file", "/usr/bin/not-there", files="/usr/bin/not-there"),
    Broken("missing packaged directory", "/usr/share/no-such-place", files="%dir /usr/share/no-such-place"),
    Broken(
        "unpackaged file", "/usr/bin/extra", install="mkdir -p %{buildroot}/usr/bin; touch %{buildroot}/usr/bin/extra"
    ),
    Broken("missing file list", "", files="", install="true", head="%define with_list 1\n"),
    Broken("bad file path", "usr/bin/x", files="usr/bin/x"),
    Broken("undefined macro", "no_such_macro", build="%no_such_macro --now"),
    Broken("missing source", "absent.tar.gz", head="Source0: absent.tar.gz\n"),
    Broken("spec error", "", head="%if 1\n"),
    Broken("architecture", "x86_64", head="ExclusiveArch: riscv64\n"),
    Broken(
        "patch does not apply",
        "",
        head="Patch0: fix.patch\n",
        prep="echo other > text\n%patch0 -p1",
        needs="patch",
        sources=(("fix.patch", _PATCH.format(name="text", old="one", new="two")),),
    ),
    Broken(
        "patch target missing",
        "",
        head="Patch0: fix.patch\n",
        prep="%patch0 -p1",
        needs="patch",
        sources=(("fix.patch", _PATCH.format(name="gone", old="one", new="two")),),
    ),
    Broken(
        "patch already applied",
        "",
        head="Source0: fix.patch\n",
        prep="echo two > text\npatch -N -p1 < %{SOURCE0}",
        needs="patch",
        sources=(("fix.patch", _PATCH.format(name="text", old="one", new="two")),),
    ),
    Broken(
        "patch does not apply",
        "text",
        prep="git init -q .; echo other > text\ngit apply %{SOURCE0}",
        head="Source0: fix.patch\n",
        sources=(("fix.patch", _PATCH.format(name="text", old="one", new="two")),),
        needs="git",
    ),
    Broken(
        "archive cannot be unpacked",
        "",
        head="Source0: x.tar.gz\n",
        prep="%setup -q",
        sources=(("x.tar.gz", "no archive"),),
        needs="tar",
    ),
    Broken(
        "source directory", "broken-1", prep="mkdir d; tar czf x.tar.gz d; tar xzf x.tar.gz; cd 'broken-1'", needs="tar"
    ),
    # compilers
    Broken("missing header", "no/such/header.h", build=_c("#include <no/such/header.h>"), needs="gcc"),
    Broken("missing library", "nosuchlibrary", build=_c("int main(void){return 0;}", "-lnosuchlibrary"), needs="gcc"),
    Broken(
        "undefined reference",
        "not_anywhere",
        build=_c("int not_anywhere(void); int main(void){return not_anywhere();}"),
        needs="gcc",
    ),
    Broken(
        "multiple definition",
        "twice",
        build="echo 'int twice = 1;' > b.c\n" + _c("int twice = 2; int main(void){return 0;}", "b.c"),
        needs="gcc",
    ),
    Broken(
        "implicit declaration",
        "surprise",
        build=_c("int main(void){return surprise();}", "-Werror-implicit-function-declaration"),
        needs="gcc",
    ),
    Broken("unknown type", "mystery_t", build=_c("mystery_t x;"), needs="gcc"),
    Broken("undeclared name", "nowhere", build=_c("int main(void){return nowhere;}"), needs="gcc"),
    Broken(
        "warning as error",
        "unused-variable",
        build=_c("int main(void){int x; return 0;}", "-Wall -Werror"),
        needs="gcc",
    ),
    Broken("compiler option", "-fno-such-option", build=_c("int x;", "-fno-such-option"), needs="gcc"),
    Broken("compiler error", "a.c", build=_c("int main(void) { return 0 }"), needs="gcc"),
    Broken("missing Python module", "no_such_module", build='python3 -c "import no_such_module"', needs="python3"),
    Broken("Python import", "no_such_name", build='python3 -c "from os import no_such_name"', needs="python3"),
    Broken("Python syntax", "invalid syntax", build='python3 -c "x = = 1"', needs="python3"),
    Broken("Python error", "KeyError", build="python3 -c \"{}['x']\"", needs="python3"),
    Broken(
        "missing Python distribution",
        "no-such-dist",
        build="python3 -c \"import importlib.metadata as m; m.version('no-such-dist')\"",
        needs="python3",
    ),
    Broken("missing node module", "no-such-module", build="node -e \"require('no-such-module')\"", needs="node"),
    Broken("missing Perl module", "No/Such", build="perl -e 'use No::Such;'", needs="perl"),
    # tools
    Broken("missing make target", "absent.c", build="printf 'all: absent.c\\n' > Makefile; make", needs="make"),
    Broken("missing makefile", "", build="make", needs="make"),
    Broken("missing program", "no-such-program", build="no-such-program --version"),
    Broken(
        "missing program", "no-such-program", build="printf '#!/usr/bin/env no-such-program\\n' > x; chmod +x x; ./x"
    ),
    Broken("missing input", "not-made", install="install -m 644 not-made %{buildroot}/"),
    Broken("missing input", "not-made", build="cp not-made other"),
    Broken(
        "configure check", "the water is too cold", build="echo 'configure: error: the water is too cold' >&2; exit 1"
    ),
    Broken("shell error", "", build="if true; then (; fi"),
    Broken(
        "failing test",
        "test_swim",
        check="printf 'import unittest\\nclass T(unittest.TestCase):\\n  def test_swim(s): s.fail()\\n' > t.py\n"
        "python3 -m unittest t",
        needs="python3",
    ),
    Broken("make failed", "Makefile:2: all", build="printf 'all:\\n\\tfalse\\n' > Makefile; make", needs="make"),
    Broken(
        "missing pkg-config module",
        "no-such-module",
        build="pkg-config --print-errors --exists no-such-module",
        needs="pkg-config",
    ),
    Broken(
        "missing CMake package",
        "NoSuchPackage",
        build="printf 'cmake_minimum_required(VERSION 3.10)\\nproject(x NONE)\\n"
        "find_package(NoSuchPackage REQUIRED)\\n' > CMakeLists.txt; cmake .",
        needs="cmake",
    ),
    Broken(
        "missing Meson dependency",
        "no-such-dep",
        build="printf \"project('x')\\ndependency('no-such-dep')\\n\" > meson.build; meson setup b",
        needs="meson",
    ),
    # the machine
    Broken("network needed", "example.org", build="curl -sS https://example.org/", needs="curl"),
    Broken(
        "network needed",
        "",
        build="python3 -c \"import socket; socket.create_connection(('192.0.2.1', 80))\"",
        needs="python3",
    ),
    Broken("read-only file system", "/usr/share/x", build="touch /usr/share/x"),
    Broken("out of memory", "", build='python3 -c "bytearray(1 << 40)"', needs="python3"),
    Broken("file too large", "", build="head -c 900000000 /dev/zero > big"),
    Broken("crash", "", build="python3 -c 'import ctypes; ctypes.string_at(0)'", needs="python3"),
)


def _spec(broken: Broken) -> str:
    head = broken.head.replace("%define with_list 1\n", "")
    listed = "%files -f no.list" if "with_list" in broken.head else "%files"
    parts = ["Name: broken\nVersion: 1\nRelease: 1\nSummary: Broken\nLicense: MIT\n" + head + "%description\nBroken."]
    for name in ("prep", "build", "install", "check"):
        parts += [f"%{name}\n{text}"] if (text := getattr(broken, name)) else []
    parts.append(f"{listed}\n{broken.files}")
    return "\n".join(parts) + "\n"


def _log(broken: Broken, tmp_path: Path) -> str:
    if not shutil.which(broken.needs):
        pytest.skip(f"needs {broken.needs}")
    sources: dict[str, Path] = {}
    for name, content in broken.sources:
        sources[name] = tmp_path / name
        sources[name].write_text(content)
    out = tmp_path / "out"
    out.mkdir()
    limits = Limits(seconds=60, memory=1 << 30, disk=256 << 20, processes=200)
    order = BuildOrder("broken", "broken.spec", _spec(broken).encode(), sources, "", limits=limits)
    build = Bubblewrap().build(order, out, lambda _: None)
    log = (out / "build.log").read_text(errors="replace")
    assert build.status is not BuildStatus.BUILT, log
    return log


@pytest.mark.parametrize(
    "broken", BROKEN, ids=lambda broken: f"{broken.kind} {broken.subject}".strip().replace("/", ".")
)
def test_the_cause_is_named(broken: Broken, tmp_path: Path) -> None:
    log = _log(broken, tmp_path)
    cause = explain(log).cause
    assert cause is not None, log
    assert cause.kind == broken.kind, f"{cause.kind}: {cause.line}\n{log}"
    if broken.subject:
        assert broken.subject in cause.subject, f"{cause.subject!r}\n{log}"
    assert cause.line.split()[0] in log.splitlines()[cause.number - 1]
