"""Invented upstreams with a known answer: styles and their change, noise, development series, slips, days or none."""

from __future__ import annotations

import json

import pytest

from headrace.upstream.pick import pick_line
from upstream.invented import upstream


@pytest.mark.parametrize("start", range(0, 400, 50))
def test_the_newest_release_of_invented_upstreams(start: int) -> None:
    for seed in range(start, start + 50):
        record, expected = upstream(seed)
        answer = pick_line(json.dumps(record))
        assert answer["stable"] == expected, (seed, answer["reason"], answer["rejected"])
