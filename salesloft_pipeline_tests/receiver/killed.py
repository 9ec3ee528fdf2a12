"""A receiver that is killed under load, again and again, and what is left of what it acknowledged."""

from __future__ import annotations

from contextlib import ExitStack

from salesloft_pipeline.landing import Landing
from salesloft_pipeline_tests.receiver.load import Load, sending
from salesloft_pipeline_tests.receiver.stand import ALL, Process

SENDERS = 8


def survivors(landing_url: str) -> list[bytes]:
    """Bodies of all rows, once each row."""
    return [row.body for row in Landing(landing_url).pending(ALL, ALL)]


def killed_under_load(landing_url: str, *, kills: int, doors: int = 1, code: str | None = None) -> Load:
    """Kill one door after the other while senders never stop; each is opened again on its port."""
    with ExitStack() as stack:
        processes = [stack.enter_context(Process(landing_url, code=code)) for _ in range(doors)]
        with sending([process.port for process in processes], SENDERS) as load:
            for number in range(kills):
                load.wait_for_more(50)
                victim = processes[number % doors]
                victim.kill()
                if number < kills - 1:
                    again = stack.enter_context(Process(landing_url, port=victim.port, code=code))
                    processes[number % doors] = again
            for process in processes:
                process.kill()
    return load


def assert_kept(load: Load, rows: list[bytes]) -> None:
    """Every 200 has its row, no row is there twice, and none was called new twice."""
    lost = load.acknowledged - set(rows)
    assert not lost, f"{len(lost)} of {len(load.acknowledged)} acknowledged deliveries are lost"
    assert len(rows) == len(set(rows)), f"{len(rows) - len(set(rows))} deliveries are there twice"
    assert max(load.accepted.values()) == 1, "a delivery was called new twice"
