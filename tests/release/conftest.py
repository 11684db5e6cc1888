from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from release.shop import Shop, open_shop
from signature.tiny import Signer, make_signer


@pytest.fixture(scope="session")
def ours() -> Iterator[Signer]:
    with TemporaryDirectory() as place:
        yield make_signer(Path(place, "ours"), "Our Key", "rsa3072")


@pytest.fixture(scope="session")
def theirs() -> Iterator[Signer]:
    with TemporaryDirectory() as place:
        yield make_signer(Path(place, "theirs"), "Their Key")


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(tmp_path_factory.mktemp("shop"))
