"""From settings to wired objects: the only module that picks concrete back-ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from headrace.errors import HeadraceError
from headrace.evidence.builders.bubblewrap import Bubblewrap
from headrace.evidence.checks import CHECKS
from headrace.outside.clock import now
from headrace.outside.http import Outside, endpoint
from headrace.outside.registries import NotConfigured, Registry, debian_archive, npm_registry, python_index
from headrace.package.spec.targets import load
from headrace.signature.keys.gnupg import KeyRing
from headrace.signature.model import SigningKey
from headrace.store.builds import Builds
from headrace.store.changes import Changes
from headrace.store.choices import Choices
from headrace.store.database import enable_wal, migrate, open_engine
from headrace.store.events import Events
from headrace.store.opinions import Opinions
from headrace.store.releases import Releases
from headrace.store.upstreams import Upstreams
from headrace.store.workers import Workers
from headrace.upstream.model import Source
from headrace.upstream.sources.anitya import Anitya
from headrace.upstream.sources.apache import Apache
from headrace.upstream.sources.bitbucket import Bitbucket
from headrace.upstream.sources.cgit import Cgit
from headrace.upstream.sources.container import ContainerRegistry
from headrace.upstream.sources.cran import Cran
from headrace.upstream.sources.crates import SparseIndex
from headrace.upstream.sources.ctan import Ctan
from headrace.upstream.sources.debian import DebianArchive
from headrace.upstream.sources.folder import Folder
from headrace.upstream.sources.forgejo import Forgejo
from headrace.upstream.sources.fossil import Fossil
from headrace.upstream.sources.ftp import FtpFolder
from headrace.upstream.sources.git import GitRepository
from headrace.upstream.sources.gitcode import GitCode
from headrace.upstream.sources.gitee import Gitee
from headrace.upstream.sources.github import GitHubReleases
from headrace.upstream.sources.github_graphql import GitHubGraphQl
from headrace.upstream.sources.gitiles import Gitiles
from headrace.upstream.sources.gitlab import GitLab
from headrace.upstream.sources.gnome import Gnome
from headrace.upstream.sources.gnu import Gnu
from headrace.upstream.sources.goproxy import ModuleProxy
from headrace.upstream.sources.hackage import Hackage
from headrace.upstream.sources.hexpm import Hex
from headrace.upstream.sources.hg import Mercurial
from headrace.upstream.sources.json_path import JsonPath
from headrace.upstream.sources.kde import Kde
from headrace.upstream.sources.kernel import Kernel
from headrace.upstream.sources.launchpad import Launchpad
from headrace.upstream.sources.maven import MavenRepository
from headrace.upstream.sources.metacpan import MetaCpan
from headrace.upstream.sources.npm import NpmRegistry
from headrace.upstream.sources.nuget import NuGet
from headrace.upstream.sources.opam import Opam
from headrace.upstream.sources.packagist import Packagist
from headrace.upstream.sources.page import Page
from headrace.upstream.sources.pagure import Pagure
from headrace.upstream.sources.pecl import Pecl
from headrace.upstream.sources.pub import PubServer
from headrace.upstream.sources.pypi import PythonIndex
from headrace.upstream.sources.repology import Repology
from headrace.upstream.sources.rpm import RpmRepository
from headrace.upstream.sources.rubygems import CompactIndex
from headrace.upstream.sources.sourceforge import SourceForge
from headrace.upstream.sources.sourcehut import SourceHut
from headrace.upstream.sources.svn import Subversion
from headrace.upstream.sources.xorg import XOrg
from headrace.work.desk import StoredDesk
from headrace.work.leases import FileLeases, Leases, PostgresLeases
from headrace.work.line import RELEASE, flows
from headrace.work.services import Services, Stores
from headrace.work.workspace import Workspace

if TYPE_CHECKING:
    from headrace.work.engine import Engine

SOURCES: Mapping[str, Source] = {
    source.name: source
    for source in (
        Anitya(), Apache(), Bitbucket(), Cgit(), ContainerRegistry(), Cran(), SparseIndex(), Ctan(), DebianArchive(),
        Folder(), Forgejo(), Fossil(), FtpFolder(), GitRepository(), GitCode(), Gitee(), GitHubReleases(),
        GitHubGraphQl(), Gitiles(), GitLab(), Gnome(), Gnu(), ModuleProxy(), Hackage(), Hex(), Mercurial(), Kde(),
        Kernel(), Launchpad(), MavenRepository(), MetaCpan(), NpmRegistry(), NuGet(), Opam(), Packagist(), Pagure(),
        Pecl(), PubServer(), PythonIndex(), Repology(), RpmRepository(), CompactIndex(), SourceForge(), SourceHut(),
        Subversion(), JsonPath(), Page(), XOrg(),
    )
}  # fmt: skip
"""Every place that announces versions, by the name that metadata uses."""

_REGISTRIES: Mapping[str, Callable[[], Registry | NotConfigured]] = {
    "pypi": python_index,
    "npm": npm_registry,
    "debian": debian_archive,
}
_BASES = {"pypi": "__pypi_base", "npm": "__npm_base", "debian": "__debian_base"}


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the workspace is, which database to use ("" for SQLite in the workspace), how many jobs at once."""

    workspace: Path
    database: str = ""
    concurrency: int = 2


def database_urls(settings: Settings) -> tuple[str, str]:
    """The addresses of our tables and of the engine's checkpoints. Raises HeadraceError for a database of another kind."""
    if not settings.database:
        state = settings.workspace.resolve() / "state"
        return f"sqlite:///{state / 'headrace.sqlite'}", f"sqlite:///{state / 'work.sqlite'}"
    if not settings.database.startswith(("postgresql://", "postgres://")):
        raise HeadraceError(
            "--database is not an address of PostgreSQL", "it begins with postgresql://", "correct or leave it out"
        )
    url = "postgresql://" + settings.database.partition("://")[2]
    return url, url


def make_services(settings: Settings) -> Services:
    """Wire the jobs' services for a workspace; the database is brought up to date."""
    workspace = Workspace.open(settings.workspace)
    for folder in (workspace.state, workspace.sources, workspace.builds, workspace.changes, workspace.scratch):
        folder.mkdir(exist_ok=True)
    url, _ = database_urls(settings)
    migrate(url)
    engine = open_engine(url)
    found = registries()
    addresses = {name: one.address for name, one in found.items() if isinstance(one, Registry)}
    return Services(
        workspace=workspace, stores=_stores(engine), sources=SOURCES, addresses=addresses,
        outside=_door(workspace, found), builder=Bubblewrap(), checks=CHECKS,
        macros=(*load(workspace.distribution.target), _bases(addresses)), ring=KeyRing(workspace.keys), clock=now,
    )  # fmt: skip


def registries() -> dict[str, Registry | NotConfigured]:
    """The registries that this machine's own clients are configured with; asked side by side, for each starts a program."""
    with ThreadPoolExecutor(len(_REGISTRIES)) as pool:
        return dict(zip(_REGISTRIES, pool.map(lambda ask: ask(), _REGISTRIES.values()), strict=True))


def _door(
    workspace: Workspace, found: Mapping[str, Registry | NotConfigured]
) -> Callable[[], AbstractAsyncContextManager[Outside]]:
    known = [one for one in found.values() if isinstance(one, Registry)]
    # A registry that the machine's administrator configured may well stand inside the network.
    allowed = {*workspace.distribution.allow, *(endpoint(one.address) for one in known)}
    credentials = {one.endpoint: one.credentials for one in known if one.credentials}
    return lambda: Outside(allowed=allowed, credentials=credentials)


def _stores(engine: sa.Engine) -> Stores:
    return Stores(
        Upstreams(engine), Choices(engine), Changes(engine), Builds(engine), Opinions(engine), Releases(engine), Events(engine),
        Workers(engine),
    )  # fmt: skip


def _bases(addresses: Mapping[str, str]) -> str:
    return "".join(f"%{_BASES[name]} {address}\n" for name, address in addresses.items() if name in _BASES)


def make_key(settings: Settings) -> SigningKey:
    """The workspace's signing key, made the first time; the database is made, too."""
    workspace = Workspace.open(settings.workspace)
    migrate(database_urls(settings)[0])
    name, _, rest = workspace.distribution.author.partition(" <")
    return KeyRing.create(workspace.keys, name, rest.rstrip(">"))


def start_engine(settings: Settings, services: Services) -> Engine:
    """An engine that works on this workspace's jobs, started. DBOS is loaded only here: it takes a second."""
    from headrace.work.engine import Engine, EngineSettings

    url = database_urls(settings)[1]
    if settings.database:
        leases: Leases = PostgresLeases(url)
    else:
        enable_wal(url)
        leases = FileLeases(services.workspace.state / "leases")
    engine = Engine(EngineSettings(url, settings.concurrency), flows(services), leases, services.stores.workers)
    engine.start()
    return engine


def make_desk(services: Services, engine: Engine | None = None) -> StoredDesk:
    """The desk for pages and `--json`; with an engine a decision is followed by the release."""

    def after_decision(branch: str, change: str) -> None:
        if engine is not None:
            engine.submit(RELEASE, f"{RELEASE} {branch} {change}", branch)

    return StoredDesk(services, after_decision)
