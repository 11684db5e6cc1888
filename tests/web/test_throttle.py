"""Trying tokens is slow by address and in all."""

from __future__ import annotations

from headrace.web.throttle import Throttle


def test_five_wrong_tokens_then_a_pause():
    now = [100.0]
    throttle = Throttle(clock=lambda: now[0])
    for _ in range(5):
        assert throttle.wait("10.0.0.1") == 0
        throttle.failed("10.0.0.1")
    assert throttle.wait("10.0.0.1") == 61
    assert throttle.wait("10.0.0.2") == 0
    now[0] += 60.5
    assert throttle.wait("10.0.0.1") == 0


def test_attack_many_addresses_are_slowed_together():
    now = [0.0]
    throttle = Throttle(in_all=20, clock=lambda: now[0])
    for number in range(20):
        throttle.failed(f"10.0.0.{number}")
    assert throttle.wait("10.9.9.9") > 0


def test_attack_addresses_without_end_do_not_fill_the_memory():
    throttle = Throttle(clock=lambda: 0.0)
    for number in range(12_000):
        throttle.failed(str(number))
    assert len(throttle._by_address) == 10_000
