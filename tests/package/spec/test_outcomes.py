"""One spec, every target."""

from headrace.package.spec import targets
from headrace.package.spec.outcomes import for_every_target, outcomes

SPEC = b"""Name: lamp
Version: 1.0
Release: 1%{?dist}
Source0: lamp.tar.gz
%if 0%{?suse_version}
BuildRequires: fdupes
Source1: suse.conf
%endif
%if 0%{?fedora} || 0%{?rhel}
BuildRequires: python3-rpm-macros
%endif
URL: %{where}
"""


def test_each_outcome_names_its_targets() -> None:
    found = outcomes(for_every_target(SPEC))
    assert found["version"] == {"1.0": targets.names()}
    assert found["sources"][("0: lamp.tar.gz", "1: suse.conf")] == ("opensuse",)
    assert found["dependencies"][("buildrequires: python3-rpm-macros",)] == ("epel", "fedora")
    assert found["dependencies"][("buildrequires: fdupes",)] == ("opensuse",)
    assert len(found["release"]) == len(targets.names())
    assert list(found["url"]) == ["unknown: the macro %where is not defined by the spec nor by its target"]
