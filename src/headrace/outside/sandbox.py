"""The shell of strangers' programs: bubblewrap's argument list, and the step down from root before it."""

from __future__ import annotations

import os
import resource
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from headrace.outside.command import run
from headrace.outside.scratch import BUILD_UID

_INSIDE_UID = 1000
_SHARED_MEMORY = 256 * 1024**2
_BURST = 1024**3
"""How far one process may outgrow the memory limit of the tree before whoever watches the tree has seen it."""

_ETC = (
    "alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "rpm", "os-release", "python3*", "perl", "java-*", "maven",
    "ssl/certs", "ssl/openssl.cnf", "pki/tls/certs", "crypto-policies", "fonts", "xml", "sgml", "magic", "magic.mime",
    "mime.types", "protocols", "services", "terminfo", "gprofng.rc", "locale.alias", "debian_version",
)  # fmt: skip
"""What a compiler or an interpreter reads of /etc; nothing that holds a name, an address or a secret of the host."""

_USERS = (
    "root:x:0:0:root:/:/bin/sh\nbuild:x:1000:1000:build:/build/home:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n"
)
_GROUP = "root:x:0:\nbuild:x:1000:\nnogroup:x:65534:\n"
_HOSTS = "127.0.0.1 localhost build\n::1 localhost\n"
_NSSWITCH = "passwd: files\ngroup: files\nhosts: files\n"


@dataclass(frozen=True, slots=True)
class Sandbox:
    """What a sandbox holds: `work` becomes /build (its `tmp` /tmp), the only writable places. Limits are bytes and a number."""

    work: Path
    environment: Mapping[str, str]
    processes: int
    file_size: int
    memory: int


def sandbox_command(sandbox: Sandbox, argv: Sequence[str]) -> list[str]:
    """The argument list that runs `argv` in the sandbox, as an ordinary user even when we are root.

    bubblewrap's own `--uid` would map the inside user to root outside, so the step down comes first. Writes the small
    files of /etc into `work`.
    """
    step_down: list[str] = []
    if os.geteuid() == 0:
        user = str(BUILD_UID)
        step_down = ["setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--no-new-privs", "--"]
    limits = [
        "prlimit", f"--nproc={sandbox.processes}", f"--fsize={sandbox.file_size}", "--core=0",
        f"--data={_within_hard_limit(resource.RLIMIT_DATA, sandbox.memory + _BURST)}", "--",
    ]  # fmt: skip
    return [*step_down, *_bwrap(sandbox), *limits, *argv]


def try_sandbox(sandbox: Sandbox) -> str:
    """Why no sandbox can be made on this machine, in bubblewrap's or the kernel's words; "" when one can."""
    done = run(sandbox_command(sandbox, ["true"]), seconds=20, check=False)
    if done.returncode == 0:
        return ""
    said = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
    return said[-1][:300] if said else f"it ended with status {done.returncode}"


@cache
def _options() -> str:
    """What this bubblewrap can do; older ones lack `--disable-userns`."""
    return run(["bwrap", "--help"], seconds=20, check=False).text


def _within_hard_limit(which: int, wanted: int) -> int:
    hard = resource.getrlimit(which)[1]
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


def _bwrap(sandbox: Sandbox) -> list[str]:
    work = str(sandbox.work)
    inside = {
        "HOME": "/build/home",
        "PATH": "/usr/bin:/usr/sbin",
        "USER": "build",
        "LOGNAME": "build",
        "SHELL": "/bin/bash",
    }
    arguments = ["bwrap", "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session"]
    if "--disable-userns" in _options():
        arguments.append("--disable-userns")
    arguments += ["--uid", str(_INSIDE_UID), "--gid", str(_INSIDE_UID), "--cap-drop", "ALL", "--hostname", "build"]
    arguments += ["--clearenv"]
    for name, value in {**inside, **sandbox.environment}.items():
        arguments += ["--setenv", name, value]
    arguments += ["--ro-bind", "/usr", "/usr", *_top_links(), *_etc(sandbox.work)]
    arguments += ["--proc", "/proc", "--dev", "/dev", "--size", str(_SHARED_MEMORY), "--tmpfs", "/dev/shm"]  # noqa: S108
    arguments += ["--bind", work, "/build", "--bind", f"{work}/tmp", "/tmp", "--bind", f"{work}/tmp", "/var/tmp"]  # noqa: S108
    return [*arguments, "--dir", "/run", "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/build", "--"]


def _top_links() -> list[str]:
    arguments: list[str] = []
    for name in ("bin", "sbin", "lib", "lib64", "lib32", "libx32"):
        path = Path("/", name)
        if path.is_symlink():
            arguments += ["--symlink", str(path.readlink()), f"/{name}"]
        elif path.is_dir():
            arguments += ["--ro-bind", f"/{name}", f"/{name}"]
    return arguments


def _etc(work: Path) -> list[str]:
    arguments: list[str] = []
    for pattern in _ETC:
        for path in sorted(Path("/etc").glob(pattern)):
            arguments += ["--ro-bind", str(path), str(path)]
    own = work / "etc"
    own.mkdir(exist_ok=True)
    own.chmod(0o755)
    for name, text in (("passwd", _USERS), ("group", _GROUP), ("hosts", _HOSTS), ("nsswitch.conf", _NSSWITCH)):
        (own / name).write_text(text, encoding="ascii")
        (own / name).chmod(0o644)
        arguments += ["--ro-bind", str(own / name), f"/etc/{name}"]
    return arguments
