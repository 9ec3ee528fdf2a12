"""An independent second opinion: the counts of daily_engagement computed in plain Python, from random mail."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salesloft_pipeline.transform import build
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.transform.rows import RAW, Row, fill

ZONE = "America/New_York"
START, AS_OF = datetime(2026, 10, 30, tzinfo=UTC), datetime(2026, 11, 6, tzinfo=UTC)


@dataclass(frozen=True)
class Mail:
    """One email and the states of its counters (views, clicks, replies) as they were seen, oldest first."""

    user: int
    step: int | None
    status: str
    sent_at: datetime
    tracked: bool
    bounced: bool
    deleted: bool
    rises: list[tuple[int, int, int, int]]


rise = st.tuples(st.integers(1, 4000), st.integers(0, 3), st.integers(0, 2), st.integers(0, 1))
mails = st.lists(
    st.builds(
        Mail,
        user=st.integers(7, 8),
        step=st.sampled_from([101, 102, None]),
        status=st.sampled_from(["sent", "sent", "sent_from_gmail", "failed"]),
        # Beyond as_of too: what is dated in the future was not sent.
        sent_at=st.integers(0, 8 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)),
        tracked=st.booleans(),
        bounced=st.booleans(),
        deleted=st.sampled_from([False, False, False, True]),
        rises=st.lists(rise, max_size=3),
    ),
    min_size=1,
    max_size=40,
)


def raw_rows(number: int, mail: Mail) -> list[Row]:
    """The email as loaded, and one version per rise of its counters."""
    moment, totals, rows = mail.sent_at, (0, 0, 0), []
    for minutes, *added in mail.rises:
        moment += timedelta(minutes=minutes)
        totals = tuple(total + more for total, more in zip(totals, added, strict=True))  # type: ignore[assignment]
        version = {"version_id": f"{number}-{moment}", "observed_at": moment, "source": "poll"}
        rows.append(Row("emails_versions", version | state(number, moment, totals, mail)))
    latest = {
        "sent_at": mail.sent_at,
        "status": mail.status,
        "view_tracking": mail.tracked,
        "click_tracking": mail.tracked,
        "user_id": mail.user,
        "step_id": mail.step,
        "cadence_id": 10 if mail.step else None,
        "_synced_at": moment,
        "_deleted_at": AS_OF if mail.deleted else None,
        "_source": "poll",
    }
    return [*rows, Row("emails", state(number, moment, totals, mail) | latest)]


def state(number: int, moment: datetime, totals: tuple[int, int, int], mail: Mail) -> dict[str, Any]:
    names = ("counts_views", "counts_clicks", "counts_replies")
    return {
        "id": number,
        "updated_at": moment,
        "bounced": mail.bounced,
        **dict(zip(names, totals, strict=True)),
    }


def local_day(moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(ZONE)).date()


def expected(population: list[Mail]) -> Counter[tuple[Any, ...]]:
    """Count by (day, user, step, column), straight from the definitions."""
    counts: Counter[tuple[Any, ...]] = Counter()
    for mail in population:
        if mail.status == "failed" or mail.deleted or mail.sent_at > AS_OF:
            continue
        key = (mail.user, mail.step or -1)
        day, moment = local_day(mail.sent_at), mail.sent_at
        counts[day, *key, "emails_sent"] += 1
        counts[day, *key, "emails_bounced" if mail.bounced else "emails_delivered"] += 1
        if mail.bounced:
            continue
        counted = {"views": mail.tracked, "clicks": mail.tracked, "replies": True}
        flags = {"views": "emails_opened", "clicks": "emails_clicked", "replies": "emails_replied"}
        for place, (what, counts_here) in enumerate(counted.items(), start=1):
            total = sum(step[place] for step in mail.rises)
            if total and counts_here:
                counts[day, *key, flags[what]] += 1
                counts[day, *key, f"{what}_total"] += total
        for step in mail.rises:
            moment += timedelta(minutes=step[0])
            for place, (what, counts_here) in enumerate(counted.items(), start=1):
                if step[place] and counts_here:
                    counts[local_day(moment), *key, f"evt_{what}"] += step[place]
    return counts


@given(mails)
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sql_and_python_agree(warehouse: Warehouse, population: list[Mail]) -> None:
    """For any mail, every count of both families is the same in SQL and in Python, on the same day."""
    for table in ("emails", "emails_versions"):
        warehouse.execute(f"delete from {RAW}.{table}")
    fill(warehouse, *(row for number, mail in enumerate(population) for row in raw_rows(number, mail)))
    build(warehouse, AS_OF, ZONE)
    wanted = expected(population)
    columns = sorted({"emails_sent", "evt_views", *(key[-1] for key in wanted)})
    rows = warehouse.query(
        f"select engagement_date, user_id, step_id, {', '.join(columns)} from mart.daily_engagement"
    )
    found = {
        (*row[:3], column): count
        for row in rows
        for column, count in zip(columns, row[3:], strict=True)
        if count
    }
    # A bounce is an event as well; its day is no matter of counters.
    assert found == dict(wanted)
