"""`headrace explain` on logs."""

from __future__ import annotations

import json
from pathlib import Path

from typer import Typer
from typer.testing import CliRunner

from headrace.cli.explain import explain
from headrace.errors import HeadraceError

app = Typer()
app.command()(explain)

_LOG = """\
Executing(%build): /bin/sh -e /tmp/rpm-tmp.a
+ make
a.c:1:10: fatal error: zlib.h: No such file or directory
compilation terminated.
make: *** [Makefile:2: all] Error 1
error: Bad exit status from /tmp/rpm-tmp.a (%build)
"""


def test_the_cause_and_what_else_the_log_tells(tmp_path: Path) -> None:
    log = tmp_path / "build.log"
    log.write_text(_LOG)
    told = json.loads(CliRunner().invoke(app, [str(log), "--json"]).stdout)
    line = "a.c:1:10: fatal error: zlib.h: No such file or directory"
    assert told["cause"] == {"kind": "missing header", "subject": "zlib.h", "line": line, "number": 3}
    assert [each["kind"] for each in told["also"]] == ["make failed", "stage failed"]
    assert "zlib.h is not there" in CliRunner().invoke(app, [str(log)]).stdout


def test_a_log_that_tells_nothing_and_one_that_is_not_there(tmp_path: Path) -> None:
    log = tmp_path / "build.log"
    log.write_text("all is well\n")
    assert json.loads(CliRunner().invoke(app, [str(log), "--json"]).stdout) == {"cause": None, "also": []}
    assert isinstance(CliRunner().invoke(app, [str(tmp_path / "gone")]).exception, HeadraceError)
