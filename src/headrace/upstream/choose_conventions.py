"""How some projects number development, as they themselves document it: facts that no tag list shows by itself."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from headrace.upstream.choose_families import names_of

_ODD = """
    perl ntp dbus glib gtk gtk2 gtk3 gtk4 vala gstreamer gstpluginsbase gstpluginsgood gstpluginsbad gstpluginsugly gstlibav
    gstrtspserver gsteditingservices gstreamervaapi gstpython libguestfs cairo pixman webkitgtk
    bind bind9 kea ghc lilypond gnumeric goffice cyrusimapd gimp babl gegl networkmanageropenvpn libsecret pango
    atk gobjectintrospection pygobject gjs libsoup epiphany evolution evolutiondataserver mutter gnomeshell
    xfce4panel xfce4session xfdesktop xfwm4 xfconf libxfce4ui libxfce4util thunar exo garcon mysqlworkbench
"""

_PUBLISHED = "nginx nbdkit libnbd virtv2v guestfstools"
_NO_GNOME_RULE = """
    libxml2 libxslt gtkdoc intltool libgsf libnotify libgovirt libgdata yelpxsl gnomedocutils gucharmap
    mobilebroadbandproviderinfo     gnomecommon gtkspell libcroco libmediaart
"""


@dataclass(frozen=True, slots=True)
class Convention:
    """What a project's numbers say about a release being one for everybody."""

    odd_minor: bool = False
    """X.1, X.3 ... are development series."""
    least_minor: int = 0
    """Smaller minor numbers of a major are development and candidates."""
    zero_minor: bool = False
    """Only X.0 and X.0.z are stable."""
    published: bool = False
    """The development series are published like releases: where a list holds nothing else, they are what there is."""


_TABLE: dict[str, Convention] = {
    **dict.fromkeys(_ODD.split(), Convention(odd_minor=True)),
    **dict.fromkeys(_PUBLISHED.split(), Convention(odd_minor=True, published=True)),
    "ceph": Convention(least_minor=2),
    "wine": Convention(zero_minor=True),
}


def convention_of(names: Collection[str]) -> Convention | None:
    """The documented convention of a project known by one of `names` (squeezed), if this table holds it."""
    return next((_TABLE[name] for name in sorted(names) if name in _TABLE), None)


def is_gnome(identity: str) -> bool:
    """Whether the project lives at GNOME, whose modules have odd development series and .9x pre-releases before 40."""
    if names_of(identity) & frozenset(_NO_GNOME_RULE.split()):
        return False
    text = identity.lower()
    return "gitlab.gnome" in text or "gnome.org" in text or "github.com/gnome/" in text or " gnome/" in f" {text}"
