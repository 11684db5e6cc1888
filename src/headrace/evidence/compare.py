"""What differs between the packages of two versions: every fact once, each with its weight, the heaviest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from headrace.evidence.differences.compiled import compare_hardening, compare_symbols
from headrace.evidence.differences.configs import compare_configs
from headrace.evidence.differences.dependencies import compare_dependencies, compare_sonames
from headrace.evidence.differences.files import compare_files
from headrace.evidence.differences.identity import compare_identity
from headrace.evidence.differences.model import Difference, Weight
from headrace.evidence.differences.modules import compare_modules
from headrace.evidence.differences.privileges import compare_privileges
from headrace.evidence.differences.scriptlets import compare_scriptlets
from headrace.evidence.differences.settings import compare_settings
from headrace.evidence.differences.sizes import compare_sizes
from headrace.evidence.model import Rpm

Comparison = Callable[[Sequence[Rpm], Sequence[Rpm]], list[Difference]]

COMPARISONS: Mapping[str, Comparison] = {
    "packages": compare_identity,
    "files": compare_files,
    "privileges": compare_privileges,
    "configs": compare_configs,
    "dependencies": compare_dependencies,
    "sonames": compare_sonames,
    "symbols": compare_symbols,
    "python": compare_modules,
    "settings": compare_settings,
    "scriptlets": compare_scriptlets,
    "hardening": compare_hardening,
    "size": compare_sizes,
}

_ORDER = {Weight.BLOCKER: 0, Weight.CONCERN: 1, Weight.NOTE: 2}


def compare(old: Sequence[Rpm], new: Sequence[Rpm]) -> tuple[Difference, ...]:
    """All differences from the old packages to the new ones, what matters first; the order is the same every time."""
    found = [difference for comparison in COMPARISONS.values() for difference in comparison(old, new)]
    return tuple(sorted(found, key=lambda each: _ORDER[each.weight]))
