from __future__ import annotations

import json
from pathlib import Path

import pytest

from headrace.outside.git import Git, Person
from headrace.package.model import PackageError
from headrace.work.replay import ReplayCase, body, read_cases, replay_case, score

WHO = Person("A", "a@x.example")
SPEC = """Name: demo
Version: 1.0
Release: 3%{?dist}
Source0: demo-%{version}.tar.gz
%define sha512 demo=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

%description
x

%changelog
* Mon Jan 05 2026 A <a@x.example> 1.0-3
- x
"""
PERSON = SPEC.replace("1.0\n", "1.1\n", 1).replace("3%{?dist}", "1%{?dist}").replace("a" * 40, "b" * 40)


@pytest.fixture
def repository(tmp_path: Path) -> Git:
    return Git.create(tmp_path / "distribution.git")


def case(repository: Git, before: str, after: str) -> ReplayCase:
    parent = repository.write_commit(
        repository.write_tree({"SPECS/demo/demo.spec": before.encode()}), (), "one", WHO, 1
    )
    commit = repository.write_commit(
        repository.write_tree({"SPECS/demo/demo.spec": after.encode()}), (parent,), "two", WHO, 2
    )
    return ReplayCase(
        "r", commit, parent, "demo", "SPECS/demo/demo.spec", "1.0", "1.1", "T0-strict", "2026-01-06T10:00:00+00:00"
    )


def test_the_same_lines_as_the_person_s_are_exact_whatever_the_changelog_says(repository: Git) -> None:
    done = replay_case(case(repository, SPEC, PERSON + "- more words\n"), repository)
    assert (done.exact, done.unrelated, done.missing, done.error) == (True, 0, 0, "")


def test_what_only_the_person_changed_is_missing_and_counts_against_us(repository: Git) -> None:
    done = replay_case(case(repository, SPEC, PERSON.replace("Source0", "URL: https://x.example\nSource0")), repository)
    assert (done.exact, done.missing) == (False, 1)


def test_a_refusal_is_a_result_with_its_sentence(repository: Git) -> None:
    shell = SPEC.replace("Version: 1.0", "Version: %(echo 1.0)")
    done = replay_case(case(repository, shell, PERSON), repository)
    assert not done.exact
    assert done.error


def test_a_commit_that_is_not_here_is_not_judged(repository: Git) -> None:
    absent = ReplayCase("r", "1" * 40, "2" * 40, "demo", "demo.spec", "1.0", "1.1", "T0", "2026-01-06")
    assert replay_case(absent, repository).error.startswith("not judged: ")


def test_scores_are_told_by_tier_and_together(repository: Git) -> None:
    good, bad = (replay_case(case(repository, SPEC, text), repository) for text in (PERSON, PERSON + "\n%files\nx\n"))
    tiers = score([good, bad])
    assert [(one.tier, one.cases, one.exact) for one in tiers] == [("T0-strict", 2, 1), ("all", 2, 1)]


def test_only_the_values_of_checksums_are_passed_over() -> None:
    assert body(b"%define sha1 a=" + b"1" * 40 + b"\n") == body(b"%define sha512  a=" + b"f" * 128 + b"\n")
    assert body(b"commit: " + b"1" * 40 + b"\n") != body(b"commit: " + b"2" * 40 + b"\n")


def test_a_line_that_is_no_case_is_named(tmp_path: Path) -> None:
    (tmp_path / "cases.jsonl").write_text(json.dumps({"repo": "r"}) + "\n")
    with pytest.raises(PackageError, match="line 1 of cases.jsonl is no case"):
        read_cases(tmp_path / "cases.jsonl")
