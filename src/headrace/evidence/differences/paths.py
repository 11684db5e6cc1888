"""What a path means: which part of the system it belongs to, and whether it is the same file of another version."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from headrace.evidence.differences.model import shipped
from headrace.evidence.model import Rpm, RpmFile


class Area(StrEnum):
    """What a file is for; the value is the `kind` of its differences."""

    COMMAND = "command"
    SERVICE = "service"
    RIGHTS = "rights"
    """What grants rights or runs by itself: sudoers, polkit, D-Bus policy, cron, udev, PAM."""
    SETTING = "system setting"
    """sysctl, modprobe, tmpfiles, sysusers, presets."""
    HEADER = "header"
    LIBRARY = "library"
    DEVELOPMENT = "development file"
    MODULE = "module"
    PRIVATE_MODULE = "private module"
    BUNDLED = "node module"
    DOCUMENTATION = "documentation"
    BUILD_ID = "build id"
    FILE = "file"


_BIN = r"/(?:usr/)?(?:local/)?s?bin/[^/]+|/usr/libexec/.+"
_PYTHON = r"/usr/(?:local/)?lib(?:64)?/python3(?:\.\d+)?/(?:site|dist)-packages/"
_PRIVATE = (
    r"(?:.*/)?(?:__pycache__(?:/|\Z)|tests?/|_(?!_init__\.|_main__\.)|[^/]*\.(?:dist|egg)-info(?:/|\Z))"
    r"|.*\.pyi\Z|.*/py\.typed\Z"
)
_RIGHTS = (
    r"/etc/sudoers|/(?:etc|usr/share)/polkit-1/|/(?:etc|usr/share)/dbus-1/system|/etc/cron|/var/spool/cron"
    r"|/(?:etc|usr/lib)/pam\.d/|/(?:etc|usr/lib|lib)/udev/rules\.d/|/etc/ld\.so\.conf\.d/|/etc/profile\.d/|/etc/xdg/autostart/"
)
_SETTING = (
    r"/(?:etc|usr/lib)/(?:sysctl|modprobe|modules-load|tmpfiles|sysusers|binfmt)\.d/|/usr/lib/systemd/[\w-]+-preset/"
)
_DEVELOPMENT = r"/usr/lib(?:64)?/(?:[^/]+\.(?:so|a)|pkgconfig/.+|cmake/.+)\Z|/usr/share/(?:pkgconfig|cmake|aclocal)/.+"
_PATTERNS: tuple[tuple[Area, re.Pattern[str]], ...] = tuple(
    (area, re.compile(pattern))
    for area, pattern in (
        (Area.COMMAND, rf"(?:{_BIN})\Z"),
        (Area.BUILD_ID, r"/usr/lib/\.build-id(?:/|\Z)|/usr/lib/debug/|/usr/src/debug/"),
        (Area.SERVICE, r"/(?:usr/)?lib/systemd/(?:system|user)/[^/]+\.\w+\Z|/etc/init\.d/"),
        (Area.RIGHTS, _RIGHTS),
        (Area.SETTING, _SETTING),
        (Area.HEADER, r"/usr/include/.+\.(?:h|hh|hpp|hxx|inc)\Z"),
        (Area.DOCUMENTATION, r"/usr/share/(?:doc|man|info|licenses|gtk-doc|help|locale|gnome/help)(?:/|\Z)"),
        (Area.DEVELOPMENT, _DEVELOPMENT),
        (Area.LIBRARY, r"/(?:usr/)?lib(?:64)?/[^/]+\.so(?:\.[0-9A-Za-z.]+)\Z"),
        (Area.PRIVATE_MODULE, rf"{_PYTHON}(?:{_PRIVATE})"),
        (Area.MODULE, _PYTHON + r".*\.(?:py|so)\Z"),
        (Area.BUNDLED, r"/usr/lib(?:64)?/node_modules/"),
    )
)


@lru_cache(maxsize=65536)
def area(path: str) -> Area:
    """What a path is for."""
    for found, pattern in _PATTERNS:
        if pattern.match(path):
            return found
    return Area.FILE


_MINOR = re.compile(r"(\.so\.\d+)\.[0-9.]+\Z")
_TAG = re.compile(r"\.(?:cpython-\d+[^/]*|abi3)\.so\Z")


def without_version(path: str, version: str, release: str = "") -> str:
    """The path with the package's own version taken out, so that `x-1.0/a` and `x-1.1/a` are the same file.

    A library's version behind its soname (`libx.so.1.2.3`) and Python's tag of an extension are no names either.
    """
    path = _MINOR.sub(r"\1.{minor}", _TAG.sub(".so", path))
    for text in (f"{version}-{release}" if release else "", version, version.replace("~", "")):
        if text and (len(text) > 2 or "." in text):
            path = re.sub(rf"(?<![0-9.]){re.escape(text)}(?![0-9]|\.[0-9])", "{version}", path)
    return path


@dataclass(frozen=True, slots=True)
class Placed:
    """A file, the package that holds it, and its path without the version."""

    package: Rpm
    file: RpmFile
    key: str


def by_path(packages: Iterable[Rpm]) -> dict[str, Placed]:
    """Every shipped file by its path without the version; build ids and compiled Python are left out."""
    found: dict[str, Placed] = {}
    for package in shipped(packages):
        for file in package.files:
            if area(file.path) is Area.BUILD_ID or "/__pycache__" in file.path:
                continue
            key = without_version(file.path, package.version, package.release)
            found[key if key not in found else file.path] = Placed(package, file, key)
    return found


def pairs(old: Iterable[Rpm], new: Iterable[Rpm]) -> list[tuple[Placed | None, Placed | None]]:
    """The files of both sides put together by path, in the order of their paths; None where a side has no such file."""
    before, after = by_path(old), by_path(new)
    return [(before.get(key), after.get(key)) for key in sorted(before.keys() | after.keys())]
