"""Values of the rooms to JSON and back, by their type hints; never pickle, for the database may be written by others."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from cattrs import BaseValidationError
from cattrs.preconf.json import make_converter

from headrace.errors import HeadraceError
from headrace.words import Text

_T = TypeVar("_T")
_CONVERTER = make_converter()
_CONVERTER.register_unstructure_hook(Path, str)
_CONVERTER.register_structure_hook(Path, lambda value, _: Path(value))


def _plain(text: Text) -> dict[str, Any]:
    values = {name: _plain(value) if isinstance(value, Text) else value for name, value in text.values.items()}
    return {"text": text.text, "values": values}


def _text(value: Any) -> Text:
    """A sentence; a value that is a dict can only be a sentence within it."""
    values = {str(name): _text(one) if isinstance(one, dict) else one for name, one in value["values"].items()}
    return Text(str(value["text"]), values)


_CONVERTER.register_unstructure_hook(Text, _plain)
_CONVERTER.register_structure_hook(Text, lambda value, _: _text(value))


class StoreError(HeadraceError):
    """What the store holds cannot be read, or the store cannot be reached."""


def encode(value: object, kind: Any) -> Any:
    """The JSON form (dicts, lists, texts, numbers) of a value of type `kind`."""
    return _CONVERTER.unstructure(value, unstructure_as=kind)


def decode(value: Any, kind: type[_T]) -> _T:
    """The value that `encode` gave. Raises StoreError when the form does not fit the type."""
    try:
        return _CONVERTER.structure(value, kind)
    except (BaseValidationError, ValueError, TypeError, KeyError) as error:
        name = getattr(kind, "__name__", str(kind))
        raise StoreError(
            f"a stored {name} cannot be read", type(error).__name__, "was it written by a newer Headrace?"
        ) from error
