"""A worker of its own process for the engine's tests: python engine_process.py URL DIRECTORY [submit KEY...]."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from headrace.errors import HeadraceError
from headrace.store.database import enable_wal, migrate, open_engine
from headrace.store.workers import Workers
from headrace.work.engine import Engine, EngineSettings
from headrace.work.journal import Journal
from headrace.work.leases import FileLeases, Leases, PostgresLeases


def note(directory: Path, text: str) -> bool:
    with (directory / "log").open("a") as log:
        log.write(f"{text}\n")
    return True


def make_flow(directory: Path):
    def middle(key: str) -> bool:
        note(directory, f"{key} two begins in {os.getpid()}")
        while not (directory / "go").exists():
            time.sleep(0.01)
        return note(directory, f"{key} two ends")

    def flow(journal: Journal, key: str) -> None:
        journal.step("one", bool, lambda: note(directory, f"{key} one"))
        if key.startswith("bad"):
            try:
                journal.step("break", bool, _break)
            except HeadraceError as error:
                told = str(error)
                journal.step("tell", bool, lambda: note(directory, f"{key} {told}"))
            return
        journal.step("two", bool, lambda: middle(key))
        journal.step("three", bool, lambda: note(directory, f"{key} three"))

    return flow


def _break() -> bool:
    raise HeadraceError("it broke", "on purpose", "nothing to do")


def main() -> None:
    url, directory, *rest = sys.argv[1:]
    place = Path(directory)
    tables = f"sqlite:///{place / 'tables.sqlite'}" if url.startswith("sqlite") else url
    migrate(tables)
    if url.startswith("sqlite"):
        enable_wal(url)
    leases: Leases = FileLeases(place / "leases") if url.startswith("sqlite") else PostgresLeases(url)
    engine = Engine(EngineSettings(url, 1), {"job": make_flow(place)}, leases, Workers(open_engine(tables)))
    engine.start()
    for key in rest:
        engine.submit("job", key, key)
    print("ready", flush=True)
    if rest:
        engine.wait(rest)
        engine.stop()
    else:
        while True:
            time.sleep(60)


main()
