"""Causes that lie in the machine and its limits."""

from __future__ import annotations

from headrace.evidence.causes.model import kind
from headrace.words import Message

KINDS = (
    kind(
        "network needed",
        r"Could not resolve host:? ?(?P<subject>[\w.-]+)?",
        Message("the build wants the network: {subject}"),
    ),
    kind(
        "network needed",
        r"(?:Temporary failure in name resolution|Name or service"
        r" not known|Network is unreachable|ENETUNREACH|EAI_AGAIN)",
        Message("the build wants the network"),
    ),
    kind("network needed", r"dial tcp: lookup (?P<subject>[\w.-]+)", Message("the build wants the network: {subject}")),
    kind(
        "network needed",
        r"(?:failed to fetch|Unable to update|failed to download) .*(?:registry|index|https?://(?P<subject>[\w.-]+))",
        Message("the build wants the network: {subject}"),
    ),
    kind("disk full", r"No space left on device", Message("the disk ran full")),
    kind("file too large", r"(?:File size limit exceeded|File too large)", Message("a file grew over the limit")),
    kind(
        "out of memory",
        r"(?:Cannot allocate memory|virtual memory exhausted|JavaScript"
        r" heap out of memory|^MemoryError|std::bad_alloc|signal 9.*\[oom)",
        Message("there is not enough memory"),
    ),
    kind(
        "too many processes",
        r"(?:fork: (?:retry: )?Resource temporarily unavailable"
        r"|Cannot fork|can't start new thread|pthread_create failed)",
        Message("the limit of processes was reached"),
    ),
    kind(
        "killed",
        r"(?:^|: )(?:Killed|Terminated signal terminated program (?P<subject>\w+))$",
        Message("a program was killed"),
        1,
    ),
    kind(
        "crash",
        r"(?:Segmentation fault|Bus error|Illegal instruction|Floating point exception)(?: \(core dumped\))?",
        Message("a program crashed"),
        1,
    ),
    kind(
        "test timeout",
        r"(?:Timeout >\d|TIMEOUT|timed out after) ?(?P<subject>\d+)?",
        Message("something took too long"),
        1,
    ),
    kind(
        "read-only file system",
        r"(?P<subject>/[^\s:'’]+)['’]?: Read-only file system",
        Message("the build wants to write to {subject}"),
    ),
    kind(
        "permission denied",
        r"(?P<subject>/?[^\s:'’]+)['’]?: Permission denied",
        Message("the build may not touch {subject}"),
        1,
    ),
    kind(
        "locale",
        r"(?:unsupported locale setting|setlocale: .*cannot change locale \((?P<subject>[^)]+)\))",
        Message("a locale is not there: {subject}"),
        1,
    ),
    kind(
        "display", r"(?:cannot open display|could not connect to display|no DISPLAY)", Message("a test wants a screen")
    ),
)
