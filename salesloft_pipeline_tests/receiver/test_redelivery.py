"""SalesLoft sends again whatever it is not sure of, and in a rotation everything twice: one row, one `accepted`."""

from __future__ import annotations

from collections import Counter

from salesloft_pipeline.landing import Landing
from salesloft_pipeline_tests.receiver.load import at_once
from salesloft_pipeline_tests.receiver.stand import BOUND, TOKEN, Process, serving

BODY = b'{"id": 1}'


def test_three_times_one_after_the_other(landing_url: str) -> None:
    """The first is accepted, the others are known; SalesLoft is content with all of them."""
    with serving(Landing(landing_url)) as stand:
        assert [stand.deliver(BODY).body for _ in range(3)] == [b"accepted\n", b"duplicate\n", b"duplicate\n"]
        assert len(stand.rows()) == 1


def test_twenty_at_the_same_time_through_two_doors(postgres_url: str) -> None:
    """Two receivers on one Postgres, twenty senders: one row, and one of the twenty is told `accepted`."""
    outcomes: Counter[bytes] = Counter()
    with serving(Landing(postgres_url)) as one, serving(Landing(postgres_url)) as other:

        def deliver(number: int) -> None:
            outcomes[(one, other)[number % 2].deliver(BODY).body] += 1

        with at_once(deliver, 20):
            pass
        assert outcomes == {b"accepted\n": 1, b"duplicate\n": 19}
        assert len(one.rows()) == 1


def test_twenty_at_the_same_time_in_one_commit(landing_url: str) -> None:
    """The same within one batch: the database cannot tell them apart there, the receiver does."""
    outcomes: Counter[bytes] = Counter()
    with serving(Landing(landing_url)) as stand:

        def deliver(_number: int) -> None:
            outcomes[stand.deliver(BODY).body] += 1

        with at_once(deliver, 20):
            pass
        assert outcomes == {b"accepted\n": 1, b"duplicate\n": 19}
        assert len(stand.rows()) == 1


def test_both_tokens_of_a_rotation(landing_url: str) -> None:
    """Old and new subscription deliver the same change: one row, under the token that came first."""
    with serving(Landing(landing_url)) as stand:
        assert stand.deliver(BODY, token=BOUND).body == b"accepted\n"
        assert stand.deliver(BODY, token=TOKEN).body == b"duplicate\n"
        (row,) = stand.rows()
        assert row.token == BOUND.name


def test_after_a_restart(landing_url: str) -> None:
    """What came before a kill is still known."""
    with Process(landing_url) as before:
        assert before.deliver(BODY).body == b"accepted\n"
        before.kill()
    with Process(landing_url) as after:
        assert after.deliver(BODY).body == b"duplicate\n"
        assert len(after.rows()) == 1
