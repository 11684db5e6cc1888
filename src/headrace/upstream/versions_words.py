"""The words that people put into tags, and what each says about the version beside it."""

from __future__ import annotations

import re
from enum import StrEnum


class Sense(StrEnum):
    """What a word beside a version says."""

    PRE = "pre-release"
    """Comes before the release: alpha, rc, milestone ..."""
    SNAPSHOT = "snapshot"
    """A state of the code that is no release: snapshot, nightly, git, init ..."""
    POST = "post-release"
    """Comes after the release and is one itself: patch, p, post, update ..."""
    PLAIN = "plain"
    """Says nothing about the version: final, ga, release, signed ..."""
    WITHDRAWN = "withdrawn"
    """Upstream takes the version back: retracted, broken ..."""
    VENDOR = "vendor"
    """The mark of a distribution: el7, ubuntu1, dfsg ..."""
    BUILD = "build"
    """Build information that no order looks at: a commit, a build number."""
    LETTER = "letter"
    """A lone letter right behind a number: 1.1.1w, 2020a."""
    REVISION = "revision"
    """A number set off by a dash: 6.9.11-24, 33.23-1."""
    LOCAL = "local"
    """A number set off by a plus sign: 10.2+2.0.1."""
    UNKNOWN = "unknown"
    """A word that this table does not hold."""


_PRE = """
    a alpha alfa b beta betas c cr rc rcs pre prerelease preview prev candidate m milestone ms ea eap early tp
    d dev devel develop development test tests testing trial experimental exp unstable wip draft proposed proposal poc demo
    release-candidate unreleased pr dr
"""
_SNAPSHOT = """
    snapshot snap snapshots nightly daily weekly git svn cvs hg bzr scm init start branchpoint branch branched mergepoint
    merge anchor base latest tip head trunk canary continuous edge prepipeline before after bp freeze frozen import
    initial todo tmp temp
"""
_POST = """
    p pl patch patchlevel plevel post sp servicepack hotfix hf u up update upd errata rev revision sr mu fix bugfix
    rerelease
"""
_PLAIN = """
    final ga release released rel stable lts signed fixed real tarball dist official public general incubating
    sources src source gold master esr full r rtm rtw gm incompatible dfsg ds repack
"""
_WITHDRAWN = "retracted withdrawn yanked broken bad revoked obsolete invalid deprecated reverted dontuse"
_VENDOR = """
    el fc fedora rhel centos rh redhat oe openeuler suse opensuse sle sles sled deb debian ubuntu mdk mdv mga mandriva
    mageia amzn amazon alt altlinux arch gentoo slackware pld alpine anolis openanolis kylin uos azl photon cm distrotech
    freebsd openbsd netbsd macports homebrew android webos distro vendor packaging pkg raspbian deepin bpo lp fb-internal
"""
_DRESSING = """
    v ver vers version versions r rel release releases released tag tags upstream final stable master main trunk src source
    sources refs production prod official public eng
"""
_BUILD = "build bld g sha commit"

SENSES: dict[str, Sense] = {
    word: sense
    for sense, text in (
        (Sense.PRE, _PRE),
        (Sense.SNAPSHOT, _SNAPSHOT),
        (Sense.POST, _POST),
        (Sense.PLAIN, _PLAIN),
        (Sense.WITHDRAWN, _WITHDRAWN),
        (Sense.VENDOR, _VENDOR),
        (Sense.BUILD, _BUILD),
    )
    for word in text.split()
}
"""Each known word in lower case and its sense behind a version."""

DRESSING = frozenset(_DRESSING.split())
"""Words before a version that say nothing about the product."""

VENDOR_PREFIXES = frozenset(_VENDOR.split()) | {"archlinux", "epel", "sle12", "sle15", "sles11", "sles12", "sles15"}
"""Words before a version that mark another distribution's tag."""

_PRE_ORDER = {
    "d": 0,
    "dev": 0,
    "devel": 0,
    "a": 1,
    "alpha": 1,
    "alfa": 1,
    "b": 2,
    "beta": 2,
    "betas": 2,
    "m": 3,
    "milestone": 3,
}
_RC = 5


def sense_of(word: str) -> Sense:
    """What `word` (lower case) says behind a version. Words that only begin like pre, post or rc count as those."""
    known = SENSES.get(word)
    if known:
        return known
    if word.startswith(("alpha", "beta", "pre", "snapshot", "dev")) and len(word) < 20:
        return Sense.PRE
    if word.startswith("post"):
        return Sense.POST
    return Sense.UNKNOWN


def pre_rank(word: str) -> int:
    """Where a pre-release word stands: dev < alpha < beta < milestone < pre < rc. Unknown ones stand beside pre."""
    if word in ("rc", "cr", "c", "candidate", "rcs"):
        return _RC
    return _PRE_ORDER.get(word, 4)


COMMIT = re.compile(r"(?=[0-9a-f]*[a-f])(?=[0-9a-f]*[0-9])[0-9a-f]{7,40}")
"""A commit id as a tag or as a part of one: seven hexadecimal digits or more, letters and digits among them."""
