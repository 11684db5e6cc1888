from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import world as small
from world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A distribution of two packages with its upstreams on loopback."""
    with small.world(tmp_path) as made:
        yield made
