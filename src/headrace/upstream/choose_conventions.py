"""How some projects number development, as they themselves document it: facts that no tag list shows by itself."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

_ODD = """
    perl dbus glib gtk gtk2 gtk3 gtk4 vala gstreamer gstpluginsbase gstpluginsgood gstpluginsbad gstpluginsugly gstlibav
    gstrtspserver gsteditingservices gstreamervaapi gstpython libguestfs nbdkit libnbd virtv2v guestfstools cairo pixman webkitgtk
    bind bind9 kea nginx ghc lilypond gnumeric goffice cyrusimapd gimp babl gegl networkmanageropenvpn libsecret pango
    atk gobjectintrospection pygobject gjs libsoup epiphany evolution evolutiondataserver mutter gnomeshell
    xfce4panel xfce4session xfdesktop xfwm4 xfconf libxfce4ui libxfce4util thunar exo garcon mysqlworkbench
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


_TABLE: dict[str, Convention] = {
    **dict.fromkeys(_ODD.split(), Convention(odd_minor=True)),
    "ceph": Convention(least_minor=2),
    "wine": Convention(zero_minor=True),
}


def convention_of(names: Collection[str]) -> Convention | None:
    """The documented convention of a project known by one of `names` (squeezed), if this table holds it."""
    return next((_TABLE[name] for name in sorted(names) if name in _TABLE), None)


def is_gnome(identity: str) -> bool:
    """Whether the project lives at GNOME, whose modules have odd development series and .9x pre-releases before 40."""
    text = identity.lower()
    return "gitlab.gnome" in text or "gnome.org" in text or "github.com/gnome/" in text or " gnome/" in f" {text}"
