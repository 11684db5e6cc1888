"""Where this machine's own package clients look, so that we look there too and never name a registry ourselves."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from packageurl.contrib.purl2url import get_download_url
from yarl import URL

from headrace.outside.command import CommandError, run
from headrace.outside.http import endpoint

_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Registry:
    """One registry: its base address without final slash and without user or password, and who named it."""

    address: str
    origin: str
    credentials: str = field(default="", repr=False)
    """`user:password` when the client's configuration carries them; for `Outside(credentials=...)` only."""

    @property
    def shown(self) -> str:
        """The address as it may be shown and logged."""
        return self.address

    @property
    def endpoint(self) -> str:
        """The `host:port` of the registry, as `Outside(allowed=..., credentials=...)` spells it."""
        return endpoint(self.address)


@dataclass(frozen=True, slots=True)
class Mirror:
    """One component of one suite that apt is configured to use; `registry` is the base of the archive."""

    registry: Registry
    suite: str
    component: str


@dataclass(frozen=True, slots=True)
class NotConfigured:
    """No registry of that kind is known on this machine, and why."""

    reason: str


def python_index() -> Registry | NotConfigured:
    """The simple index that pip uses: its environment, its configuration, or its own constant."""
    named = os.environ.get("PIP_INDEX_URL", "") or _pip_configured()
    if named:
        return _registry(named, "pip's configuration")
    try:
        from pip._internal.models.index import PyPI
    except ImportError:
        return NotConfigured("pip names no index, and it is not installed beside Headrace")
    return _registry(str(PyPI.simple_url), "pip's own default")


def npm_registry() -> Registry | NotConfigured:
    """The registry that npm uses: its environment, its configuration, or what the package URL library knows."""
    for name in ("NPM_CONFIG_REGISTRY", "npm_config_registry"):
        if os.environ.get(name):
            return _registry(os.environ[name], name)
    if shutil.which("npm"):
        said = _said(["npm", "config", "get", "registry"])
        if said.startswith(("http://", "https://")):
            return _registry(said, "npm's configuration")
    for line in _npmrc():
        key, _, value = line.partition("=")
        if key.strip() == "registry" and value.strip():
            return _registry(value.strip(), "~/.npmrc")
    known = _known("pkg:npm/x@1")
    if not known:
        return NotConfigured("npm names no registry, and the package URL library knows none")
    return _registry(str(URL(known).origin()), "the package URL library")


def debian_mirrors() -> tuple[Mirror, ...] | NotConfigured:
    """Every suite and component that apt is configured to use, in apt's order."""
    if not shutil.which("apt-get"):
        return NotConfigured("this machine has no apt")
    template = "$(REPO_URI) $(RELEASE) $(COMPONENT)"
    said = _said(["apt-get", "indextargets", "--format", template, "Created-By: Packages"])
    mirrors = []
    for words in map(str.split, said.splitlines()):
        registry = _registry(words[0], "apt's sources") if len(words) == 3 else None
        if isinstance(registry, Registry):
            mirrors.append(Mirror(registry, words[1], words[2]))
    return tuple(mirrors) or NotConfigured("apt is configured with no source over HTTP")


def debian_archive() -> Registry | NotConfigured:
    """The base of Debian's archive: the first that apt is configured with, or what the package URL library knows."""
    mirrors = debian_mirrors()
    if not isinstance(mirrors, NotConfigured):
        return mirrors[0].registry
    base, pool, _ = _known("pkg:deb/debian/x@1").partition("/pool/")
    if not pool:
        return NotConfigured(f"{mirrors.reason}, and the package URL library knows no archive")
    return _registry(base, "the package URL library")


def _registry(address: str, origin: str) -> Registry | NotConfigured:
    try:
        url = URL(address)
    except ValueError:
        return NotConfigured(f"{origin} names a registry that is no URL")
    if url.scheme not in {"http", "https"} or not url.host:
        return NotConfigured(f"{origin} names a registry that is not reached over HTTP")
    secret = f"{url.user or ''}:{url.password or ''}" if url.user or url.password else ""
    return Registry(str(url.with_user(None).with_query(None).with_fragment(None)).rstrip("/"), origin, secret)


def _pip_configured() -> str:
    # `pip config get` leaves out the file that PIP_CONFIG_FILE names; `list` does not.
    settings = {}
    for line in _said([sys.executable, "-m", "pip", "config", "list"]).splitlines():
        key, _, value = line.partition("=")
        settings[key.strip()] = value.strip().strip("'\"")
    return settings.get("install.index-url") or settings.get("global.index-url") or ""


def _known(purl: str) -> str:
    return str(get_download_url(purl) or "")  # type: ignore[no-untyped-call]


def _said(argv: list[str]) -> str:
    # The client needs its own configuration, so it gets the whole environment.
    try:
        done = run(argv, env=os.environ, seconds=_SECONDS, check=False)
    except CommandError:
        return ""
    return done.text.strip() if done.returncode == 0 else ""


def _npmrc() -> Iterator[str]:
    path = Path(os.environ.get("NPM_CONFIG_USERCONFIG") or Path.home() / ".npmrc")
    try:
        yield from path.read_text("utf-8", "replace")[:65536].splitlines()
    except OSError:
        return


def known_hosts() -> dict[str, str]:
    """The hosts by which addresses in specs are recognised, each with its source's name (`pypi`, `npm`, `debian`)."""
    found = {"pypi": python_index(), "npm": npm_registry(), "debian": debian_archive()}
    hosts = {URL(one.address).host or "": source for source, one in found.items() if isinstance(one, Registry)}
    try:
        from pip._internal.models.index import PyPI
    except ImportError:
        return hosts
    return {PyPI.netloc: "pypi", PyPI.file_storage_domain: "pypi", **hosts}
