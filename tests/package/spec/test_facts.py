"""What a spec says for a target."""

import pytest

from headrace.package.spec import targets
from headrace.package.spec.facts import SpecFacts, read, split_dependencies
from headrace.package.spec.value import Known, Unknown


def facts(text: str, **options: object) -> SpecFacts:
    return read(("Name: lamp\nVersion: 1.2\nRelease: 3%{?dist}\n" + text).encode(), **options)  # type: ignore[arg-type]


def summary(text: str, before: str = "") -> Known[str] | Unknown:
    return facts(f"{before}Summary: {text}\n").summary


@pytest.mark.parametrize(
    ("before", "text", "expected"),
    [
        ("%global a x\n", "%a %{a} %{?a} %{!?a:no} %{?a:yes} %{?b}.", "x x x  yes ."),
        ("%define f(n:x) [%1|%#|%*|%{-x:X}|%{-n*}|%{!-x:nox}|%-n]\n", "%{f -n 5 a b}", "[a|2|a b||5|nox|-n 5]"),
        ("%define f() [%1|%#]\n", "%f a b", "[a|2]"),
        ("%global late %{name}-%{version}\n", "%late", "lamp-1.2"),
        ("%define lazy %{later}\n%define later 1\n", "%lazy", "1"),
        ("%define a 1\n%define a 2\n%undefine a\n", "%{?a}%{!?a:gone}", "gone"),
        ("%global long a \\\nb\n", "%long.", "a"),
        ("", "100%% %%{name}", "100% %{name}"),
        ("", '%[1+2*3] %[1 < 2 ? "a" : "b"] %{expr:2*(3+4)} %[v"1.10" > v"1.9"]', "7 a 14 1"),
        ("%bcond_with x\n%bcond_without y\n", "%{with x}%{without x}%{with y}", "011"),
        ("%global a x\n", "%{defined a}%{undefined a}%{defined b}", "100"),
        ("", "%{basename:/a/b.c} %{dirname:/a/b} %{suffix:a.b} %{lower:AB} %{upper:ab} %{len:abc}", "b.c /a b ab AB 3"),
        ("", "%{py3_dist Foo_Bar b.c} %{py_dist_name:A__b}", "python3dist(foo-bar) python3dist(b-c) a-b"),
        ("", "%{gsub abc b x} %{sub abcd 2 3} %{reverse:abc} %{shrink:  a   b }", "axc bc cba a b"),
        ("%define q() <%1>\n", "%{q %{quote:a b} c}", "<a b>"),
        ("", "%{expand:%%{name}} %nil.", "lamp ."),
        ("# %define c 1\n", "%{?c}", "1"),
        ("%dnl %define c 1\n", "%{?c}.", "."),
        ("%define outer() %define inner 1 \\\n%inner\n", "%{?inner}.", "."),
        ("%{!?a: %global a 5}\n", "%a", "5"),
    ],
)
def test_expansion(before: str, text: str, expected: str) -> None:
    value = summary(text, before)
    assert isinstance(value, Known), value
    assert value.value.split("\n")[0].rstrip() == expected.rstrip()


@pytest.mark.parametrize(
    ("condition", "taken"),
    [
        ("%if 0%{?fedora}", False),
        ("%if 0%{!?fedora:1}", True),
        ("%if 1 && !0 || 0", True),
        ("%if (1 + 1) * 2 == 4", True),
        ('%if "%{name}" == "lamp"', True),
        ('%if v"1.2~rc1" < v"1.2"', True),
        ("%if %{defined name} && 0%{?nothing} < 5", True),
        ("%ifarch x86_64 aarch64", True),
        ("%ifnarch x86_64", False),
        ("%ifarch %{ix86}", False),
        ("%ifos linux", True),
        ("%if 0\n%elif 1", True),
        ("%if 1\n%elif 1", False),
        ("%if 0\n%else", True),
        ("%if 0\n%if 1\n%else\n%endif\n%else", True),
    ],
)
def test_conditions(condition: str, taken: bool) -> None:
    found = facts(f"{condition}\nSource7: in.txt\n%endif\nSource8: out.txt\n").sources
    assert [source.number for source in found if source.condition is None] == ([7, 8] if taken else [8])


def test_architecture_is_asked_for() -> None:
    text = "%ifarch riscv64\nSource1: r\n%endif\nRequires: lib%{?_isa}\n"
    assert [one.number for one in facts(text, architecture="riscv64").sources] == [1]
    assert facts(text, architecture="riscv64").requires[0].value == Known("lib(riscv-64)")


def test_a_condition_that_cannot_be_judged_leaves_doubt_in_all_that_follows() -> None:
    found = facts(
        "%if %(true)\nSource1: a\n%global x 1\nEpoch: 2\n%else\nSource2: b\n%endif\nURL: http://%{?x}\nSource3: c\n"
    )
    assert [(one.number, one.condition is None) for one in found.sources] == [(1, False), (2, False), (3, True)]
    assert isinstance(found.epoch, Unknown)
    assert isinstance(found.url, Unknown)
    assert isinstance(found.evr, Unknown)
    assert "never run" in str(found.url.reason)


def test_an_undefined_macro_is_not_known_but_the_file_name_is() -> None:
    source = facts("Source0: %{somewhere}/lamp-%{version}.tar.gz\n").sources[0]
    assert isinstance(source.value, Unknown)
    assert source.filename == Known("lamp-1.2.tar.gz")


def test_sources_and_patches_with_their_numbers() -> None:
    sources = "Source: a\nSource 1: b\nSource5: c\nSource: d\n"
    found = facts(sources + "Patch3: x.patch\nPatch: y.patch\n%patchlist\nz.patch\n%sourcelist\ne\n")
    assert [one.number for one in found.sources] == [0, 1, 5, 6, 7]
    names = [(one.number, one.filename) for one in found.patches]
    assert names == [(3, Known("x.patch")), (4, Known("y.patch")), (5, Known("z.patch"))]


@pytest.mark.parametrize(
    ("prep", "applied"),
    [
        ("%autosetup -p1", {1: ("autosetup", 1), 2: ("autosetup", 1), 9: ("autosetup", 1)}),
        ("%autosetup -N\n%autopatch -p2 -m 2", {2: ("autopatch", 2), 9: ("autopatch", 2)}),
        ("%autosetup -N\n%autopatch -M 2", {1: ("autopatch", 0), 2: ("autopatch", 0)}),
        ("%patch1 -p1\n%patch -P 9 -p0", {1: ("%patch", 1), 9: ("%patch", 0)}),
        ("%patch 1 2 -p1", {1: ("%patch", 1), 2: ("%patch", 1)}),
        ("patch -p1 < %{PATCH2}", {2: ("patch", 1)}),
        ("git am %{patches}", {1: ("git am", 0), 2: ("git am", 0), 9: ("git am", 0)}),
        ("%if 0\n%patch1 -p1\n%endif", {}),
        ("#%patch1 -p1", {}),
    ],
)
def test_how_patches_are_applied(prep: str, applied: dict[int, tuple[str, int]]) -> None:
    found = facts(f"Patch1: a.patch\nPatch2: b.patch\nPatch9: c.patch\n%prep\n{prep}\n").patches
    assert {one.number: (one.applied[0].how, one.applied[0].strip) for one in found if one.applied} == applied


def test_subpackages_and_dependencies() -> None:
    found = facts(
        "BuildRequires: gcc, make >= 4 (a or b)\n%package devel\nRequires(post): lamp = %{version}-%{release}\n"
        "Provides: bundled(x) == 1\n%package -n liblamp\nRequires: (c if d)\n%files\n%check\n"
    )
    assert [one.value for one in found.build_requires] == [Known("gcc"), Known("make >= 4"), Known("(a or b)")]
    assert [one.name for one in found.subpackages] == [Known("lamp-devel"), Known("liblamp")]
    assert [(one.value, one.package, one.qualifier) for one in found.requires] == [
        (Known("lamp = 1.2-3"), Known("lamp-devel"), "post"),
        (Known("(c if d)"), Known("liblamp"), ""),
    ]
    assert [one.value for one in found.provides] == [Known("bundled(x) = 1")]
    assert found.has_check


def test_dependencies_are_split_as_rpm_does() -> None:
    assert split_dependencies("a >= 1,b, (c and (d or e)) f") == ["a >= 1", "b", "(c and (d or e))", "f"]


def test_lines_that_a_macro_makes() -> None:
    found = facts("%define more() \\\nSource4: m\\\nRequires: r\n%more\n%{expand:%global z 1\nSource6: %z\n}\n")
    assert [(one.number, one.value) for one in found.sources] == [(4, Known("m")), (6, Known("1"))]


def test_conditional_inside_a_continued_line() -> None:
    found = facts("%build\n%{configure} \\\n%if 0\n --a \\\n%endif\n --b\n%package x\n%changelog\n")
    assert {"build", "package", "changelog"} <= found.sections


@pytest.mark.parametrize("name", targets.names())
def test_every_target_decides_its_own_conditions(name: str) -> None:
    found = facts("Requires: python%{python3_pkgversion} %{?dist}x\n", macros=targets.load(name))
    assert found.release != Known("3") or name == "opensuse"
    assert all(isinstance(one.value, Known) for one in found.requires)
    assert not found.doubts


def test_fedora_macros_complete_a_source() -> None:
    text = "%global srcname lumen\nSource0: %{pypi_source}\nSource1: %{pypi_source other 2.0 zip}\n"
    found = facts(text, macros=(*targets.load("fedora"), "%__pypi_url https://pypi.example/\n")).sources
    assert [one.value for one in found] == [
        Known("https://pypi.example/l/lumen/lumen-1.2.tar.gz"),
        Known("https://pypi.example/o/other/other-2.0.zip"),
    ]
    assert facts(text, macros=targets.load("fedora")).sources[0].filename == Known("lumen-1.2.tar.gz")


def test_too_large_is_not_read() -> None:
    assert isinstance(read(b"Name: x\n" + b"#" * 5_000_000).name, Unknown)


def test_architectures_and_sections() -> None:
    assert facts("BuildArch: noarch\n").architectures == Known("noarch")
    assert facts("").architectures == Known("")
    assert facts("%build\n%install\n").sections == frozenset({"build", "install"})


def test_what_a_macro_defines_inside_is_gone_after_it() -> None:
    assert summary("%{outer}%{?inner}.", "%define outer() %{expand:%%define inner 1}%{inner}\n") == Known("1.")
