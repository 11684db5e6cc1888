"""One small reply of every further source, in the true form of its service; every host is one that cannot exist."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from headrace.upstream.model import Project, Source
from headrace.upstream.sources.cran import Cran
from headrace.upstream.sources.crates import SparseIndex
from headrace.upstream.sources.goproxy import ModuleProxy
from headrace.upstream.sources.hackage import Hackage
from headrace.upstream.sources.hexpm import Hex
from headrace.upstream.sources.maven import MavenRepository
from headrace.upstream.sources.metacpan import MetaCpan
from headrace.upstream.sources.packagist import Packagist
from headrace.upstream.sources.rubygems import CompactIndex

SHA = hashlib.sha256(b"x").hexdigest()
COMMIT = "c" * 40
DAY = "2024-05-01T10:00:00+00:00"


@dataclass(frozen=True)
class Case:
    """A source, a project, the replies by URL, and what they announce: version -> (file names, day, withdrawn, early)."""

    make: Callable[[], Source]
    project: Project
    replies: Mapping[str, bytes]
    versions: Mapping[str, tuple[object, ...]]
    notes: tuple[str, ...] = ()
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    statuses: Mapping[str, int] = field(default_factory=dict)


def js(value: object) -> bytes:
    return json.dumps(value).encode()


REGISTRIES = [
    Case(
        SparseIndex,
        Project("crates", "Weir", "https://crates.example", options={"downloads": "https://files.example/c"}),
        {
            "https://crates.example/we/ir/weir": js(
                {"name": "Weir", "vers": "1.0.0", "cksum": SHA, "yanked": False, "deps": [], "pubtime": DAY}
            )
            + b"\n"
            + js({"name": "Weir", "vers": "1.1.0-rc.1", "cksum": SHA, "yanked": True})
            + b"\n"
        },
        {"1.0.0": ("Weir-1.0.0.crate", DAY, None, False), "1.1.0-rc.1": ("Weir-1.1.0-rc.1.crate", None, "", True)},
    ),
    Case(
        CompactIndex,
        Project("rubygems", "weir", "https://gems.example"),
        {
            "https://gems.example/info/weir": f"---\n1.0 rack:>= 1&< 3|checksum:{SHA},ruby:>= 2.0,created_at:{DAY}\n"
            f"1.0-java |checksum:{SHA}\n1.1.pre1 |checksum:{SHA}\n".encode()
        },
        {"1.0": ("weir-1.0.gem", DAY, None, False), "1.1.pre1": ("weir-1.1.pre1.gem", None, None, True)},
    ),
    Case(
        ModuleProxy,
        Project("go", "forge.example/Mill/weir", "https://proxy.example"),
        {"https://proxy.example/forge.example/!mill/weir/@v/list": b"v1.0.0\nv2.0.0+incompatible\nv1.1.0-rc1\n"},
        {
            "1.0.0": ("weir-1.0.0.zip", None, None, False),
            "2.0.0": ("weir-2.0.0.zip", None, None, False),
            "1.1.0-rc1": ("weir-1.1.0-rc1.zip", None, None, True),
        },
    ),
    Case(
        MavenRepository,
        Project("maven", "example.mill:weir", "https://maven.example"),
        {
            "https://maven.example/example/mill/weir/maven-metadata.xml": b"<?xml version='1.0' encoding='UTF-8'?><metadata>"
            b"<groupId>example.mill</groupId><artifactId>weir</artifactId><versioning><latest>1.1</latest><versions>"
            b"<version>1.0</version><version>1.1-SNAPSHOT</version></versions></versioning></metadata>"
        },
        {"1.0": (None, None, None, None), "1.1-SNAPSHOT": (None, None, None, True)},
    ),
    Case(
        Hackage,
        Project("hackage", "weir", "https://hackage.example"),
        {
            "https://hackage.example/package/weir/preferred": js(
                {"normal-version": ["1.1"], "deprecated-version": ["1.0"]}
            )
        },
        {"1.1": ("weir-1.1.tar.gz", None, None, None), "1.0": ("weir-1.0.tar.gz", None, "", None)},
    ),
    Case(
        Cran,
        Project("cran", "weir", "https://cran.example"),
        {
            "https://cran.example/web/packages/weir/DESCRIPTION": b"Package: weir\nVersion: 1.2-1\nTitle: A\n  Version: x\n"
            b"Date/Publication: 2024-05-01 10:00:00 UTC\n",
            "https://cran.example/src/contrib/Archive/weir/": b'<a href="?C=N">Name</a><a href="weir_1.0.tar.gz">x</a>'
            b"</td><td>2023-01-02 03:04  </td>",
        },
        {
            "1.2-1": ("weir_1.2-1.tar.gz", DAY, None, None),
            "1.0": ("weir_1.0.tar.gz", "2023-01-02T03:04:00+00:00", None, None),
        },
    ),
    Case(
        MetaCpan,
        Project("metacpan", "Weir-Gate", "https://cpan.example/v1"),
        {
            "https://cpan.example/v1/release/versions/Weir-Gate": js(
                {
                    "releases": [
                        {
                            "version": version,
                            "date": DAY[:19],
                            "status": status,
                            "maturity": maturity,
                            "download_url": f"https://files.example/Weir-Gate-{version}.tar.gz",
                            "checksum_sha256": SHA,
                            "authorized": rightful,
                        }
                        for version, status, maturity, rightful in [
                            ("v1.2", "latest", "released", True),
                            ("1.3_01", "cpan", "developer", True),
                            ("1.0", "backpan", "released", True),
                            ("9", "cpan", "released", False),
                        ]
                    ]
                }
            )
        },
        {
            "1.2": ("Weir-Gate-v1.2.tar.gz", DAY, None, False),
            "1.3_01": ("Weir-Gate-1.3_01.tar.gz", DAY, None, True),
            "1.0": ("Weir-Gate-1.0.tar.gz", DAY, "kept by the back archive only", False),
        },
    ),
    Case(
        Packagist,
        Project("packagist", "mill/weir", "https://php.example"),
        {
            "https://php.example/p2/mill/weir.json": js(
                {
                    "minified": "composer/2.0",
                    "packages": {
                        "mill/weir": [
                            {
                                "version": "v1.1",
                                "time": DAY,
                                "abandoned": "mill/gate",
                                "source": {"type": "git", "reference": COMMIT},
                                "dist": {"type": "zip", "url": "https://files.example/a", "shasum": ""},
                            },
                            {"version": "1.0", "dist": "__unset"},
                        ]
                    },
                }
            )
        },
        {"1.1": ("weir-1.1.zip", DAY, None, None), "1.0": (None, DAY, None, None)},
        ("Its author abandoned the package and names mill/gate instead",),
    ),
    Case(
        Hex,
        Project("hex", "weir", "https://hex.example", options={"downloads": "https://files.example"}),
        {
            "https://hex.example/api/packages/weir": js(
                {
                    "name": "weir",
                    "releases": [{"version": "1.1.0-rc.0", "inserted_at": DAY}, {"version": "1.0.0"}],
                    "retirements": {"1.0.0": {"reason": "security", "message": "leaks"}},
                }
            )
        },
        {
            "1.1.0-rc.0": ("weir-1.1.0-rc.0.tar", DAY, None, True),
            "1.0.0": ("weir-1.0.0.tar", None, "security: leaks", False),
        },
    ),
]
CASES = [*REGISTRIES]
