"""What reports tell is what SQL says of the same copy, for everybody and for a team."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from salesloft_pipeline.report import NAMES, Name
from salesloft_pipeline.report.frames import Frames, read
from salesloft_pipeline.transform.serving import serving_copy
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.report.conftest import EAST, WEST, made
from salesloft_pipeline_tests.report.questions import TABLES, TILES, USUAL, asked

AUDIENCES = [None, EAST, WEST]
# Of these tiles SQL is asked elsewhere: a rate of mature weeks, a mean by working day.
ELSEWHERE = {"weekly": {"Touches per working day", "Reply rate"}}
# With a table of their own only for a team.
BY_TEAM = {"Top five": "Teams"}


@pytest.fixture(scope="session")
def copy(served: Path) -> Warehouse:
    """The copy that the frames were read from."""
    return serving_copy(served)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("team", AUDIENCES)
def test_the_first_glance_is_sql(frames: Frames, copy: Warehouse, name: Name, team: int | None) -> None:
    """Each tile, and what it usually is."""
    tiles = [tile for tile in made(frames, name, team).tiles if tile.title not in ELSEWHERE.get(name, ())]
    (counts,) = copy.query(asked(TILES[name], team))
    assert [tile.value for tile in tiles] == pytest.approx(_zeros(counts))
    (usual,) = copy.query(asked(USUAL[name], team))
    assert [tile.usual for tile in tiles] == pytest.approx(_zeros(usual))


def _zeros(row: tuple[Any, ...]) -> list[Any]:
    """The sum of nothing is nothing; a rate of it is none, and the only one here."""
    rate = 1 if len(row) == len(("sent", "rate", "calls", "booked", "held", "successes")) else None
    return [value if value is not None or place == rate else 0 for place, value in enumerate(row)]


@pytest.mark.parametrize("team", AUDIENCES)
def test_the_tables_are_sql(frames: Frames, copy: Warehouse, team: int | None) -> None:
    """Each row of each section, in its order."""
    reports = {name: made(frames, name, team) for name in NAMES}
    tables = {
        (name, section.title): section.table.rows if section.table else ()
        for name, report in reports.items()
        for section in report.sections
    }
    seen = 0
    for (name, title), query in TABLES.items():
        rows = tables[name, title if team is not None else BY_TEAM.get(title, title)]
        expected = copy.query(asked(query, team))
        assert len(rows) == len(expected), title
        for row, answer in zip(rows, expected, strict=True):
            assert list(row) == pytest.approx(list(answer), nan_ok=True), title
        seen += len(rows)
    assert seen


def test_every_table_is_asked_for(frames: Frames) -> None:
    """No section of a report goes unasked."""
    found = {
        (name, section.title)
        for name in NAMES
        for section in made(frames, name, EAST).sections
        if section.table is not None
    }
    assert found <= TABLES.keys()


def test_rates_by_week_are_sql(frames: Frames, copy: Warehouse) -> None:
    """The lines of the chart, week by week, none of fewer than 30, and the young weeks marked."""
    late = made(frames, "weekly", today=date(2026, 11, 24))
    (section,) = [each for each in late.sections if each.title.startswith("Are our emails")]
    assert section.chart
    rows = copy.query(
        """select case when sum(emails_delivered) >= 30 then sum(emails_replied) / sum(emails_delivered) end,
            case when sum(emails_sent) >= 30 then sum(emails_bounced) / sum(emails_sent) end
        from (select unnest(generate_series(date '2026-08-24', date '2026-11-16', interval 7 days)) as week) weeks
        left join mart.daily_engagement e on date_trunc('week', e.engagement_date) = weeks.week
        group by week order by week"""
    )
    assert list(zip(*section.chart.series.values(), strict=True)) == rows
    assert (0.0, 0.1) in rows
    # Sent after 6 November: the week that ended on the 8th has a day of those, too.
    assert (section.chart.maturing, section.chart.labels[-3:]) == (3, ("2 Nov", "9 Nov", "16 Nov"))


def test_the_reply_rate_of_the_digest_has_matured(frames: Frames, copy: Warehouse) -> None:
    """Emails sent 14 to 20 days before the load, beside those of the week before."""
    sentence = made(frames, "daily").sentences[0]
    ((delivered, rate),) = copy.query(
        """select coalesce(sum(emails_delivered), 0), sum(emails_replied) / nullif(sum(emails_delivered), 0)
        from mart.daily_engagement where engagement_date between date '2026-10-31' and date '2026-11-06'"""
    )
    assert "sent 31 October to 6 November" in sentence
    assert f"of {delivered} delivered" in sentence
    assert delivered >= 30 or rate is None or "matured: \N{EN DASH} of" in sentence


def test_what_was_first_told_is_beside_what_is_now(served: Path, tmp_path: Path) -> None:
    """Of the days that were kept, and of no others: their first replies came after they had been told."""
    shutil.copyfile(served / "salesloft.duckdb", tmp_path / "salesloft.duckdb")
    changed = Warehouse(f"duckdb:///{tmp_path}/salesloft.duckdb")
    columns = ", ".join(set(changed.columns("mart", "daily_engagement_reported")) - {"report_date"})
    changed.execute(
        f"""insert into mart.daily_engagement_reported (report_date, {columns}) select engagement_date + 1, {columns}
        from mart.daily_engagement where engagement_date in (date '2026-10-12', date '2026-10-13')"""
    )
    changed.execute("update mart.daily_engagement_reported set emails_replied = 0")
    report = made(read(serving_copy(tmp_path)), "monthly")
    (section,) = [each for each in report.sections if each.title == "As first told"]
    ((sent, replied, calls),) = changed.query(
        """select sum(emails_sent), sum(emails_replied), sum(calls_logged) from mart.daily_engagement
        where engagement_date in (date '2026-10-12', date '2026-10-13')"""
    )
    assert section.table
    rows = {title: (told, now, change) for title, told, now, change in section.table.rows}
    assert replied > 0
    assert rows["Emails sent"] == (sent, sent, 0)
    assert rows["Emails replied to"] == (0, replied, replied)
    assert rows["Calls logged"] == (calls, calls, 0)
    assert section.note.startswith("Of 2 days of the month")


def test_rates_of_reps_are_sql(frames: Frames, copy: Warehouse) -> None:
    """Four weeks with enough emails and calls to have any."""
    query = TABLES["weekly", "Who leads, who needs help?"]
    earlier = query.replace("2026-10-19", "2026-09-21").replace("2026-11-15", "2026-10-18")
    expected = copy.query(asked(earlier, EAST))
    (section,) = [
        each
        for each in made(frames, "weekly", EAST, today=date(2026, 10, 20)).sections
        if each.title == "Who leads, who needs help?"
    ]
    assert section.table
    assert list(map(list, section.table.rows)) == [pytest.approx(list(row)) for row in expected]
    assert any(row[4] and row[6] for row in expected)
