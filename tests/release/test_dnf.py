"""The real dnf as reader, with gpgcheck and repo_gpgcheck on: it takes what we publish and refuses every attack.

Each attack is also shown to `verify`, which must name it as well.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from headrace.release.publish import publish, verify
from headrace.signature.formats.openpgp import sign_detached
from headrace.signature.formats.rpm import sign_rpm
from release.shop import Shop
from signature.tiny import Signer, flip, need_tools

pytestmark = [
    pytest.mark.real,
    pytest.mark.loopback,
    need_tools,
    pytest.mark.skipif(
        not (shutil.which("dnf") and shutil.which("createrepo_c")), reason="dnf or createrepo_c is not installed"
    ),
    pytest.mark.skipif(os.geteuid() != 0, reason="dnf --installroot needs root"),
]

CONFIG = """\
[main]
reposdir={place}/repos
cachedir=/cache
persistdir=/persist
logdir=/log
varsdir={place}/vars
plugins=0
gpgcheck=1
repo_gpgcheck=1
install_weak_deps=0
timeout=10
retries=1
"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def served(directory: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(directory)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True)
class Reader:
    """A machine of its own that knows one repository."""

    place: Path

    def dnf(self, address: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run dnf on the repository that is served at `address`."""
        for name in ("repos", "root", "vars", "home"):
            (self.place / name).mkdir(exist_ok=True)
        (self.place / "dnf.conf").write_text(CONFIG.format(place=self.place))
        # Without it rpm on some machines keeps the database of a root in the caller's home.
        (self.place / "home" / ".rpmmacros").write_text("%_dbpath /var/lib/rpm\n")
        argv = ["dnf", "-c", str(self.place / "dnf.conf"), f"--installroot={self.place}/root", "--releasever=1", "-y"]
        env = {"PATH": os.environ["PATH"], "HOME": str(self.place / "home"), "LC_ALL": "C.UTF-8"}
        # The file that we publish is all that a reader needs, but for the port of this test.
        text = (self.place / "headrace.repo").read_text()
        (self.place / "repos" / "headrace.repo").write_text(re.sub(r"http://127\.0\.0\.1:[0-9]+", address, text))
        return subprocess.run([*argv, *arguments], env=env, capture_output=True, text=True, timeout=120)

    @property
    def downloaded(self) -> list[str]:
        return sorted(path.name for path in (self.place / "root").rglob("*.rpm"))


@pytest.fixture
def reader(tmp_path: Path, published: Path) -> Iterator[Reader]:
    place = tmp_path / "reader"
    place.mkdir()
    shutil.copy(published / "current" / "headrace.repo", place)
    yield Reader(place)
    for home in (place / "root").rglob("pubring"):  # dnf leaves an agent for each
        for action in (["--kill", "all"], ["--remove-socketdir"]):
            subprocess.run(["gpgconf", "--homedir", str(home), *action], capture_output=True, check=False)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, shop: Shop, ours: Signer) -> Path:
    target = tmp_path_factory.mktemp("published") / "repo"
    packages = [shop.pump2, shop.valve]
    publish("main", packages, target, ours.ring, ours.key, 5, address="http://127.0.0.1:1")
    return target


@pytest.fixture
def repository(tmp_path: Path, published: Path) -> Path:
    """A copy of what readers get, for an attacker to work on."""
    return Path(shutil.copytree((published / "current").resolve(), tmp_path / "repository"))


def test_dnf_lists_and_downloads(published: Path, reader: Reader) -> None:
    with served(published / "current") as address:
        listed = reader.dnf(address, "list", "--available")
        assert listed.returncode == 0, listed.stderr
        assert re.search(r"^pump\.noarch +1:2\.0-1 +headrace-main", listed.stdout, re.MULTILINE)
        done = reader.dnf(address, "install", "--downloadonly", "pump")
        assert done.returncode == 0, done.stderr
        assert reader.downloaded == ["pump-2.0-1.noarch.rpm"]
        installed = reader.dnf(address, "install", "valve")
        assert installed.returncode == 0, installed.stderr
        assert (reader.place / "root" / "usr/share/valve/x").is_file()


def test_dnf_follows_a_new_publication(tmp_path: Path, shop: Shop, ours: Signer, reader: Reader) -> None:
    target = tmp_path / "repo"
    publish("main", [shop.pump], target, ours.ring, ours.key, 1)
    with served(target) as address:
        first = reader.dnf(f"{address}/current", "list", "--available")
        publish("main", [shop.pump2], target, ours.ring, ours.key, 2)
        second = reader.dnf(f"{address}/current", "--refresh", "list", "--available")
    assert "1.0-1" in first.stdout
    assert "1:2.0-1" in second.stdout


@dataclass(frozen=True)
class Attack:
    """What an attacker does to a repository, and the words by which dnf and `verify` refuse it."""

    name: str
    act: Callable[[Path, Signer, Signer, Shop], None]
    dnf_says: str
    we_say: str


PUMP = Path("Packages", "pump-2.0-1.noarch.rpm")


def index_anew(repository: Path, who: Signer) -> None:
    """Make the metadata fit whatever the packages are now, signed by `who`: only package signatures are left to object."""
    argv = ["createrepo_c", "--quiet", "--no-database", "--compress-type", "gz", "--revision", "5", str(repository)]
    subprocess.run(argv, check=True, capture_output=True)
    sign_index(repository, who)


def sign_index(repository: Path, who: Signer) -> None:
    repomd = repository / "repodata" / "repomd.xml"
    repomd.with_suffix(".xml.asc").write_bytes(sign_detached(who.ring, who.key, repomd))


def flip_payload(repository: Path, ours: Signer, theirs: Signer, shop: Shop) -> None:
    flip(repository / PUMP, -50)


def flip_payload_and_index(repository: Path, ours: Signer, theirs: Signer, shop: Shop) -> None:
    flip(repository / PUMP, -50)
    index_anew(repository, ours)


def unsign_package(repository: Path, ours: Signer, theirs: Signer, shop: Shop) -> None:
    shutil.copy(shop.pump2.path, repository / PUMP)
    index_anew(repository, ours)


def sign_package_with_another_key(repository: Path, ours: Signer, theirs: Signer, shop: Shop) -> None:
    shutil.copy(shop.pump2.path, repository / PUMP)
    sign_rpm(theirs.ring, theirs.key, repository / PUMP)
    index_anew(repository, ours)


def edit_repomd(repository: Path, ours: Signer, theirs: Signer, shop: Shop) -> None:
    repomd = repository / "repodata" / "repomd.xml"
    repomd.write_text(repomd.read_text().replace("<revision>5<", "<revision>6<"))


def remove_signature(repository: Path, ours: Signer, theirs: Signer, shop: Shop) -> None:
    (repository / "repodata" / "repomd.xml.asc").unlink()


def empty_signature(repository: Path, ours: Signer, theirs: Signer, shop: Shop) -> None:
    (repository / "repodata" / "repomd.xml.asc").write_bytes(b"")


def sign_index_with_another_key(repository: Path, ours: Signer, theirs: Signer, shop: Shop) -> None:
    sign_index(repository, theirs)


def edit_primary(repository: Path, ours: Signer, theirs: Signer, shop: Shop) -> None:
    (primary,) = (repository / "repodata").glob("*-primary.xml.gz")
    text = gzip.decompress(primary.read_bytes()).replace(b"A tiny package", b"A tidy package")
    primary.write_bytes(gzip.compress(text))


def flip_primary(repository: Path, ours: Signer, theirs: Signer, shop: Shop) -> None:
    (primary,) = (repository / "repodata").glob("*-primary.xml.gz")
    flip(primary, 100)


ATTACKS = [
    Attack("package payload changed", flip_payload, "checksum doesn't match", "is not what the index says"),
    Attack(
        "package payload changed, index made anew",
        flip_payload_and_index,
        "GPG check FAILED",
        "changed after it was made",
    ),
    Attack("package unsigned", unsign_package, r"Package pump\S+ is not signed", "it is not signed"),
    Attack(
        "package signed by another key",
        sign_package_with_another_key,
        r"Public key for pump\S+ is not installed",
        "signed by another key",
    ),
    Attack("index changed", edit_repomd, "Bad GPG signature", r"signature of repomd\.xml is bad"),
    Attack(
        "signature of the index removed", remove_signature, "signature is not available", "repomd.xml is not signed"
    ),
    Attack("signature of the index empty", empty_signature, "GPG signature verification error", "no usable signature"),
    Attack("index signed by another key", sign_index_with_another_key, "Bad GPG signature", "not among the given ones"),
    Attack("list of packages changed", edit_primary, "checksum doesn't match", "is not what the index says"),
    Attack("list of packages damaged", flip_primary, "checksum doesn't match", "is not what the index says"),
]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_attack(attack: Attack, repository: Path, reader: Reader, shop: Shop, ours: Signer, theirs: Signer) -> None:
    assert verify(repository, ours.public) == ()
    attack.act(repository, ours, theirs, shop)
    with served(repository) as address:
        refused = reader.dnf(address, "install", "--downloadonly", "pump")
        said = refused.stdout + refused.stderr
        assert refused.returncode != 0, said
        assert re.search(attack.dnf_says, said), said
        installed = reader.dnf(address, "install", "pump")
        assert installed.returncode != 0
    assert not (reader.place / "root" / "usr/share/pump").exists()
    problems = verify(repository, ours.public)
    assert any(re.search(attack.we_say, str(problem)) for problem in problems), list(map(str, problems))


def test_attack_an_old_publication_served_again(repository: Path, reader: Reader, ours: Signer) -> None:
    """dnf takes it, for its signature is good; so we look at the serial."""
    with served(repository) as address:
        assert reader.dnf(address, "install", "--downloadonly", "pump").returncode == 0
    assert verify(repository, ours.public, serial=5) == ()
    (problem,) = verify(repository, ours.public, serial=6)
    assert str(problem) == "the index has the serial 5, but 6 was published: it is an old one"


def test_attack_a_package_beside_the_index(repository: Path, ours: Signer, shop: Shop) -> None:
    shutil.copy(shop.pump.path, repository / "Packages")
    (problem,) = verify(repository, ours.public)
    assert str(problem) == "pump-1.0-1.noarch.rpm lies in the repository but is not in its index"


def test_a_repository_that_is_not_there_is_a_problem(tmp_path: Path, ours: Signer) -> None:
    (problem,) = verify(tmp_path / "nothing", ours.public)
    assert "not signed" in str(problem)
