"""Each kind of difference, with its weight: what is usual for a new version never outweighs, what breaks somebody always does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.pond import rpm
from headrace.evidence.compare import compare
from headrace.evidence.differences.model import Difference, Weight
from headrace.evidence.differences.paths import Area, area, without_version
from headrace.evidence.model import Rpm, RpmFile

OLD, NEW = rpm("1.0"), rpm("1.1")


def file(path: str, mode: int = 0o100644, **more: object) -> RpmFile:
    return replace(RpmFile(path, mode, "root", "root", 1, "d1"), **more)  # type: ignore[arg-type]


def with_files(package: Rpm, *files: RpmFile) -> Rpm:
    paths = {each.path for each in files}
    return replace(package, files=(*(each for each in package.files if each.path not in paths), *files))


def heavy(old: Rpm | tuple[Rpm, ...], new: Rpm | tuple[Rpm, ...]) -> list[tuple[str, str]]:
    before, after = ((each,) if isinstance(each, Rpm) else each for each in (old, new))
    return [(each.kind, each.subject) for each in compare(before, after) if each.weight is not Weight.NOTE]


def test_a_plain_new_version_differs_in_nothing() -> None:
    assert compare((OLD,), (NEW,)) == ()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/usr/bin/tool", "command"),
        ("/usr/lib/systemd/system/pond.service", "service"),
        ("/etc/sudoers.d/pond", "rights"),
        ("/usr/lib/sysctl.d/pond.conf", "system setting"),
        ("/usr/include/pond.h", "header"),
        ("/usr/lib64/pkgconfig/pond.pc", "development file"),
        ("/usr/lib/python3.11/site-packages/pond/water.py", "module"),
        ("/usr/lib/python3.11/site-packages/pond/__init__.py", "module"),
        ("/usr/share/pond/data", "file"),
    ],
)
def test_a_removed_file_that_somebody_uses_is_a_concern(path: str, kind: str) -> None:
    assert heavy(with_files(OLD, file(path)), NEW) == [(kind, path)]


@pytest.mark.parametrize(
    "path",
    [
        "/usr/share/man/man1/pond.1.gz",
        "/usr/share/doc/pond/NEWS",
        "/usr/lib/python3.11/site-packages/pond/_private.py",
        "/usr/lib/python3.11/site-packages/pond/tests/test_it.py",
        "/usr/lib/python3.11/site-packages/pond/__pycache__/a.cpython-311.pyc",
        "/usr/lib/.build-id/ab/cdef",
        "/usr/lib/node_modules/pond/lib/deep.js",
    ],
)
def test_a_removed_file_that_is_upstreams_own_business_is_a_note(path: str) -> None:
    assert heavy(with_files(OLD, file(path)), NEW) == []


_SITE = "/usr/lib64/python3.11/site-packages"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/usr/share/pond-1.0/data", "/usr/share/pond-1.1/data"),
        (f"{_SITE}/pond-1.0.dist-info/METADATA", f"{_SITE}/pond-1.1.dist-info/METADATA"),
        (f"{_SITE}/p/_x.cpython-311-x86_64-linux-gnu.so", f"{_SITE}/p/_x.cpython-312-x86_64-linux-gnu.so"),
        ("/usr/lib64/libpond.so.1.4.7", "/usr/lib64/libpond.so.1.5.0"),
    ],
)
def test_the_same_file_of_another_version_is_the_same_file(old: str, new: str) -> None:
    assert compare((with_files(OLD, file(old)),), (with_files(NEW, file(new)),)) == ()


def test_a_version_inside_another_number_is_left_alone() -> None:
    assert without_version("/usr/share/x-11.0/y", "1.0") == "/usr/share/x-11.0/y"
    assert without_version("/usr/share/x-1.0.1/y", "1.0") == "/usr/share/x-1.0.1/y"
    assert without_version("/usr/share/man/man1/x.1", "1") == "/usr/share/man/man1/x.1"


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (None, file("/usr/bin/root", 0o104755), "setuid"),
        (None, file("/usr/bin/root", 0o102755), "setuid"),
        (file("/usr/bin/root", 0o100755), file("/usr/bin/root", 0o104755), "setuid"),
        (file("/usr/bin/root", 0o104755), file("/usr/bin/root", 0o100755), "setuid"),
        (None, file("/usr/bin/net", 0o100755, capabilities="cap_net_raw=ep"), "capabilities"),
        (
            file("/usr/bin/net", 0o100755),
            file("/usr/bin/net", 0o100755, capabilities="cap_sys_admin=ep"),
            "capabilities",
        ),
        (None, file("/usr/share/open", 0o100666), "mode"),
        (None, file("/usr/share/open", 0o040777), "mode"),
        (file("/etc/secret", 0o100600), file("/etc/secret", 0o100644), "mode"),
        (file("/usr/bin/x", 0o100755), file("/usr/bin/x", 0o100700), "mode"),
        (file("/usr/share/x"), file("/usr/share/x", owner="pond"), "owner"),
        (None, file("/etc/cron.d/pond"), "rights"),
        (None, file("/etc/sudoers.d/pond"), "rights"),
    ],
)
def test_attack_rights_that_come_with_an_upgrade_are_found(old: RpmFile | None, new: RpmFile, kind: str) -> None:
    before = with_files(OLD, old) if old else OLD
    assert heavy(before, with_files(NEW, new)) == [(kind, new.path)]


def test_a_sticky_directory_may_be_open_to_all() -> None:
    assert heavy(OLD, with_files(NEW, file("/var/spool/pond", 0o041777))) == []


def _config(*flags: str, digest: str = "cc") -> RpmFile:
    return file("/etc/pond.conf", digest=digest, flags=flags)


@pytest.mark.parametrize(
    ("new", "kinds"),
    [
        (_config("config", "noreplace", digest="other"), ["config default"]),
        (_config("config"), ["config"]),
        (_config(), ["config"]),
        (None, ["config"]),
    ],
)
def test_config_files(new: RpmFile | None, kinds: list[str]) -> None:
    without = replace(NEW, files=tuple(each for each in NEW.files if each.path != "/etc/pond.conf"))
    after = with_files(NEW, new) if new else without
    assert heavy(OLD, after) == [(kind, "/etc/pond.conf") for kind in kinds]


def test_a_directory_that_becomes_a_link_is_a_concern() -> None:
    old, new = file("/usr/share/pond", 0o040755), file("/usr/share/pond", 0o120777, link="lake")
    found = compare((with_files(OLD, old),), (with_files(NEW, new),))
    assert any("rpm cannot replace" in str(each.remark) and each.weight is Weight.CONCERN for each in found)


@pytest.mark.parametrize(("path", "kinds"), [("/usr/bin/pool", ["command"]), ("/usr/share/man/man1/pool.1", [])])
def test_a_link_that_leads_elsewhere(path: str, kinds: list[str]) -> None:
    old, new = (with_files(side, file(path, 0o120777, link=target)) for side, target in ((OLD, "a"), (NEW, "b")))
    assert heavy(old, new) == [(kind, path) for kind in kinds]
    assert [each.subject for each in compare((old,), (new,))] == [path]


def test_a_new_soname_names_its_heir() -> None:
    new = replace(NEW, provides=("pond = 1.1-1", "libpond.so.2()(64bit)"))
    (found,) = [each for each in compare((OLD,), (new,)) if each.kind == "soname"]
    assert (found.old, found.new, found.weight) == ("libpond.so.1", "libpond.so.2", Weight.CONCERN)


def test_a_lost_symbol_version_is_a_concern() -> None:
    new = replace(NEW, provides=("pond = 1.1-1", "libpond.so.1()(64bit)"))
    assert heavy(OLD, new) == [("symbol version", "libpond.so.1(POND_1)")]


def test_dependencies() -> None:
    old = replace(OLD, provides=(*OLD.provides, "pond-api = 3"), requires=(*OLD.requires, "lake >= 1"))
    assert heavy(old, replace(NEW, requires=(*NEW.requires, "lake >= 2"))) == [("provides", "pond-api")]
    assert heavy(OLD, replace(NEW, requires=(*NEW.requires, "sea >= 1"))) == [("requires", "sea")]
    assert heavy(OLD, replace(NEW, requires=(*NEW.requires, "(sea if ship)"))) == [("requires", "(sea if ship)")]
    assert heavy(OLD, replace(NEW, requires=(*NEW.requires, "pond = 1.1-1", "/bin/sh", "rpmlib(X) <= 1"))) == []
    assert heavy(OLD, replace(NEW, obsoletes=("puddle < 2",))) == [("obsoletes", "puddle")]
    assert heavy(OLD, replace(NEW, conflicts=("fire",))) == [("conflicts", "fire")]
    assert heavy(OLD, replace(NEW, recommends=("fish",))) == []


def test_packages_that_come_and_go() -> None:
    tools = replace(OLD, name="pond-tools", files=(), provides=("pond-tools = 1.0-1",))
    assert ("package", "pond-tools") in heavy((OLD, tools), NEW)
    heir = replace(NEW, obsoletes=("pond-tools < 1.1",))
    assert ("package", "pond-tools") not in heavy((OLD, tools), heir)
    debug = replace(OLD, name="pond-debuginfo", files=(file("/usr/lib/debug/x"),))
    assert heavy((OLD, debug), NEW) == []


def test_a_file_that_moves_to_a_subpackage_is_a_note() -> None:
    rest = replace(NEW, files=NEW.files[1:])
    tools = replace(NEW, name="pond-tools", files=NEW.files[:1], provides=())
    found = compare((OLD,), (rest, tools))
    assert [(each.weight, each.new) for each in found if each.subject == "/usr/bin/pond"] == [
        (Weight.NOTE, "pond-tools")
    ]


def test_scriptlets() -> None:
    old = replace(OLD, scriptlets={"post": "#!/bin/sh\necho 1.0"})
    assert heavy(old, replace(NEW, scriptlets={"post": "#!/bin/sh\necho 1.1"})) == []
    assert heavy(old, replace(NEW, scriptlets={"post": "#!/bin/sh\nrm -r /"})) == [("scriptlet", "pond %post")]
    assert heavy(old, NEW) == [("scriptlet", "pond %post")]
    assert heavy(OLD, replace(NEW, scriptlets={"trigger 0": "#!/bin/sh\nx"})) == [("scriptlet", "pond %trigger 0")]


@pytest.mark.parametrize(
    ("old", "new", "weighs"),
    [
        (1000, 2500, False),
        (2 << 20, 8 << 20, True),
        (2 << 20, 3 << 20, False),
        (8 << 20, 2 << 20, True),
        (1000, 0, True),
    ],
)
def test_sizes(old: int, new: int, weighs: bool) -> None:
    found = heavy(replace(OLD, size=old), replace(NEW, size=new))
    assert found == ([("size", "all packages")] if weighs else [])


def test_paths_have_areas() -> None:
    assert area("/usr/sbin/x") is Area.COMMAND
    assert area("/usr/lib64/libx.so.1.2") is Area.LIBRARY
    assert area("/usr/lib64/libx.so") is Area.DEVELOPMENT
    assert area("/anything") is Area.FILE


_paths = st.sampled_from(["/usr/bin/a", "/etc/a.conf", "/usr/lib64/liba.so.1", "/usr/share/a", "/usr/share/doc/a"])
_files = st.lists(
    st.builds(
        RpmFile, _paths, st.sampled_from([0o100644, 0o100755, 0o104755, 0o040755, 0o120777]), st.just("root"), st.just("root"),
        st.just(1), st.sampled_from(["x", "y"]), st.just(""), st.sampled_from(["", "cap_net_raw=ep"]),
        st.sampled_from([(), ("config",), ("config", "noreplace")]),
    ),
    max_size=5, unique_by=lambda each: each.path,
)  # fmt: skip
_words = st.lists(st.sampled_from(["a = 1", "b >= 2", "c", "(d if e)", "liba.so.1()(64bit)"]), max_size=4, unique=True)
_rpms = st.builds(
    Rpm, st.just("a"), st.just(0), st.sampled_from(["1.0", "2.0"]), st.just("1"), st.just("noarch"), st.just("MIT"),
    st.integers(0, 1 << 24), _files.map(tuple), _words.map(tuple), _words.map(tuple),
)  # fmt: skip


@given(_rpms)
def test_nothing_differs_from_itself(package: Rpm) -> None:
    assert compare((package,), (package,)) == ()


@given(_rpms, _rpms)
def test_every_difference_tells_both_sides_and_is_told_once(old: Rpm, new: Rpm) -> None:
    found = compare((old,), (new,))
    assert all(isinstance(each, Difference) and (each.old or each.new) and str(each.remark) for each in found)
    assert all(each.old != each.new for each in found)
    assert len({(each.kind, each.subject, each.old, each.new) for each in found}) == len(found)
