"""The checks by their ids, in the order in which a report tells them; a new check is one module and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from headrace.evidence.checks import (
    binaries,
    build,
    changelog,
    configs,
    dependencies,
    evr_grows,
    files,
    hardening,
    licence,
    packages,
    patches_applied,
    patches_declared,
    patches_merged,
    privileges,
    python_api,
    scriptlets,
    selftest,
    settings,
    size,
    sonames,
    source_address,
    source_identical,
    spec_hygiene,
    stray_files,
    symbols,
)
from headrace.evidence.model import Case, Finding

CHECKS: Mapping[str, Callable[[Case], tuple[Finding, ...]]] = {
    build.ID: build.check,
    selftest.ID: selftest.check,
    evr_grows.ID: evr_grows.check,
    patches_merged.ID: patches_merged.check,
    patches_declared.ID: patches_declared.check,
    patches_applied.ID: patches_applied.check,
    source_identical.ID: source_identical.check,
    source_address.ID: source_address.check,
    licence.ID: licence.check,
    changelog.ID: changelog.check,
    privileges.ID: privileges.check,
    sonames.ID: sonames.check,
    symbols.ID: symbols.check,
    packages.ID: packages.check,
    files.ID: files.check,
    python_api.ID: python_api.check,
    dependencies.ID: dependencies.check,
    configs.ID: configs.check,
    settings.ID: settings.check,
    scriptlets.ID: scriptlets.check,
    hardening.ID: hardening.check,
    size.ID: size.check,
    spec_hygiene.ID: spec_hygiene.check,
    stray_files.ID: stray_files.check,
    binaries.ID: binaries.check,
}
"""Check id -> the check."""
