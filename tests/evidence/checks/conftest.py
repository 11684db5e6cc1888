"""The case that the tests of checks spoil."""

from __future__ import annotations

import pytest

from evidence.pond import good_case
from headrace.evidence.model import Case


@pytest.fixture
def case() -> Case:
    """An upgrade in which everything is well."""
    return good_case()
