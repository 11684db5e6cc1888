"""The numbers of RPM's header format that we use, and typed access to a header's values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, IntFlag


class Kind(IntEnum):
    """The types of header entries."""

    NULL = 0
    CHAR = 1
    INT8 = 2
    INT16 = 3
    INT32 = 4
    INT64 = 5
    STRING = 6
    BIN = 7
    STRINGS = 8
    I18N = 9


class Tag(IntEnum):
    """The entries of the main header that carry facts."""

    NAME = 1000
    VERSION = 1001
    RELEASE = 1002
    EPOCH = 1003
    SIZE = 1009
    LICENSE = 1014
    ARCH = 1022
    OLDFILENAMES = 1027
    FILESIZES = 1028
    FILEMODES = 1030
    FILEDIGESTS = 1035
    FILELINKTOS = 1036
    FILEFLAGS = 1037
    FILEUSERNAME = 1039
    FILEGROUPNAME = 1040
    SOURCERPM = 1044
    TRIGGERSCRIPTS = 1065
    TRIGGERNAME = 1066
    DIRINDEXES = 1116
    BASENAMES = 1117
    DIRNAMES = 1118
    PAYLOADCOMPRESSOR = 1125
    LONGFILESIZES = 5008
    LONGSIZE = 5009
    FILECAPS = 5010


class FileFlag(IntFlag):
    """What rpm knows of a file beyond its mode."""

    CONFIG = 1 << 0
    DOC = 1 << 1
    MISSINGOK = 1 << 3
    NOREPLACE = 1 << 4
    GHOST = 1 << 6
    LICENSE = 1 << 7
    README = 1 << 8
    PUBKEY = 1 << 11
    ARTIFACT = 1 << 12


class Sense(IntFlag):
    """The comparison in a dependency."""

    LESS = 1 << 1
    GREATER = 1 << 2
    EQUAL = 1 << 3


DEPENDENCIES = {
    "provides": (1047, 1112, 1113),
    "requires": (1049, 1048, 1050),
    "conflicts": (1054, 1053, 1055),
    "obsoletes": (1090, 1114, 1115),
    "recommends": (5046, 5048, 5047),
}
"""Kind of dependency -> the tags of its names, flags and versions."""

SCRIPTLETS = {
    "pre": (1023, 1085),
    "post": (1024, 1086),
    "preun": (1025, 1087),
    "postun": (1026, 1088),
    "verify": (1079, 1091),
    "pretrans": (1151, 1153),
    "posttrans": (1152, 1154),
    "preuntrans": (5104, 5106),
    "postuntrans": (5105, 5107),
}
"""Name of the scriptlet -> the tags of its text and of its interpreter."""

TRIGGERS = {"trigger": (1065, 1092), "filetrigger": (5066, 5067), "transfiletrigger": (5076, 5077)}
"""Name of the kind of trigger -> the tags of its texts and interpreters."""


@dataclass(frozen=True, slots=True)
class Header:
    """The values of a header by tag number. A value of another type than asked for reads as absent."""

    values: Mapping[int, tuple[str, ...] | tuple[int, ...] | bytes]

    def texts(self, tag: int) -> tuple[str, ...]:
        """The texts of an entry; empty when it is absent."""
        return tuple(each for each in self.values.get(tag, ()) if isinstance(each, str))

    def text(self, tag: int) -> str:
        """The first text of an entry, or ""."""
        return next(iter(self.texts(tag)), "")

    def numbers(self, tag: int) -> tuple[int, ...]:
        """The numbers of an entry; empty when it is absent."""
        value = self.values.get(tag, ())
        return () if isinstance(value, bytes) else tuple(each for each in value if isinstance(each, int))

    def number(self, tag: int) -> int | None:
        """The first number of an entry, or None."""
        return next(iter(self.numbers(tag)), None)
