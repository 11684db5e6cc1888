"""One small reply of every further source, in the true form of its service; every host is one that cannot exist."""

from __future__ import annotations

import gzip
import hashlib

from headrace.upstream.model import Project
from headrace.upstream.sources.anitya import Anitya
from headrace.upstream.sources.apache import Apache
from headrace.upstream.sources.container import ContainerRegistry
from headrace.upstream.sources.cran import Cran
from headrace.upstream.sources.crates import SparseIndex
from headrace.upstream.sources.ctan import Ctan
from headrace.upstream.sources.folder import Folder
from headrace.upstream.sources.ftp import FtpFolder
from headrace.upstream.sources.gnome import Gnome
from headrace.upstream.sources.gnu import Gnu
from headrace.upstream.sources.goproxy import ModuleProxy
from headrace.upstream.sources.hackage import Hackage
from headrace.upstream.sources.hexpm import Hex
from headrace.upstream.sources.json_path import JsonPath
from headrace.upstream.sources.kde import Kde
from headrace.upstream.sources.kernel import Kernel
from headrace.upstream.sources.maven import MavenRepository
from headrace.upstream.sources.metacpan import MetaCpan
from headrace.upstream.sources.nuget import NuGet
from headrace.upstream.sources.opam import Opam
from headrace.upstream.sources.packagist import Packagist
from headrace.upstream.sources.page import Page
from headrace.upstream.sources.pecl import Pecl
from headrace.upstream.sources.pub import PubServer
from headrace.upstream.sources.repology import Repology
from headrace.upstream.sources.rpm import RpmRepository
from headrace.upstream.sources.rubygems import CompactIndex
from headrace.upstream.sources.sourceforge import SourceForge
from headrace.upstream.sources.xorg import XOrg
from upstream.sources.recorded_forges import FORGES
from upstream.sources.recording import COMMIT, DAY, SHA, Case, js

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
MODULES = [
    Case(
        NuGet,
        Project("nuget", "Weir.Net", "https://nuget.example"),
        {"https://nuget.example/v3-flatcontainer/weir.net/index.json": js({"versions": ["1.0.0", "1.1.0-RC"]})},
        {
            "1.0.0": ("weir.net.1.0.0.nupkg", None, None, False),
            "1.1.0-RC": ("weir.net.1.1.0-rc.nupkg", None, None, True),
        },
        ("The feed does not say which versions were unlisted",),
    ),
    Case(
        PubServer,
        Project("pub", "weir", "https://pub.example"),
        {
            "https://pub.example/api/packages/weir": js(
                {
                    "name": "weir",
                    "isDiscontinued": True,
                    "versions": [
                        {
                            "version": "1.0.0",
                            "retracted": True,
                            "archive_url": "https://pub.example/a.tgz",
                            "archive_sha256": SHA,
                            "published": DAY,
                        }
                    ],
                }
            )
        },
        {"1.0.0": ("weir-1.0.0.tar.gz", DAY, "", False)},
        ("Its author discontinued the package",),
    ),
    Case(
        Opam,
        Project("opam", "weir", "https://opam.example"),
        {
            "https://opam.example/packages/weir/": b'<a href="/">x</a><a href="../weir.1.0/">1.0</a>'
            b'<a href="../weir.1.1~beta/">b</a><a href="../weir-tools.9/">t</a>'
        },
        {"1.0": (None, None, None, None), "1.1~beta": (None, None, None, None)},
    ),
    Case(
        Ctan,
        Project("ctan", "weir", "https://ctan.example"),
        {
            "https://ctan.example/json/2.0/pkg/weir": js(
                {"id": "weir", "version": {"number": "1.2b", "date": "2024-05-01"}}
            )
        },
        {"1.2b": (None, "2024-05-01T00:00:00+00:00", None, None)},
        ("CTAN tells the newest version only",),
    ),
    Case(
        Pecl,
        Project("pecl", "Weir", "https://pecl.example"),
        {
            "https://pecl.example/rest/r/weir/allreleases.xml": b'<?xml version="1.0"?><a xmlns="http://pear.example/dtd">'
            b"<p>weir</p><c>pecl.example</c><r><v>1.1RC1</v><s>beta</s></r><r><v>1.0</v><s>stable</s></r></a>"
        },
        {"1.1RC1": ("weir-1.1RC1.tgz", None, None, True), "1.0": ("weir-1.0.tgz", None, None, False)},
    ),
    Case(
        Gnome,
        Project("gnome", "weir", "https://gnome.example"),
        {
            "https://gnome.example/sources/weir/cache.json": js(
                [4, {"weir": {"46.1": {"tar.xz": "46/weir-46.1.tar.xz", "sha256sum": "46/x"}}}, {"weir": ["46.1"]}, {}]
            )
        },
        {"46.1": ("weir-46.1.tar.xz", None, None, None)},
    ),
    Case(
        Kernel,
        Project("kernel", "linux", "https://kernel.example"),
        {
            "https://kernel.example/releases.json": js(
                {
                    "releases": [
                        {
                            "version": "6.9.1",
                            "moniker": "stable",
                            "iseol": True,
                            "source": "https://cdn.example/linux-6.9.1.tar.xz",
                            "pgp": "https://cdn.example/linux-6.9.1.tar.sign",
                            "released": {"timestamp": 1714557600},
                        },
                        {"version": "6.10-rc1", "moniker": "mainline", "iseol": False, "source": None},
                        {"version": "next-20240501", "moniker": "linux-next", "iseol": False},
                    ]
                }
            )
        },
        {"6.9.1": ("linux-6.9.1.tar.xz", DAY, None, False), "6.10-rc1": (None, None, None, True)},
        ("Upstream ended the line of 6.9.1",),
    ),
]

PRIMARY = gzip.compress(
    b'<?xml version="1.0"?><metadata xmlns="http://linux.example/common"><package type="rpm"><name>weir</name>'
    b'<arch>src</arch><version epoch="1" ver="1.2" rel="3"/><checksum type="sha256">'
    + SHA.encode()
    + b'</checksum><time file="1" build="1714557600"/><location href="Packages/weir-1.2-3.src.rpm"/></package></metadata>',
    mtime=0,
)
PRIMARY_SHA = hashlib.sha256(PRIMARY).hexdigest()
LISTING = (
    b'<a href="?C=M;O=A">m</a><a href="/up/">Parent</a>'
    b'<a href="weir-1.0.tar.gz">weir-1.0.tar.gz</a>   2023-01-02 03:04  1M\n'
    b'<a href="weir-1.1.tar.xz">weir-1.1.tar.xz</a>   01-May-2024 10:00  12\n'
    b'<a href="weir-1.1.tar.gz">x</a><a href="weir-1.1.tar.gz.sig">s</a><a href="weir-docs-1.2.tar.gz">d</a>'
    b'<a href="weir-1.2-win32.zip">w</a>'
)
LISTED = {
    "1.0": ("weir-1.0.tar.gz", "2023-01-02T03:04:00+00:00", None, None),
    "1.1": ("weir-1.1.tar.xz", DAY, None, None),
}
FOLDERS = b'<a href="../">up</a><a href="6.1/">6.1/</a> 2024-05-01 10:00<a href="6.0/">6.0/</a><a href="latest/">l</a>'
PLACES = [
    Case(
        RpmRepository,
        Project("rpm", "weir", "https://rpm.example/os"),
        {
            "https://rpm.example/os/repodata/repomd.xml": b'<repomd xmlns="http://linux.example/repo"><data type="primary">'
            b'<checksum type="sha256">'
            + PRIMARY_SHA.encode()
            + b'</checksum><location href="repodata/primary.xml.gz"/></data></repomd>',
            "https://rpm.example/os/repodata/primary.xml.gz": PRIMARY,
        },
        {"1.2": ("weir-1.2-3.src.rpm", DAY, None, None)},
    ),
    Case(
        ContainerRegistry,
        Project("container", "mill/weir", "https://images.example"),
        {
            "https://images.example/v2/mill/weir/tags/list?n=1000": js(
                {"name": "mill/weir", "tags": ["1.0", "latest"]}
            ),
            "https://images.example/v2/mill/weir/tags/list?n=1000&last=latest": js(
                {"name": "mill/weir", "tags": ["1.1"]}
            ),
        },
        {"1.0": (None,) * 4, "latest": (None,) * 4, "1.1": (None,) * 4},
        headers={
            "https://images.example/v2/mill/weir/tags/list?n=1000": {
                "link": '</v2/mill/weir/tags/list?n=1000&last=latest>; rel="next"'
            }
        },
    ),
    Case(Gnu, Project("gnu", "weir", "https://gnu.example/gnu"), {"https://gnu.example/gnu/weir/": LISTING}, LISTED),
    Case(
        Apache,
        Project("apache", "mill/weir", "https://apache.example"),
        {"https://apache.example/mill/weir/": LISTING},
        LISTED,
    ),
    Case(
        XOrg,
        Project("xorg", "lib/weir", "https://x.example"),
        {"https://x.example/releases/individual/lib/": LISTING},
        LISTED,
    ),
    Case(Folder, Project("folder", "weir", "https://web.example/dl"), {"https://web.example/dl/": LISTING}, LISTED),
    Case(
        Kde,
        Project("kde", "release-service/weir", "https://kde.example"),
        {"https://kde.example/stable/release-service/": FOLDERS},
        {"6.1": ("weir-6.1.tar.xz", DAY, None, None), "6.0": ("weir-6.0.tar.xz", None, None, None)},
    ),
    Case(
        FtpFolder,
        Project("ftp", "weir", "https://ftp.example/pub"),
        {
            "https://ftp.example/pub/": b"total 9\r\ndrwxr-xr-x    2 ftp      ftp          4096 May 01  2024 old\r\n"
            b"-rw-r--r--    1 ftp      ftp         12345 May 01  2024 weir-1.0.tar.gz\r\n"
        },
        {"1.0": ("weir-1.0.tar.gz", None, None, None)},
    ),
    Case(
        SourceForge,
        Project("sourceforge", "weir", "https://forge.example"),
        {
            "https://forge.example/projects/weir/rss?path=/": b'<?xml version="1.0"?><rss xmlns:media="http://media.example/">'
            b"<channel><title>weir</title><item><title>/weir/1.0/weir-1.0.tar.gz</title>"
            b"<link>https://forge.example/projects/weir/files/weir-1.0.tar.gz/download</link>"
            b"<pubDate>Wed, 01 May 2024 10:00:00 UT</pubDate><media:content fileSize='12'><media:hash algo='md5'>"
            + b"a" * 32
            + b"</media:hash></media:content></item></channel></rss>"
        },
        {"1.0": ("weir-1.0.tar.gz", DAY, None, None)},
        ("The feed of files lists the newest ones only",),
    ),
    Case(
        Anitya,
        Project("anitya", "42", "https://anitya.example"),
        {
            "https://anitya.example/api/v2/versions/?project_id=42": js(
                {"latest_version": "1.1b1", "versions": ["1.1b1", "1.0"], "stable_versions": ["1.0"]}
            )
        },
        {"1.1b1": (None, None, None, True), "1.0": (None, None, None, False)},
    ),
    Case(
        Repology,
        Project("repology", "weir", "https://repology.example"),
        {
            "https://repology.example/api/v1/project/weir": js(
                [
                    {"repo": "a", "version": "1.1rc1", "status": "devel"},
                    {"repo": "b", "version": "1.0", "status": "newest"},
                    {"repo": "c", "version": "9999", "status": "rolling"},
                ]
            )
        },
        {"1.1rc1": (None, None, None, True), "1.0": (None, None, None, False)},
    ),
]

GENERIC = [
    Case(
        Page,
        Project(
            "page", "weir", "https://web.example/news?all=1", options={"pattern": r"weir-([0-9.]+)\.tar\.(?:gz|xz)"}
        ),
        {
            "https://web.example/news?all=1": b"<p>weir-1.0.tar.gz</p>\n<p>weir-1.1.tar.xz weir-1.1.tar.gz weir-2.zip</p>"
        },
        {"1.0": (None,) * 4, "1.1": (None,) * 4},
    ),
    Case(
        JsonPath,
        Project("json", "weir", "https://web.example/v.json", tag_prefix="v", options={"path": "releases.*.version"}),
        {"https://web.example/v.json": js({"releases": [{"version": "v1.0"}, {"version": "v1.1"}, {"draft": 1}]})},
        {"1.0": (None,) * 4, "1.1": (None,) * 4},
    ),
]
CASES = [*GENERIC, *REGISTRIES, *MODULES, *PLACES, *FORGES]
