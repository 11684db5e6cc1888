"""Repositories made with the real tools: what readers get, and what publishing twice does."""

from __future__ import annotations

import gzip
import os
import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from headrace.release.model import Published, ReleasedPackage, ReleaseError
from headrace.release.publish import publish, verify
from headrace.release.record import load
from headrace.signature.model import SignatureError
from release.shop import Shop, digest, state
from signature.tiny import Signer, flip, need_tools

pytestmark = [
    pytest.mark.real,
    need_tools,
    pytest.mark.skipif(shutil.which("createrepo_c") is None, reason="createrepo_c is not installed"),
]


class Branch:
    """A branch to publish, with what was said last."""

    def __init__(self, target: Path, who: Signer) -> None:
        self.target, self.who, self.said = target, who, []

    def publish(self, serial: int, *packages: ReleasedPackage, address: str = "") -> Published:
        self.said: list[str] = []
        who = self.who
        return publish("main", packages, self.target, who.ring, who.key, serial, self.said.append, address=address)


@pytest.fixture
def branch(tmp_path: Path, ours: Signer) -> Branch:
    return Branch(tmp_path / "repo", ours)


def test_a_publication(branch: Branch, shop: Shop, ours: Signer) -> None:
    done = branch.publish(7, shop.pump2, shop.valve)
    directory = branch.target / "current"
    assert (done.branch, done.serial, done.key, done.existing) == ("main", 7, ours.key.fingerprint, False)
    assert done.packages == ("pump-1:2.0-1.noarch", "valve-1.0-1.noarch")
    assert done.directory.samefile(directory)
    assert done.repomd_sha256 == digest(directory / "repodata" / "repomd.xml")
    assert "<revision>7</revision>" in (directory / "repodata" / "repomd.xml").read_text()
    assert (directory / "RPM-GPG-KEY-main").read_bytes() == ours.public
    assert "gpgcheck=1\nrepo_gpgcheck=1\n" in (directory / "headrace.repo").read_text()
    assert verify(branch.target, ours.public) == ()
    assert digest(shop.valve.path) == shop.valve.sha256, "the accepted file is never touched"


def test_the_same_again_does_nothing_and_says_so(branch: Branch, shop: Shop, ours: Signer) -> None:
    first = branch.publish(1, shop.pump, shop.valve)
    before = state(branch.target, ours.public)
    second = branch.publish(2, shop.valve, shop.pump)
    assert second == replace(first, existing=True)
    assert branch.said == ["nothing to publish: main is unchanged since serial 1"]
    assert state(branch.target, ours.public) == before


def test_only_new_packages_are_signed(branch: Branch, shop: Shop) -> None:
    branch.publish(1, shop.pump)
    pump = digest(branch.target / "current" / "Packages" / "pump-1.0-1.noarch.rpm")
    branch.publish(2, shop.pump, shop.valve)
    assert branch.said[0] == "signing packages 1 to 1 of 1"
    assert digest(branch.target / "current" / "Packages" / "pump-1.0-1.noarch.rpm") == pump


def test_metadata_made_by_reuse_equal_metadata_made_anew(
    branch: Branch, shop: Shop, tmp_path: Path, ours: Signer
) -> None:
    branch.publish(1, shop.pump)
    branch.publish(2, shop.pump, shop.valve)
    anew = Branch(tmp_path / "anew", ours)
    shutil.copytree(branch.target / ".work" / "signed", anew.target / ".work" / "signed")
    anew.publish(2, shop.pump, shop.valve)
    repomd = Path("current", "repodata", "repomd.xml")
    assert (anew.target / repomd).read_text() == (branch.target / repomd).read_text()


def test_two_releases_are_kept(branch: Branch, shop: Shop) -> None:
    for serial, packages in ((3, [shop.pump]), (4, [shop.valve]), (9, [shop.pump2])):
        branch.publish(serial, *packages)
    assert sorted(path.name for path in (branch.target / "releases").iterdir()) == ["4", "9"]
    assert len(list((branch.target / ".work" / "signed").rglob("*.rpm"))) == 2


@pytest.mark.parametrize("serial", [4, 5])
def test_a_serial_that_does_not_grow_is_refused(branch: Branch, shop: Shop, ours: Signer, serial: int) -> None:
    branch.publish(5, shop.pump)
    before = state(branch.target, ours.public)
    with pytest.raises(ReleaseError, match=r"goes backwards: readers have serial 5 already\. publish with serial 6"):
        branch.publish(serial, shop.valve)
    assert state(branch.target, ours.public) == before


@pytest.mark.parametrize("serial", [0, -1, 2**31])
def test_a_serial_that_is_none_is_refused(branch: Branch, shop: Shop, serial: int) -> None:
    with pytest.raises(ReleaseError, match="is not a serial"):
        branch.publish(serial, shop.pump)


def test_a_new_address_or_key_is_a_new_publication(branch: Branch, shop: Shop, theirs: Signer) -> None:
    branch.publish(1, shop.pump)
    assert not branch.publish(2, shop.pump, address="https://repo.headrace.example/main/").existing
    assert "baseurl=https://repo.headrace.example/main\n" in (branch.target / "current/headrace.repo").read_text()
    branch.who = theirs
    assert not branch.publish(3, shop.pump, address="https://repo.headrace.example/main").existing
    assert verify(branch.target, theirs.public) == ()


@pytest.mark.parametrize(
    "address", ["https://x.example/ y", "https://x.example/\ngpgcheck=0", "ftp://x.example", "javascript:x"]
)
def test_attack_an_address_that_adds_settings(branch: Branch, shop: Shop, address: str) -> None:
    with pytest.raises(ReleaseError, match="not an address"):
        branch.publish(1, shop.pump, address=address)


@pytest.mark.parametrize("name", ["", "../main", "a/b", "a]\n[evil", ".hidden", "a" * 101])
def test_attack_a_branch_that_is_a_path(tmp_path: Path, shop: Shop, ours: Signer, name: str) -> None:
    with pytest.raises(ReleaseError, match="not a name for a branch"):
        publish(name, [shop.pump], tmp_path / "repo", ours.ring, ours.key, 1)
    assert not (tmp_path / "repo").exists()


def test_attack_a_file_changed_after_it_was_accepted(branch: Branch, shop: Shop, tmp_path: Path) -> None:
    changed = Path(shutil.copy(shop.pump.path, tmp_path / shop.pump.filename))
    flip(changed, -50)
    with pytest.raises(ReleaseError, match="is not the file that was accepted"):
        branch.publish(1, replace(shop.pump, path=changed))
    assert not (branch.target / "current").exists()


def test_attack_a_package_under_another_name(branch: Branch, shop: Shop) -> None:
    false = replace(shop.pump, nevra="glibc-9-1.noarch", filename="glibc-9-1.noarch.rpm")
    with pytest.raises(ReleaseError, match=r"is not glibc-9-1\.noarch: it is pump-1\.0-1\.noarch"):
        branch.publish(1, false)


def test_attack_other_content_of_a_published_package(branch: Branch, shop: Shop) -> None:
    branch.publish(1, shop.pump)
    with pytest.raises(ReleaseError, match=r"pump-1\.0-1\.noarch was published with other content"):
        branch.publish(2, shop.other_pump)


def test_a_package_twice_is_refused(branch: Branch, shop: Shop) -> None:
    with pytest.raises(ReleaseError, match="name one twice"):
        branch.publish(1, shop.pump, shop.pump)


def test_a_directory_of_someone_else_is_left_alone(branch: Branch, shop: Shop) -> None:
    (branch.target / "current").mkdir(parents=True)
    (branch.target / "current" / "thesis").write_text("mine")
    with pytest.raises(ReleaseError, match="is not ours"):
        branch.publish(1, shop.pump)
    assert (branch.target / "current" / "thesis").read_text() == "mine"


def test_another_key_than_the_rings_is_refused_and_readers_keep_what_they_have(
    branch: Branch, shop: Shop, ours: Signer, theirs: Signer
) -> None:
    branch.publish(1, shop.pump)
    with pytest.raises(SignatureError):
        publish("main", [shop.valve], branch.target, ours.ring, theirs.key, 2)
    assert [path.name for path in (branch.target / "releases").iterdir()] == ["1"]
    assert verify(branch.target, ours.public, 1) == ()


def test_a_signed_copy_damaged_through_the_repository_is_made_again(branch: Branch, shop: Shop, ours: Signer) -> None:
    """The store and the repository share bytes."""
    branch.publish(1, shop.pump)
    flip(branch.target / "current" / "Packages" / shop.pump.filename, -50)
    assert "is not what the index says" in str(verify(branch.target, ours.public)[0])
    branch.publish(2, shop.pump, shop.valve)
    assert verify(branch.target, ours.public) == ()


def test_damaged_metadata_are_never_signed_again(branch: Branch, shop: Shop, ours: Signer) -> None:
    """createrepo_c would take over what the old index says of an unchanged file."""
    branch.publish(1, shop.pump)
    (primary,) = (branch.target / "current" / "repodata").glob("*-primary.xml.gz")
    evil = gzip.decompress(primary.read_bytes()).replace(b"A tiny package", b"An evil package")
    primary.write_bytes(gzip.compress(evil))
    branch.publish(2, shop.pump, shop.valve)
    assert verify(branch.target, ours.public) == ()
    (primary,) = (branch.target / "current" / "repodata").glob("*-primary.xml.gz")
    assert b"evil" not in gzip.decompress(primary.read_bytes())


def test_metadata_of_a_package_signed_anew_are_not_reused(branch: Branch, shop: Shop, ours: Signer) -> None:
    """Name, size and time are the same, and createrepo_c looks at nothing else; only the signature's own time differs."""
    branch.publish(1, shop.pump)
    shutil.rmtree(branch.target / ".work" / "signed")
    before = digest(branch.target / "current" / "Packages" / shop.pump.filename)
    second = int(time.time())
    while int(time.time()) == second:
        time.sleep(0.01)
    branch.publish(2, shop.pump, shop.valve)
    assert digest(branch.target / "current" / "Packages" / shop.pump.filename) != before
    assert verify(branch.target, ours.public) == ()


def test_a_signer_that_does_nothing_is_noticed(branch: Branch, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headrace.release.signed.sign_rpms", lambda *_: None)
    with pytest.raises(SignatureError, match="it is not signed"):
        branch.publish(1, shop.pump)
    assert not (branch.target / "current").exists()


def test_a_damaged_publication_is_not_taken_for_done(branch: Branch, shop: Shop, ours: Signer) -> None:
    branch.publish(1, shop.pump)
    (branch.target / "current" / "Packages" / shop.pump.filename).unlink()
    assert not branch.publish(2, shop.pump).existing
    assert verify(branch.target, ours.public) == ()


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"nonsense", b'{"packages": 3}', b"[" * 100_000])
def test_a_damaged_record_is_not_believed(branch: Branch, shop: Shop, ours: Signer, content: bytes) -> None:
    branch.publish(1, shop.pump)
    (branch.target / "current" / "publication.json").write_bytes(content)
    assert load(branch.target / "current") is None
    with pytest.raises(ReleaseError, match="goes backwards"):
        branch.publish(1, shop.pump)
    branch.publish(2, shop.pump)
    assert verify(branch.target, ours.public, 2) == ()


def test_a_full_disk_is_one_sentence(branch: Branch, shop: Shop, ours: Signer, monkeypatch: pytest.MonkeyPatch) -> None:
    branch.publish(1, shop.pump)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copy2", full)
        with pytest.raises(ReleaseError, match="main cannot be published: No space left on device") as refused:
            branch.publish(2, shop.valve)
    assert str(refused.value).count("\n") == 0
    assert verify(branch.target, ours.public, 1) == ()
    branch.publish(2, shop.valve)
    assert verify(branch.target, ours.public, 2) == ()


def test_without_hard_links_copies_are_made(
    branch: Branch, shop: Shop, ours: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    branch.publish(1, shop.pump)
    assert verify(branch.target, ours.public) == ()


def test_an_empty_branch_is_a_repository_too(branch: Branch, ours: Signer) -> None:
    branch.publish(1)
    assert verify(branch.target, ours.public) == ()


def test_two_at_once_publish_once(branch: Branch, shop: Shop, ours: Signer) -> None:
    done: list[Published] = []

    def go() -> None:
        done.append(publish("main", [shop.pump], branch.target, ours.ring, ours.key, 1))

    threads = [threading.Thread(target=go) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.existing for one in done) == [False, True, True]


def test_readers_always_get_a_whole_repository(branch: Branch, shop: Shop, ours: Signer) -> None:
    branch.publish(1, shop.pump)
    over, seen = threading.Event(), []

    def read() -> None:
        while not over.is_set():
            directory = (branch.target / "current").resolve()
            seen.append((directory.name, verify(directory, ours.public)))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for serial in range(2, 6):
            branch.publish(serial, shop.valve, *([shop.pump] if serial % 2 else []))
    finally:
        over.set()
        reader.join()
    assert len({serial for serial, _ in seen}) > 1
    assert [problems for _, problems in seen if problems] == []
