"""The watch over small packages: real repositories, a real index on loopback, a real store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
import sqlalchemy as sa

import world
from headrace.assembly import SOURCES
from headrace.evidence.builders.bubblewrap import Bubblewrap
from headrace.outside.http import Outside, endpoint
from headrace.package.spec.targets import load
from headrace.signature.keys.gnupg import KeyRing
from headrace.store.builds import Builds
from headrace.store.changes import Changes
from headrace.store.choices import Choices
from headrace.store.database import migrate, open_engine
from headrace.store.events import Events
from headrace.store.opinions import Opinions
from headrace.store.releases import Releases
from headrace.store.upstreams import Upstreams
from headrace.store.workers import Workers
from headrace.upstream.model import Answer, Project, Reply, Request, Source, Unchanged, Validator
from headrace.work import watch_upstreams
from headrace.work.create import create_workspace
from headrace.work.services import Services, Stores
from headrace.work.watch import Watched, project_key, watch

pytestmark = pytest.mark.loopback

SPEC = "Name: {name}\nVersion: 1.0\nRelease: 1\nSummary: A part\nLicense: MIT\n\n%description\nA part.\n"
YAML = "version_control: pypi\nsrc_repo: {name}\n"


@dataclass
class Mill:
    """A distribution whose packages come from one index. `moments` is what the clock says next."""

    services: Services
    index: world.Index
    moment: list[datetime] = field(default_factory=list)

    def watch(self, *packages: str) -> Watched:
        self.moment[0] += timedelta(hours=1)
        return watch(self.services, packages)

    def release(self, package: str, *versions: str) -> None:
        self.index.projects.setdefault(package, {}).update(
            {version: world.pack(package, {"x": version}) for version in versions}
        )

    def chosen(self, package: str, branch: str = "master") -> str | None:
        known = self.services.stores.choices.get(package, branch)
        assert known is not None
        return known.choice.version if known.choice else None

    def problem(self, package: str) -> str:
        known = self.services.stores.choices.get(package, "master")
        assert known is not None
        return str(known.problem or "")

    def events(self) -> int:
        return len(self.services.stores.events.after(0))


Make = Callable[..., Mill]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Make a mill of the named packages; `files` replaces a package's spec or yaml, None leaves it out."""
    engines: list[sa.Engine] = []
    with world.index() as index:

        def made(*packages: str, branches: str = '["master"]', **files: dict[str, str | None]) -> Mill:
            origin = tmp_path / "origin"
            rows = ['development = "master"', "[branches.lts]", 'takes = "patch-releases"', "[distribution]"]
            rows += ['name = "small"', 'author = "A <a@distribution.example>"']
            for name in packages:
                folder = origin / "packages" / name
                folder.mkdir(parents=True)
                texts = {f"{name}.spec": SPEC, f"{name}.yaml": YAML, **files.get(name, {})}
                for path, text in texts.items():
                    if text is not None:
                        (folder / path).write_text(text.replace("{name}", name))
                rows += [f"[packages.{name}]", f"branches = {branches}"]
            (origin / "distribution.toml").write_text("\n".join(rows) + "\n")
            workspace = create_workspace(tmp_path / "workspace", origin, 1_700_000_000, lambda _: None)
            url = f"sqlite:///{tmp_path / 'test.sqlite'}"
            migrate(url)
            engines.append(open_engine(url))
            moment = [datetime(2026, 1, 5, tzinfo=UTC)]
            kinds = (Upstreams, Choices, Changes, Builds, Opinions, Releases, Events, Workers)
            stores = Stores(*(kind(engines[0]) for kind in kinds))
            services = Services(
                workspace, stores, SOURCES, {"pypi": f"{index.address}/simple"},
                lambda: Outside(allowed=[endpoint(index.address)], proxies={}), Bubblewrap(), {}, load("openeuler"),
                cast("KeyRing", None), lambda: moment[0],
            )  # fmt: skip
            return Mill(services, index, moment)

        yield made
    for engine in engines:
        engine.dispose()


def test_every_package_gets_its_choice(make: Make) -> None:
    mill = make("wheel", "stone")
    mill.release("wheel", "1.0", "1.1")
    mill.release("stone", "1.0")
    watched = mill.watch()
    assert (mill.chosen("wheel"), mill.chosen("stone")) == ("1.1", "1.0")
    assert (watched.requests, watched.conditional, watched.changed) == (2, 0, ("stone", "wheel"))


def test_the_second_watch_is_conditional_and_changes_nothing(make: Make) -> None:
    mill = make("wheel", "stone")
    mill.release("wheel", "1.0", "1.1")
    mill.release("stone", "1.0")
    mill.watch()
    told = mill.events()
    watched = mill.watch()
    assert (watched.requests, watched.conditional, watched.changed) == (2, 2, ())
    assert mill.index.conditional == 2
    assert (mill.chosen("wheel"), mill.events()) == ("1.1", told)
    known = mill.services.stores.upstreams.all().values()
    assert {one.checked_at for one in known} == {mill.moment[0]}, "that it was asked is known"


def test_a_release_wakes_only_its_package(make: Make) -> None:
    mill = make("wheel", "stone")
    mill.release("wheel", "1.0")
    mill.release("stone", "1.0")
    mill.watch()
    mill.release("stone", "1.2")
    assert mill.watch().changed == ("stone",)
    assert (mill.chosen("wheel"), mill.chosen("stone")) == ("1.0", "1.2")


def test_one_upstream_of_two_packages_is_asked_once_and_changes_both(make: Make) -> None:
    mill = make(
        "wheel", "wheel-docs", **{"wheel-docs": {"wheel-docs.yaml": "version_control: pypi\nsrc_repo: wheel\n"}}
    )
    mill.release("wheel", "1.0", "1.1")
    watched = mill.watch()
    assert (watched.requests, watched.changed) == (1, ("wheel", "wheel-docs"))
    assert (mill.chosen("wheel"), mill.chosen("wheel-docs")) == ("1.1", "1.1")


def test_each_branch_takes_what_its_policy_lets_it(make: Make) -> None:
    mill = make("wheel", branches='["master", "lts"]')
    mill.release("wheel", "1.0", "1.0.1", "2.0")
    assert mill.watch().requests == 1
    assert (mill.chosen("wheel"), mill.chosen("wheel", "lts")) == ("2.0", "1.0.1")


@pytest.mark.parametrize(
    ("files", "trouble", "said"),
    [
        ({"broken.spec": "Name: broken\n"}, "", "cannot be known"),
        ({"broken.yaml": None}, "", "nothing says where its upstream is"),
        ({"broken.yaml": "version_control: [\n"}, "", "broken.yaml"),
        ({}, "gone", "is gone from pypi"),
        ({}, "nonsense", "cannot be read"),
    ],
)
def test_a_broken_package_harms_no_other(make: Make, files: dict[str, str | None], trouble: str, said: str) -> None:
    mill = make("wheel", "broken", "stone", broken=files)
    for name in ("wheel", "stone", "broken"):
        mill.release(name, "1.0", "1.1")
    if trouble:
        mill.index.trouble["broken"] = trouble
    mill.watch()
    assert said in mill.problem("broken")
    assert mill.chosen("broken") is None
    assert [mill.chosen("wheel"), mill.chosen("stone")] == ["1.1", "1.1"]
    assert [mill.problem("wheel"), mill.problem("stone")] == ["", ""]


class Defective:
    """A source with a defect that no reply should meet, and one does."""

    name = "pypi"

    def ask(self, project: Project, validator: Validator | None) -> Request:
        if project.name == "early":
            raise ZeroDivisionError
        return SOURCES["pypi"].ask(project, validator)

    def read(self, project: Project, reply: Reply, validator: Validator | None) -> Answer | Request | Unchanged:
        if project.name == "late":
            raise RecursionError
        return SOURCES["pypi"].read(project, reply, validator)


def test_attack_a_defect_of_a_source_stays_with_the_upstream_that_met_it(make: Make) -> None:
    mill = make("wheel", "early", "late")
    for name in ("wheel", "early", "late"):
        mill.release(name, "1.0", "1.1")
    source: Source = Defective()
    services = Services(
        **{name: getattr(mill.services, name) for name in Services.__slots__} | {"sources": {"pypi": source}}
    )
    watch(services)
    assert mill.chosen("wheel") == "1.1"
    assert "report this defect" in mill.problem("early")
    assert "report this defect" in mill.problem("late")


def test_trouble_keeps_what_was_known_and_goes_away_again(make: Make) -> None:
    mill = make("wheel")
    mill.release("wheel", "1.0", "1.1")
    mill.watch()
    mill.index.trouble["wheel"] = "gone"
    assert mill.watch().changed == ()
    assert (mill.chosen("wheel"), "is gone" in mill.problem("wheel")) == ("1.1", True)
    del mill.index.trouble["wheel"]
    watched = mill.watch()
    assert (mill.chosen("wheel"), mill.problem("wheel"), watched.conditional) == ("1.1", "", 1)


def test_a_choice_whose_grounds_stand_is_not_made_again(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    mill = make("wheel")
    mill.release("wheel", "1.0", "1.1")
    mill.watch()
    monkeypatch.setattr("headrace.work.watch.choose", lambda *_, **__: pytest.fail("chosen again"))
    mill.watch()
    assert mill.chosen("wheel") == "1.1"
    mill.release("wheel", "1.2")
    with pytest.raises(pytest.fail.Exception, match="chosen again"):
        mill.watch()


def test_only_the_named_packages_are_asked(make: Make) -> None:
    mill = make("wheel", "stone")
    mill.release("wheel", "1.0")
    mill.release("stone", "1.0")
    assert mill.watch("stone").requests == 1
    assert mill.services.stores.choices.get("wheel", "master") is None


def test_more_upstreams_than_one_transaction_holds(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_upstreams, "BATCH", 2)
    names = [f"part{n}" for n in range(5)]
    mill = make(*names)
    for name in names:
        mill.release(name, "1.0", "1.1")
    mill.watch()
    assert [mill.chosen(name) for name in names] == ["1.1"] * 5
    assert len(mill.services.stores.upstreams.all()) == 5


def test_an_upstream_is_known_by_what_is_asked_not_by_what_is_carried() -> None:
    one = Project("pypi", "wheel", "https://index.example", current="1.0")
    assert project_key(one) == project_key(Project("pypi", "wheel", "https://index.example", current="2.0"))
    others = [
        Project("npm", "wheel", "https://index.example"), Project("pypi", "stone", "https://index.example"),
        Project("pypi", "wheel", "https://other.example"), Project("pypi", "wheel", "https://index.example", "v"),
        Project("pypi", "wheel", "https://index.example", options={"suites": "sid"}),
    ]  # fmt: skip
    assert len({project_key(project) for project in (one, *others)}) == 6
