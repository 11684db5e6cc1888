"""How some projects number development, as they themselves document it: facts that no tag list shows by itself."""

from __future__ import annotations

from dataclasses import dataclass

from headrace.upstream.choose_families import names_of

_ODD = """
    perl ntp dbus glib gtk gtk2 gtk3 gtk4 vala gstreamer gstpluginsbase gstpluginsgood gstpluginsbad gstpluginsugly gstlibav
    gstrtspserver gsteditingservices gstreamervaapi gstpython libguestfs cairo pixman webkitgtk ghc lilypond gnumeric
    goffice gimp libsecret pango atk gobjectintrospection pygobject gjs libsoup epiphany evolution evolutiondataserver
    dconf vte vte291 wireshark flatpak
"""
_LETTER_TESTS = "autoconf automake libtool m4"
_PUBLISHED = "nginx nbdkit libnbd virtv2v guestfstools"
_NO_GNOME_RULE = """
    libxml2 libxslt gtkdoc intltool libgsf libnotify libgovirt libgdata gnomedocutils gucharmap
    mobilebroadbandproviderinfo     gnomecommon gtkspell libcroco libmediaart
"""


@dataclass(frozen=True, slots=True)
class Convention:
    """What a project's numbers say about a release being one for everybody."""

    odd_minor: bool = False
    """X.1, X.3 ... are development series."""
    odd_from: tuple[int, ...] = ()
    """The first series for which odd means development; before it odd ones were releases."""
    least_minor: int = 0
    """Smaller minor numbers of a major are development and candidates."""
    zero_minor: bool = False
    """Only X.0 and X.0.z are stable."""
    published: bool = False
    """The development series are published like releases: where a list holds nothing else, they are what there is."""
    letter_tests: bool = False
    """A letter behind the number marks a test release (2.69b)."""


_TABLE: dict[str, Convention] = {
    **dict.fromkeys(_ODD.split(), Convention(odd_minor=True)),
    **dict.fromkeys(_PUBLISHED.split(), Convention(odd_minor=True, published=True)),
    **dict.fromkeys(_LETTER_TESTS.split(), Convention(letter_tests=True)),
    **dict.fromkeys(("bind", "bind9"), Convention(odd_minor=True, odd_from=(9, 13))),
    "kea": Convention(odd_minor=True, odd_from=(1, 7)),
    "cyrusimapd": Convention(odd_minor=True, odd_from=(3, 1)),
    "ceph": Convention(least_minor=2),
    "squid": Convention(least_minor=1),
    "wine": Convention(zero_minor=True),
}
_ODD_HOMES = ("gitlab.xfce.org", "github.com/xfce-mirror/", "github.com/mate-desktop/")


def convention_of(identity: str) -> Convention | None:
    """The documented convention of a project, if this table holds it or its home has one."""
    if any(home in identity.lower() for home in _ODD_HOMES):
        return Convention(odd_minor=True)
    return next((_TABLE[name] for name in sorted(names_of(identity)) if name in _TABLE), None)


def is_gnome(identity: str) -> bool:
    """Whether the project lives at GNOME, whose modules have odd development series and .9x pre-releases before 40."""
    if names_of(identity) & frozenset(_NO_GNOME_RULE.split()):
        return False
    text = identity.lower()
    return "gitlab.gnome" in text or "gnome.org" in text or "github.com/gnome/" in text or " gnome/" in f" {text}"
