from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from headrace.outside.command import CommandError, run


def test_says_what_the_program_said_and_how_it_ended() -> None:
    done = run(
        [sys.executable, "-c", "import sys; print(sys.stdin.read()[::-1]); sys.exit(3)"],
        stdin=b"abc",
        seconds=20,
        check=False,
    )
    assert (done.returncode, done.text) == (3, "cba\n")


def test_a_large_conversation_does_not_deadlock() -> None:
    data = os.urandom(3 * 1024 * 1024)
    assert run(["cat"], stdin=data, seconds=20).stdout == data


def test_a_missing_program_is_one_sentence_with_a_remedy() -> None:
    with pytest.raises(CommandError, match=r"cannot start no-such-program: .*\. install no-such-program\."):
        run(["no-such-program"], seconds=1)


def test_failure_quotes_the_last_lines() -> None:
    with pytest.raises(CommandError, match=r"status 2: .*no-such-file"):
        run(["ls", "no-such-file"], seconds=5)


def test_attack_output_without_end_is_cut() -> None:
    with pytest.raises(CommandError, match="said more than 100000 bytes"):
        run(["yes"], seconds=20, max_output=100_000)


def test_attack_a_grandchild_that_holds_the_pipe_does_not_outlive_the_limit(tmp_path: Path) -> None:
    script = (
        "import subprocess; p = subprocess.Popen(['sleep', '60']);"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(p.pid)); p.wait()"
    )
    with pytest.raises(CommandError, match="ran too long"):
        run([sys.executable, "-c", script], seconds=2)
    grandchild = Path("/proc") / (tmp_path / "pid").read_text() / "stat"
    assert not grandchild.exists() or grandchild.read_text().split()[2] == "Z"


def test_the_environment_of_the_caller_does_not_leak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORGE_TOKEN", "secret")
    assert b"secret" not in run(["env"], seconds=5).stdout


def test_a_child_dies_when_we_are_killed(tmp_path: Path) -> None:
    code = (
        "from headrace.outside.command import run\n"
        f"run(['sh', '-c', 'echo $$ > {tmp_path}/pid; exec sleep 60'], seconds=60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code]) as parent:
        deadline = time.monotonic() + 20
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        child = Path("/proc") / (tmp_path / "pid").read_text().strip() / "stat"
        assert child.exists()
        parent.kill()
        parent.wait()
    while child.exists() and child.read_text().split()[2] != "Z":
        assert time.monotonic() < deadline, "the orphan works on"
        time.sleep(0.02)
