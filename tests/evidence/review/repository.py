"""A small package repository of our own, in which everything is well until a test spoils it."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

SPEC = """\
Name: pond
Version: 1.0.1
Release: 3%{?dist}
Summary: A pond
License: MIT
URL: https://github.com/still/pond
Source0: https://github.com/still/pond/archive/v%{version}/pond-%{version}.tar.gz
Source1: fill.sh
Patch0: CVE-2023-12345.patch
Patch1: keep.patch
BuildRequires: gcc

%description
A pond that stays full.

%package devel
Summary: Headers of the pond

%description devel
Headers.

%prep
%autosetup -p1

%build
%make_build

%install
%make_install

%check
make check

%post
/sbin/ldconfig

%files
%license LICENSE
%config(noreplace) %{_sysconfdir}/pond.conf
%{_bindir}/pond

%files devel
%{_includedir}/pond.h

%changelog
* Tue Nov 14 2023 Ann Reed <ann@example.org> - 1.0.1-3
- keep the water in

* Mon Nov 13 2023 Ann Reed <ann@example.org> - 1.0.1-2
- start
"""
PATCH = """\
From 1111111111111111111111111111111111111111 Mon Sep 17 00:00:00 2001
From: Ann Reed <ann@example.org>
Subject: [PATCH] {subject}

https://github.com/still/pond/commit/1111111111111111111111111111111111111111
---
--- a/{file}
+++ b/{file}
@@ -1,2 +1,2 @@
 one
-two
+{line}
"""


def patch(subject: str, file: str = "pump.c", line: str = "three") -> str:
    return PATCH.format(subject=subject, file=file, line=line)


YAML = 'version_control: github\nsrc_repo: still/pond\ntag_prefix: "v"\nseparator: "."\n'
SOURCES = f"SHA512 (pond-1.0.1.tar.gz) = {'a' * 128}\n"
FILES: Mapping[str, str] = {
    "pond.spec": SPEC, "pond.yaml": YAML, "sources": SOURCES, "fill.sh": "#!/bin/sh\n# License: MIT\nfill --slowly\n",
    "CVE-2023-12345.patch": patch("Fix CVE-2023-12345"), "keep.patch": patch("Keep the water", "bank.c"),
}  # fmt: skip
ENTRY = "* Wed Jan 10 2024 Ann Reed <ann@example.org> - {evr}\n- {text}\n\n"
POLICY = """\
development = "master"
[branches."lts"]
takes = "patch-releases"
[branches."old"]
takes = "patches"
[branches."ice"]
takes = "any"
frozen = true
[order]
chain = ["master", "lts", "old"]
[levels]
pond = "L1"
[licences]
allow = ["MIT", "Apache-2.0"]
refuse = ["SSPL-1.0"]
[images]
lists = ["server.list"]
"""

Files = dict[str, str | bytes | None]
"""Path -> new content; None removes the file."""


def edited(text: str, *changes: tuple[str, str]) -> str:
    """The text with each change made exactly once."""
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the text"
        text = text.replace(old, new)
    return text


def logged(spec: str, evr: str, text: str = "do what the title says") -> str:
    """The spec with one more entry on top of its changelog."""
    return edited(spec, ("%changelog\n", "%changelog\n" + ENTRY.format(evr=evr, text=text)))


def upgraded(*changes: tuple[str, str], version: str = "1.0.2", text: str = "upgrade to 1.0.2") -> Files:
    """A good upgrade, with further changes of the spec."""
    spec = edited(SPEC, ("Version: 1.0.1", f"Version: {version}"), ("Release: 3", "Release: 1"))
    spec = edited(logged(spec, f"{version}-1", text), *changes)
    return {"pond.spec": spec, "sources": f"SHA512 (pond-{version}.tar.gz) = {'b' * 128}\n"}


def released(*changes: tuple[str, str], text: str = "change the packaging") -> Files:
    """A good change of the packaging alone, with further changes of the spec."""
    spec = edited(SPEC, ("Release: 3", "Release: 4"))
    return {"pond.spec": edited(logged(spec, "1.0.1-4", text), *changes)}


class Repository:
    """A git repository on disk, written by the git command with nobody's configuration."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True)
        self.git("init", "-q", "--initial-branch=master")
        self.commit(dict(FILES), "Start the pond\n\nIt holds water and keeps it in.")

    def git(self, *arguments: str) -> str:
        environment = {
            "PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": "/nonexistent", "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@example.org",
            "GIT_COMMITTER_NAME": "Ann", "GIT_COMMITTER_EMAIL": "ann@example.org",
        }  # fmt: skip
        done = subprocess.run(
            ["git", "-C", str(self.directory), *arguments], env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self, files: Mapping[str, str | bytes | None], message: str) -> str:
        for path, content in files.items():
            place = self.directory / path
            if content is None:
                place.unlink()
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content.encode() if isinstance(content, str) else content)
        self.git("add", "-A", "-f")
        self.git("commit", "-q", "--allow-empty-message", "-m", message)
        return self.git("rev-parse", "HEAD")


def written_policy(directory: Path) -> Path:
    """The policy and its image list, as files."""
    directory.mkdir(exist_ok=True)
    (directory / "server.list").write_text("# what a server needs\npond-devel\nlake\n")
    path = directory / "policy.toml"
    path.write_text(POLICY)
    return path
