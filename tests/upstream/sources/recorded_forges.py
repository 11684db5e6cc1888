"""One small reply of every forge and of every kind of repository, in its true form; every host cannot exist."""

from __future__ import annotations

from headrace.upstream.model import Project
from headrace.upstream.sources.bitbucket import Bitbucket
from headrace.upstream.sources.cgit import Cgit
from headrace.upstream.sources.forgejo import Forgejo
from headrace.upstream.sources.fossil import Fossil
from headrace.upstream.sources.gitcode import GitCode
from headrace.upstream.sources.gitee import Gitee
from headrace.upstream.sources.github import GitHubReleases
from headrace.upstream.sources.github_graphql import GitHubGraphQl
from headrace.upstream.sources.gitiles import Gitiles
from headrace.upstream.sources.gitlab import GitLab
from headrace.upstream.sources.hg import Mercurial
from headrace.upstream.sources.launchpad import Launchpad
from headrace.upstream.sources.pagure import Pagure
from headrace.upstream.sources.sourcehut import SourceHut
from headrace.upstream.sources.svn import Subversion
from upstream.sources.recording import COMMIT, DAY, Case, js

TAG = {"1.0": ("weir-1.0.tar.gz", DAY, None, None)}
UNDATED = {"1.0": ("weir-1.0.tar.gz", None, None, None)}
GIT_AT = {"repository": "https://forge.example/mill/weir.git"}


def forge(source: str, name: str = "mill/weir") -> Project:
    return Project(source, name, f"https://{source}.example", tag_prefix="v", options=GIT_AT)


FORGES = [
    Case(
        GitLab,
        forge("gitlab", "mill/sub/weir"),
        {
            "https://gitlab.example/api/v4/projects/mill%2Fsub%2Fweir/repository/tags"
            "?order_by=updated&sort=desc&per_page=100": js(
                [{"name": "v1.0", "commit": {"id": COMMIT, "created_at": DAY}}]
            )
        },
        TAG,
    ),
    *(
        Case(
            make,
            forge(name),
            {
                f"https://{name}.example/api/v5/repos/mill/weir/tags?per_page=100&page=1": js(
                    [{"name": "v1.0", "commit": {"sha": COMMIT, "date": DAY}}]
                )
            },
            TAG,
        )
        for make, name in ((Gitee, "gitee"), (GitCode, "gitcode"))
    ),
    Case(
        Forgejo,
        forge("forgejo"),
        {
            "https://forgejo.example/api/v1/repos/mill/weir/tags?limit=50&page=1": js(
                [{"name": "v1.0", "id": COMMIT, "commit": {"sha": COMMIT, "created": DAY}}]
            ),
            "https://forgejo.example/api/v1/repos/mill/weir/tags?limit=50&page=2": js(
                [{"name": "v0.9", "id": COMMIT, "commit": {"sha": COMMIT, "created": DAY}}]
            ),
        },
        {**TAG, "0.9": ("weir-0.9.tar.gz", DAY, None, None)},
        headers={
            "https://forgejo.example/api/v1/repos/mill/weir/tags?limit=50&page=1": {
                "link": '<https://forgejo.example/api/v1/repos/mill/weir/tags?limit=50&page=2>; rel="next",'
                '<https://forgejo.example/api/v1/repos/mill/weir/tags?limit=50&page=2>; rel="last"'
            }
        },
    ),
    Case(
        Bitbucket,
        forge("bitbucket"),
        {
            "https://bitbucket.example/2.0/repositories/mill/weir/refs/tags?sort=-target.date&pagelen=100": js(
                {"values": [{"name": "v1.0", "target": {"hash": COMMIT, "date": DAY}}]}
            )
        },
        TAG,
    ),
    Case(
        Pagure,
        forge("pagure", "weir"),
        {"https://pagure.example/api/0/weir/git/tags?with_commits=1": js({"tags": {"v1.0": COMMIT}, "total_tags": 1})},
        UNDATED,
    ),
    Case(
        Gitiles,
        Project("gitiles", "weir", "https://gitiles.example/weir", "v"),
        {
            "https://gitiles.example/weir/+refs/tags?format=JSON": b")]}'\n"
            + js({"v1.0": {"value": "d" * 40, "peeled": COMMIT}})
        },
        UNDATED,
    ),
    Case(
        Launchpad,
        forge("launchpad", "weir"),
        {
            "https://launchpad.example/1.0/weir/releases?ws.size=300": js(
                {"total_size": 1, "entries": [{"version": "v1.0", "date_released": DAY}]}
            )
        },
        {"1.0": (None, DAY, None, None)},
    ),
    Case(
        GitHubReleases,
        forge("github-releases"),
        {
            "https://github-releases.example/mill/weir/releases.atom": b'<?xml version="1.0"?><feed xmlns="http://atom.example/">'
            b"<id>tag:x</id><entry><id>tag:x:v1.0</id><updated>2024-05-01T10:00:00Z</updated><title>One</title>"
            b'<link rel="alternate" type="text/html" href="https://github-releases.example/mill/weir/releases/tag/v1.0"/>'
            b"</entry></feed>"
        },
        TAG,
        ("The feed of releases lists the newest ones only",),
    ),
    Case(
        GitHubGraphQl,
        forge("github-graphql"),
        {
            "https://github-graphql.example/graphql": js(
                {
                    "data": {
                        "r0": {
                            "isArchived": True,
                            "nameWithOwner": "mill/gate",
                            "url": "https://forge.example/mill/weir",
                            "refs": {
                                "nodes": [
                                    {
                                        "name": "v1.0",
                                        "target": {
                                            "__typename": "Tag",
                                            "oid": "d" * 40,
                                            "tagger": {"date": DAY},
                                            "target": {"oid": COMMIT},
                                        },
                                    }
                                ]
                            },
                            "releases": {"nodes": [{"tagName": "v1.0", "isPrerelease": True, "publishedAt": DAY}]},
                        }
                    }
                }
            )
        },
        {"1.0": ("weir-1.0.tar.gz", DAY, None, True)},
        ("The repository is archived", "The repository has moved to mill/gate"),
    ),
    Case(
        SourceHut,
        forge("sourcehut", "~mill/weir"),
        {
            "https://sourcehut.example/~mill/weir/refs/rss.xml": b'<?xml version="1.0"?><rss version="2.0"><channel>'
            b"<item><title>v1.0</title><link>https://sourcehut.example/~mill/weir/refs/v1.0</link>"
            b"<pubDate>Wed, 01 May 2024 10:00:00 +0000</pubDate></item></channel></rss>"
        },
        TAG,
    ),
    Case(
        Cgit,
        Project("cgit", "weir", "https://cgit.example/weir.git", "v"),
        {
            "https://cgit.example/weir.git/refs/tags": b"<a href='/weir.git/snapshot/weir-1.0.tar.gz'>x</a>"
            b"<a href='/weir.git/tag/?h=v1.0'>v1.0</a></td><td><span title='2024-05-01 10:00:00 +0000'>2 days</span>"
        },
        TAG,
    ),
    Case(
        Mercurial,
        Project("hg", "weir", "https://hg.example/weir", "v"),
        {
            "https://hg.example/weir/json-tags": js(
                {
                    "node": COMMIT,
                    "tags": [
                        {"tag": "tip", "node": COMMIT},
                        {"tag": "v1.0", "node": COMMIT, "date": [1714557600.0, 0]},
                    ],
                }
            )
        },
        {"1.0": (None, DAY, None, None)},
    ),
    Case(
        Fossil,
        Project("fossil", "weir", "https://fossil.example/weir", "v"),
        {"https://fossil.example/weir/taglist": b'<a href="/weir/timeline?t=v1.0">v1.0</a><a href="/weir/login">l</a>'},
        {"1.0": (None, None, None, None)},
    ),
    Case(
        Subversion,
        Project("svn", "weir", "https://svn.example/weir/tags", "v"),
        {
            "https://svn.example/weir/tags/": b'<?xml version="1.0"?><D:multistatus xmlns:D="DAV:">'
            + b"".join(
                b"<D:response><D:href>/weir/tags/"
                + name
                + b"</D:href><D:propstat><D:prop><D:creationdate>2024-05-01T10:00:00Z"
                b"</D:creationdate><D:resourcetype><D:collection/></D:resourcetype></D:prop></D:propstat></D:response>"
                for name in (b"", b"v1.0/")
            )
            + b"</D:multistatus>"
        },
        {"1.0": (None, DAY, None, None)},
        statuses={"https://svn.example/weir/tags/": 207},
    ),
]
