"""Durable work: the only module that knows DBOS.

Every process has an executor id of its own, holds a lease while it lives, and takes over the work of processes whose lease
is free. What DBOS does not promise is promised here: names of queues and flows are checked, dead workers are reaped, and a
job that keeps killing its worker is given up.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from dbos import DBOS, DBOSPortableJSONSerializer, SetWorkflowID

from headrace.outside.clock import now
from headrace.store.workers import Worker, Workers
from headrace.work.journal import Flow, attempt, opened
from headrace.work.leases import REAPER, Leases

_T = TypeVar("_T")
_QUEUE = "work"
_LOG = logging.getLogger("headrace")
_FINAL = frozenset({"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"})

MAX_TAKEOVERS = 30
"""How often one step may lose its worker before its job is given up."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Where the engine keeps its checkpoints, how many jobs a process works on at once, and how often it looks (seconds)."""

    url: str
    concurrency: int = 2
    poll: float = 0.1


class _DbosJournal:
    """Records steps as DBOS checkpoints."""

    def step(self, name: str, kind: type[_T], act: Callable[[], _T]) -> _T:
        """See work.journal.Journal."""
        return opened(DBOS.run_step({"name": name}, attempt, name, kind, act), kind)


class Engine:
    """One process's share of the work. Start it, submit jobs, wait for them, stop it; one engine a process."""

    def __init__(self, settings: EngineSettings, flows: Mapping[str, Flow], leases: Leases, workers: Workers) -> None:
        self.executor = f"{socket.gethostname()}-{uuid.uuid4().hex[:12]}"
        self._settings, self._leases, self._workers = settings, leases, workers
        self._started_at = now()
        self._stopping = threading.Event()
        self._reaper = threading.Thread(target=self._reap_for_ever, name="reaper", daemon=True)
        self._registered: dict[str, Callable[[str], None]] = {}
        for name in [key for key in os.environ if key.startswith("DBOS__")]:
            del os.environ[name]
        DBOS(config={
            "name": "headrace", "system_database_url": settings.url, "executor_id": self.executor,
            "application_version": "1", "serializer": DBOSPortableJSONSerializer(), "log_level": "ERROR",
            "sys_db_pool_size": 5, "enable_otlp": False, "max_executor_threads": 32,
        })  # fmt: skip
        for name, flow in flows.items():
            self._registered[name] = self._register(name, flow)

    def _register(self, name: str, flow: Flow) -> Callable[[str], None]:
        def body(argument: str) -> None:
            flow(_DbosJournal(), argument)

        # Take-overs are counted by us: DBOS's own counter starts again at each.
        registered: Callable[[str], None] = DBOS.workflow(name=name, max_recovery_attempts=10_000)(body)
        return registered

    def start(self) -> None:
        """Begin to work: on what was left over first."""
        self._leases.hold(self.executor)
        self._beat()
        logging.getLogger("dbos").setLevel(logging.ERROR)
        DBOS.launch()
        DBOS.register_queue(
            _QUEUE, worker_concurrency=self._settings.concurrency, polling_interval_sec=self._settings.poll
        )
        self._reaper.start()

    def submit(self, flow: str, key: str, argument: str) -> None:
        """Queue a job; a `key` that was ever queued before is not queued again."""
        with SetWorkflowID(key):
            DBOS.enqueue_workflow(_QUEUE, self._registered[flow], argument)

    def unfinished(self, keys: Iterable[str] = ()) -> list[str]:
        """The jobs of `keys` (all, when none are named) that have not ended."""
        wanted = list(keys)
        rows = DBOS.list_workflows(
            workflow_ids=wanted or None, status=["PENDING", "ENQUEUED", "DELAYED"], load_input=False, load_output=False
        )
        return [row.workflow_id for row in rows]

    def known(self, prefix: str) -> int:
        """How many jobs whose key begins with `prefix` were ever queued."""
        return len(DBOS.list_workflows(workflow_id_prefix=prefix, load_input=False, load_output=False))

    def wait(self, keys: Iterable[str] = (), while_waiting: Callable[[], None] = lambda: None) -> None:
        """Wait until the jobs ended, whoever works on them."""
        wanted = list(keys)
        while self.unfinished(wanted):
            while_waiting()
            self._stopping.wait(self._settings.poll)
        while_waiting()

    def stop(self, seconds: int = 5) -> None:
        """Stop working; what runs gets `seconds` to end, the rest is taken over by others or at the next start."""
        self._stopping.set()
        if self._reaper.is_alive():
            self._reaper.join(10)
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=seconds)
        self._workers.leave(self.executor)
        self._leases.close()

    def _beat(self) -> None:
        self._workers.beat(Worker(self.executor, socket.gethostname(), os.getpid(), self._started_at, now()))

    def _reap_for_ever(self) -> None:
        beaten = time.monotonic()
        while not self._stopping.is_set():
            try:
                with self._leases.try_take(REAPER) as mine:
                    if mine:
                        self._reap()
                if time.monotonic() - beaten > 10:
                    self._beat()
                    beaten = time.monotonic()
            except Exception:  # noqa: BLE001 - logged
                # The database may be away for a while; work waits for it, and so does the reaper.
                _LOG.exception("looking for dead workers")
            self._stopping.wait(1.0)

    def _reap(self) -> None:
        pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        for executor in {row.executor_id for row in pending} - {self.executor, None}:
            with self._leases.try_take(str(executor)) as dead:
                if dead:
                    self._take_over(str(executor))

    def _take_over(self, executor: str) -> None:
        rows = DBOS.list_workflows(status="PENDING", executor_id=executor, load_input=False, load_output=False)
        for row in rows:
            steps: list[Any] = DBOS.list_workflow_steps(row.workflow_id)
            count = self._workers.count_takeover(f"{row.workflow_id} step {len(steps)}")
            if count > MAX_TAKEOVERS:
                _LOG.error("job %s lost its worker %d times at one step and is given up", row.workflow_id, count)
                DBOS.cancel_workflow(row.workflow_id)
            else:
                DBOS.resume_workflows([row.workflow_id], queue_name=_QUEUE)
        self._workers.leave(executor)
