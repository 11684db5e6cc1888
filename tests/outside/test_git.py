from __future__ import annotations

from pathlib import Path

import pytest

from headrace.outside.git import Git, GitError, Person

WHO = Person("A Maintainer", "a@distribution.example")


@pytest.fixture
def repository(tmp_path: Path) -> Git:
    return Git.create(tmp_path / "x.git")


def test_files_come_back_as_they_went_in(repository: Git) -> None:
    files = {"a.spec": b"Name: a\r\n", "dir/b.patch": bytes(range(256)), "empty": b"", "名.txt": "软件".encode()}
    commit = repository.write_commit(repository.write_tree(files), (), "Import", WHO, 1_700_000_000)
    assert repository.read_tree(commit) == files


def test_the_same_commit_twice_is_one_commit(repository: Git) -> None:
    tree = repository.write_tree({"a": b"1"})
    assert repository.write_commit(tree, (), "m", WHO, 5) == repository.write_commit(tree, (), "m", WHO, 5)


def test_moving_a_branch_is_compare_and_swap(repository: Git) -> None:
    one = repository.write_commit(repository.write_tree({"a": b"1"}), (), "one", WHO, 5)
    two = repository.write_commit(repository.write_tree({"a": b"2"}), (one,), "two", WHO, 6)
    three = repository.write_commit(repository.write_tree({"a": b"3"}), (one,), "three", WHO, 6)
    assert repository.move("refs/heads/master", one, None)
    assert repository.move("refs/heads/master", two, one)
    assert repository.move("refs/heads/master", two, one), "done already is done"
    assert not repository.move("refs/heads/master", three, one)
    assert repository.branches() == {"master": two}


def test_a_link_in_a_package_repository_is_refused(repository: Git) -> None:
    blob = repository.line("hash-object", "-w", "--stdin", stdin=b"/etc/passwd")
    tree = repository.line("mktree", stdin=f"120000 blob {blob}\tlink\n".encode())
    commit = repository.write_commit(tree, (), "m", WHO, 5)
    with pytest.raises(GitError, match="link is not a regular file"):
        repository.read_tree(commit)


def test_too_many_bytes_are_refused(repository: Git) -> None:
    commit = repository.write_commit(repository.write_tree({"big": b"x" * 2000}), (), "m", WHO, 5)
    with pytest.raises(GitError, match="big is too large"):
        repository.read_tree(commit, max_file=1000)


def test_hooks_and_configuration_of_a_repository_do_not_run(repository: Git, tmp_path: Path) -> None:
    for hook in ("reference-transaction", "update", "post-update"):
        path = repository.directory / "hooks" / hook
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
        path.chmod(0o755)
    commit = repository.write_commit(repository.write_tree({"a": b"1"}), (), "m", WHO, 5)
    assert repository.move("refs/heads/master", commit, None)
    assert not (tmp_path / "ran").exists()


def test_a_relative_directory_works_from_where_it_was_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    repository = Git.create(Path("relative.git"))
    tree = repository.write_tree({"a": b"1"})
    assert repository.read_tree(repository.write_commit(tree, (), "m", WHO, 5)) == {"a": b"1"}
