"""The shell of strangers' programs: bubblewrap's argument list, and the step down from root before it."""

from __future__ import annotations

import os
import resource
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

from headrace.outside.command import CommandError, run
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

_PATH = "/usr/bin:/usr/sbin"
_USERS = (
    "root:x:0:0:root:/:/bin/sh\nbuild:x:{uid}:{uid}:build:/build/home:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n"
)
_GROUP = "root:x:0:\nbuild:x:{uid}:\nnogroup:x:65534:\n"
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


class Way(Enum):
    """How the step down from root is made. bubblewrap's own `--uid` is none: it maps the inside user to root outside."""

    OUTSIDE = "outside"
    """Before bubblewrap, which then makes a user namespace of the ordinary user's own: nothing runs as root at all."""
    INSIDE = "inside"
    """In the finished sandbox, where ordinary users may not make user namespaces; only for root."""


def sandbox_command(sandbox: Sandbox, argv: Sequence[str], way: Way = Way.OUTSIDE) -> list[str]:
    """The argument list that runs `argv` in the sandbox, as an ordinary user even when we are root.

    Writes the small files of /etc into `work`.
    """
    user = str(BUILD_UID)
    step_down = ["setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--no-new-privs"]
    limits = [
        "prlimit", f"--nproc={sandbox.processes}", f"--fsize={sandbox.file_size}", "--core=0",
        f"--data={_within_hard_limit(resource.RLIMIT_DATA, sandbox.memory + _BURST)}", "--",
    ]  # fmt: skip
    if way is Way.INSIDE:
        # Without its capabilities root may not enter the work directory; the user that it becomes may.
        down = [*step_down, "--inh-caps=-all", "--bounding-set=-all", "--", "env", "-C", "/build"]
        return ["bwrap", *_as_root(), *_inside(sandbox, BUILD_UID), "--chdir", "/", "--", *down, *limits, *argv]
    before = [*step_down, "--"] if os.geteuid() == 0 else []
    return [*before, "bwrap", *_as_user(), *_inside(sandbox, _INSIDE_UID), "--chdir", "/build", "--", *limits, *argv]


def find_way(sandbox: Sandbox) -> Way:
    """The safest way in which this machine makes a sandbox, tried for real. Raises CommandError when there is none."""
    why = ""
    for way in (Way.OUTSIDE, Way.INSIDE) if os.geteuid() == 0 else (Way.OUTSIDE,):
        done = run(sandbox_command(sandbox, ["true"], way), seconds=20, check=False)
        if done.returncode == 0:
            return way
        said = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
        why = why or (said[-1][:300] if said else f"bwrap ended with status {done.returncode}")
    raise CommandError(
        "no sandbox can be made on this machine, so nothing is built", why,
        "allow user namespaces for ordinary users (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone)",
    )  # fmt: skip


@cache
def _options() -> str:
    """What this bubblewrap can do; older ones lack `--disable-userns`."""
    return run(["bwrap", "--help"], seconds=20, check=False).text


def _within_hard_limit(which: int, wanted: int) -> int:
    hard = resource.getrlimit(which)[1]
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


def _as_user() -> list[str]:
    inside = str(_INSIDE_UID)
    arguments = ["--unshare-all", "--unshare-user", "--uid", inside, "--gid", inside, "--cap-drop", "ALL"]
    return [*arguments, "--disable-userns"] if "--disable-userns" in _options() else arguments


def _as_root() -> list[str]:
    arguments = [
        "--unshare-ipc",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-uts",
        "--unshare-cgroup-try",
        "--cap-drop",
        "ALL",
    ]
    for needed in ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"):
        arguments += ["--cap-add", needed]
    return arguments


def _inside(sandbox: Sandbox, uid: int) -> list[str]:
    work = str(sandbox.work)
    inside = {"HOME": "/build/home", "PATH": _PATH, "USER": "build", "LOGNAME": "build", "SHELL": "/bin/bash"}
    arguments = ["--die-with-parent", "--new-session", "--hostname", "build", "--clearenv"]
    for name, value in {**inside, **sandbox.environment}.items():
        arguments += ["--setenv", name, value]
    arguments += [
        "--ro-bind",
        "/usr",
        "/usr",
        *_top_links(),
        "--dir",
        "/etc",
        "--dir",
        "/var",
        *_etc(sandbox.work, uid),
    ]
    arguments += ["--proc", "/proc", "--dev", "/dev", "--size", str(_SHARED_MEMORY), "--tmpfs", "/dev/shm"]  # noqa: S108
    arguments += ["--bind", work, "/build", "--bind", f"{work}/tmp", "/tmp", "--bind", f"{work}/tmp", "/var/tmp"]  # noqa: S108
    return [*arguments, "--dir", "/run", "--remount-ro", "/dev", "--remount-ro", "/"]


def _top_links() -> list[str]:
    arguments: list[str] = []
    for name in ("bin", "sbin", "lib", "lib64", "lib32", "libx32"):
        path = Path("/", name)
        if path.is_symlink():
            arguments += ["--symlink", str(path.readlink()), f"/{name}"]
        elif path.is_dir():
            arguments += ["--ro-bind", f"/{name}", f"/{name}"]
    return arguments


def _etc(work: Path, uid: int) -> list[str]:
    arguments: list[str] = []
    for pattern in _ETC:
        for path in sorted(Path("/etc").glob(pattern)):
            arguments += ["--ro-bind", str(path), str(path)]
    own = work / "etc"
    own.mkdir(exist_ok=True)
    own.chmod(0o755)
    for name, text in (("passwd", _USERS), ("group", _GROUP), ("hosts", _HOSTS), ("nsswitch.conf", _NSSWITCH)):
        (own / name).write_text(text.format(uid=uid), encoding="ascii")
        (own / name).chmod(0o644)
        arguments += ["--ro-bind", str(own / name), f"/etc/{name}"]
    return arguments
