"""Scratch directories: private, cleared even after a kill, and nothing comes out of them through a link."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from headrace.outside import scratch


def test_a_directory_is_gone_afterwards_even_where_folders_are_closed(tmp_path: Path) -> None:
    with scratch.directory(tmp_path, "x-") as place:
        (place / "a" / "b").mkdir(parents=True)
        (place / "a" / "b" / "file").touch()
        (place / "a" / "b").chmod(0)
        (place / "a").chmod(0)
    assert list(tmp_path.iterdir()) == []


def test_what_a_dead_process_left_is_cleared_and_what_a_living_one_uses_is_not(tmp_path: Path) -> None:
    dead = tmp_path / "x-dead"
    dead.mkdir()
    (dead / "lock").touch()
    (dead / "rest").mkdir()
    foreign = tmp_path / "y-other"
    foreign.mkdir()
    with scratch.directory(tmp_path, "x-") as living, scratch.directory(tmp_path, "x-") as second:
        assert living.is_dir()
        assert second.is_dir()
        assert not dead.exists()
    assert list(tmp_path.iterdir()) == [foreign]


def test_what_never_came_to_a_lock_is_cleared_when_it_is_old(tmp_path: Path) -> None:
    old, young = tmp_path / "x-old", tmp_path / "x-young"
    for place in (old, young):
        (place / "build").mkdir(parents=True)
    os.utime(old, (1, 1))
    scratch.clear_abandoned(tmp_path)
    assert old.exists()
    with scratch.directory(tmp_path, "x-"):
        assert not old.exists()
        assert young.exists()


def test_killed_while_clearing_leaves_the_lock_for_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    (tmp_path / "x-dead" / "build").mkdir(parents=True)
    (tmp_path / "x-dead" / "lock").touch()
    monkeypatch.setattr(scratch.shutil, "rmtree", die)
    with pytest.raises(Killed):
        scratch.clear_abandoned(tmp_path, "x-")
    assert (tmp_path / "x-dead" / "lock").exists()
    monkeypatch.undo()
    scratch.clear_abandoned(tmp_path, "x-")
    assert list(tmp_path.iterdir()) == []


def test_attack_a_link_with_the_name_of_a_scratch_directory(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "lock").touch()
    (victim / "precious").touch()
    root = tmp_path / "root"
    root.mkdir()
    (root / "x-evil").symlink_to(victim)
    with scratch.directory(root, "x-"):
        pass
    assert (victim / "precious").exists()


def test_attack_links_and_pipes_are_not_files(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("x")
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "folder").symlink_to("/etc")
    os.mkfifo(tmp_path / "pipe")
    assert scratch.plain_files(tmp_path) == [tmp_path / "real"]
    (tmp_path / "root").symlink_to("/etc")
    assert scratch.plain_files(tmp_path / "root") == []
    with pytest.raises(OSError, match="symbolic links"):
        scratch.take(tmp_path / "link", tmp_path / "copy")


def test_what_is_taken_is_readable_and_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("x")
    (tmp_path / "real").chmod(0o600)
    scratch.take(tmp_path / "real", tmp_path / "copy")
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o644
    with pytest.raises(FileExistsError):
        scratch.take(tmp_path / "real", tmp_path / "copy")


def test_many_at_once_do_not_take_each_other_for_abandoned(tmp_path: Path) -> None:
    def use(number: int) -> bool:
        with scratch.directory(tmp_path, "x-") as place:
            (place / "file").write_text(str(number))
            return (place / "file").read_text() == str(number)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(use, range(400)))
    assert list(tmp_path.iterdir()) == []
