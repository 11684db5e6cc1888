"""The answers to tag lists: labelled by hand, hostile, malformed; and the command itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.upstream.pick import pick_line, pick_lines

LABELS = Path(__file__).parents[1] / "data" / "labels"


def labelled(name: str) -> list[Any]:
    lines = (LABELS / name).read_text("utf-8").splitlines()
    return [pytest.param(json.loads(line), id=json.loads(line)["package"]) for line in lines]


def check(record: dict[str, Any]) -> None:
    answer = pick_line(json.dumps(record))
    assert answer["stable"] in (record["accept"] or [None]), (answer["reason"], answer["rejected"])
    if "prerelease" in record:
        assert answer["prerelease"] == record["prerelease"]
    assert answer["reason"]
    assert (answer["stable"] is not None) == (answer["confidence"] > 0)  # type: ignore[operator]
    if answer["stable"] is None:
        assert answer["settles"]


@pytest.mark.parametrize("record", labelled("traps.jsonl"))
def test_traps(record: dict[str, Any]) -> None:
    check(record)


@pytest.mark.parametrize("record", labelled("judged.jsonl"))
def test_lists_judged_by_hand(record: dict[str, Any]) -> None:
    check(record)


@pytest.mark.parametrize("record", labelled("spellings.jsonl"))
def test_spellings_in_use_elsewhere(record: dict[str, Any]) -> None:
    check(record)


def test_a_hundred_lists_are_judged_each_with_a_reason() -> None:
    records = [json.loads(line) for line in (LABELS / "judged.jsonl").read_text("utf-8").splitlines()]
    assert len(records) >= 100
    assert all(record["reason"] for record in records)


def test_the_answer_has_its_keys_and_echoes_the_source() -> None:
    answer = pick_line('{"package": "a", "source": "git_tag", "raw_tags": ["v1.0", "v1.1-rc1"], "other": 1}')
    assert {key: answer[key] for key in ("package", "source", "stable", "prerelease", "scheme")} == {
        "package": "a", "source": "git_tag", "stable": "1.0", "prerelease": "1.1~rc1", "scheme": "dotted",
    }  # fmt: skip
    assert answer["rejected"] == [{"version": "1.1~rc1", "reason": "a pre-release by its tag"}]
    assert answer["confidence"] == 0.98


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "the line cannot be read: Expecting"),
        ("[1]", "the line cannot be read: it is JSON, but no object"),
        ('{"package": "a"}', "the line cannot be read: it has neither raw_tags nor tags"),
        ('{"package": "a", "raw_tags": "1.0"}', "the line cannot be read: its tags are no list"),
        (b"\xff\xfe", "the line cannot be read: 'utf-8'"),
        ("[" * 100_000, "the line cannot be read"),
        ('{"package": "a", "raw_tags": []}', "upstream announces nothing"),
        ('{"package": "a", "raw_tags": [null, {}, "start"]}', "no tag holds a version"),
    ],
)
def test_a_bad_line_is_answered_with_its_reason(line: str | bytes, why: str) -> None:
    answer = pick_line(line)
    assert answer["stable"] is None
    assert str(answer["reason"]).startswith(why)


def test_tags_may_be_objects_or_numbers_and_dates_nonsense() -> None:
    answer = pick_line('{"tags": [{"name": "1.2", "date": "2020-01-01"}, 1.1, 3e400], "tag_dates": {"1.2": "never"}}')
    assert answer["stable"] == "1.2"


def test_the_order_of_lines_is_kept_and_blank_lines_are_none() -> None:
    lines = ['{"package": "a", "raw_tags": ["1"]}', "", "nonsense", '{"package": "b", "raw_tags": ["2"]}']
    assert [json.loads(answer)["stable"] for answer in pick_lines(lines)] == ["1", None, "2"]


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
        max_leaves=12,
    )
)
def test_attack_no_json_whatever_raises(value: Any) -> None:
    record = {"package": value, "raw_tags": value, "tag_dates": value, "current": value, "tag_prefix": value}
    assert "stable" in pick_line(json.dumps(record))


def run(arguments: list[str], stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "headrace.cli.pick", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, env=dict(os.environ), timeout=60)


def test_the_command_reads_standard_input_and_files(tmp_path: Path) -> None:
    line = b'{"package": "a", "raw_tags": ["v1.0", "v0.9"]}\n'
    piped = run([], line * 2)
    assert [json.loads(answer)["stable"] for answer in piped.stdout.splitlines()] == ["1.0", "1.0"]
    (tmp_path / "lists.jsonl").write_bytes(line)
    assert json.loads(run([str(tmp_path / "lists.jsonl")]).stdout)["stable"] == "1.0"


def test_a_missing_file_is_one_sentence() -> None:
    done = run(["/nonexistent/lists.jsonl"])
    assert done.returncode == 2
    assert done.stderr.decode() == (
        "headrace: /nonexistent/lists.jsonl cannot be read: No such file or directory. name a file of JSON lines.\n"
    )
