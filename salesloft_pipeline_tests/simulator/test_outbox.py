"""What becomes of deliveries, whatever the receivers answer and the switches say."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from salesloft_pipeline.simulator import Switches
from salesloft_pipeline.simulator.team.chance import Dice
from salesloft_pipeline.simulator.team.hours import SECOND
from salesloft_pipeline.simulator.webhooks.outbox import ATTEMPTS, Delivery, Outbox

SHARES = st.sampled_from((0.0, 0.4, 1.0))
ANSWERS = st.lists(st.sampled_from((200, 204, 302, 404, 500, None)), min_size=1, max_size=40)


@settings(max_examples=60)
@given(ANSWERS, st.integers(0, 12), SHARES, SHARES, st.sampled_from((0.0, 7.5)), st.sampled_from((0.0, 60.0)))
def test_every_copy_is_delivered_once_or_lost_after_four_attempts(
    answers: list[int | None], count: int, losses: float, doubles: float, delay: float, burst: float
) -> None:
    """None vanishes, none comes again after a 2xx, and attempts are 15 seconds apart."""
    outbox, now, switches = Outbox(), 1_000 * SECOND, Switches(
        webhook_losses=losses, webhook_duplicates=doubles, webhook_delay_seconds=delay, webhook_burst_seconds=burst
    )  # fmt: skip
    outbox.put([Delivery("person_updated", n, 0, b"{}") for n in range(count)], now, Dice(3), switches)
    copies, lost = len(outbox), outbox.lost
    assert copies >= count - lost
    outcomes: Counter[str] = Counter()
    tried: dict[int, list[float]] = {}
    while len(outbox):
        now += 5 * SECOND
        while (delivery := outbox.take(now)) is not None:
            answer = answers[sum(outcomes.values()) % len(answers)]
            outcomes[outbox.settle(delivery, answer, now)] += 1
            assert isinstance(delivery.record_id, int)
            tried.setdefault(delivery.record_id, []).append(now / SECOND)
            assert delivery.attempt <= ATTEMPTS
    assert outcomes["delivered"] + outcomes["lost"] == copies
    assert outbox.lost == lost + outcomes["lost"]
    assert sum(outcomes.values()) == len(outbox.log) == sum(len(times) for times in tried.values())
    if not doubles:
        assert all(later - earlier >= 15 for times in tried.values() for earlier, later in pairwise(times))
