"""The targets for which a spec can be read: macro files of our own, kept as data beside the package room."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from headrace.package.model import PackageError

_FOLDER = Path(__file__).parent.parent / "targets"


def names() -> tuple[str, ...]:
    """The targets there are, in alphabetical order."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.macros") if path.stem != "rpm"))


@lru_cache
def load(name: str) -> tuple[str, ...]:
    """The texts of a target's macro files. Raises PackageError when there is no such target."""
    if name not in names():
        raise PackageError(f"there is no target {name!r}", remedy=f"name one of {', '.join(names())}")
    return ((_FOLDER / f"{name}.macros").read_text(encoding="utf-8"),)


_MACHINES = {
    "x86_64": ("x86", 64),
    "i686": ("x86", 32),
    "aarch64": ("aarch", 64),
    "riscv64": ("riscv", 64),
    "loongarch64": ("loongarch", 64),
    "ppc64le": ("ppc", 64),
    "s390x": ("s390", 64),
}
"""Architecture -> the name and the word size that rpm calls its instruction set by."""


@lru_cache
def rpm_macros(architecture: str, system: str) -> tuple[str, ...]:
    """What rpm itself defines for an architecture and an operating system."""
    cpu = ("_arch", "_build_arch", "_host_cpu", "_target_cpu", "_build_cpu")
    rows = [f"%{name} {architecture}" for name in cpu]
    rows += [f"%{name} {system}" for name in ("_os", "_build_os", "_host_os", "_target_os")]
    if architecture in _MACHINES:
        name, bits = _MACHINES[architecture]
        rows += [f"%__isa_name {name}", f"%__isa_bits {bits}", f"%__isa {name}-{bits}", f"%_isa ({name}-{bits})"]
        rows.append("%_lib lib64" if bits == 64 else "%_lib lib")
    return ("\n".join(rows), (_FOLDER / "rpm.macros").read_text(encoding="utf-8"))
