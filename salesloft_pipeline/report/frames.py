"""The serving copy as data frames: one a query, each row of a day, a rep and a team, with counts that add up.

    queries/*.sql  ->  read  ->  Frames  ->  seen_by (one audience)  ->  daily.py, weekly.py, monthly.py

No name or address of a person outside the team is read. A team's audience sees its own rows, by rep; everybody's
sees all of them, by team: the names of reps are for those who lead them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from salesloft_pipeline.warehouse import Sql, Warehouse

# A quarter of weeks before a month that ended two weeks ago.
_DAYS_BACK = 190
EVERYBODY = None
_QUERIES = Path(__file__).parent / "queries"
_NAMES = {
    "rep": "select user_id, user_name from mart.dim_user",
    "team": "select group_id, min_by(group_name, valid_from) from mart.dim_user_history group by 1",
    "cadence": "select cadence_id, cadence_name from mart.dim_cadence",
    "step": "select step_id, step_order || '. ' || coalesce(step_name, 'Step ' || step_id) from mart.dim_step",
}


class ReportError(Exception):
    """A report was not made or not sent; the message says why and what to do."""


class ReportSettingError(ReportError):
    """A setting is missing or wrong; the message names it, and shows nothing of what it holds."""


@dataclass(frozen=True)
class Build:
    """Which build the copy is of. as_of_date: the day of its load, in `time_zone`; all days before it are over."""

    build_id: str
    as_of_date: date
    time_zone: str

    @property
    def through(self) -> date:
        """The last day that was over when the data were loaded."""
        return self.as_of_date - timedelta(days=1)


@dataclass(frozen=True)
class Frames:
    """Frames by query, names by kind and id, and the working days that the calendar knows, oldest first.

    `team` is the audience: the id of a team, None for everybody. `whole` has the rows of all teams whoever reads, to
    compare teams by.
    """

    build: Build
    tables: Mapping[str, pd.DataFrame]
    names: Mapping[str, Mapping[int, str]]
    working_days: list[date]
    first_day: date | None
    whole: Mapping[str, pd.DataFrame]
    team: int | None = EVERYBODY

    @property
    def split(self) -> str:
        """What this audience sees numbers by: rep or team."""
        return "team" if self.team is None else "rep"

    @property
    def audience(self) -> str:
        """Whose numbers these are, in words."""
        return "All teams" if self.team is None else self.names["team"][self.team]

    def between(self, table: str, first: date, last: date) -> pd.DataFrame:
        """The rows of a table from one day to another, both included."""
        return between(self.tables[table], first, last)

    def named(self, kind: str, number: int) -> str:
        """The name of a rep, team, cadence or step."""
        return self.names[kind].get(number, f"{kind.capitalize()} {number}")


def between(frame: pd.DataFrame, first: date, last: date) -> pd.DataFrame:
    """The rows from one day to another, both included."""
    return frame[(frame["day"] >= first) & (frame["day"] <= last)]


def read(copy: Warehouse) -> Frames:
    """Everything that a report may speak of, out of one state of the copy."""
    with copy.transaction() as sql:
        build = _build(sql)
        since = build.as_of_date - timedelta(days=_DAYS_BACK)
        tables = {
            path.stem: _table(sql, path, since, build.as_of_date) for path in sorted(_QUERIES.glob("*.sql"))
        }
        names = {
            kind: {number: str(name) for number, name in sql.query(query)} for kind, query in _NAMES.items()
        }
        days = sql.query("select date_day, is_weekday and not is_holiday from mart.dim_date order by 1")
    working = [day for day, works in days if works]
    return Frames(build, tables, names, working, days[0][0] if days else None, tables)


def seen_by(frames: Frames, team: int | None) -> Frames:
    """What one audience may see. Raises ReportError for a team that is not there."""
    if team is None:
        return frames
    if team not in frames.names["team"]:
        known = ", ".join(f"{number} ({name})" for number, name in sorted(frames.names["team"].items()))
        raise ReportError(f"there is no team {team}: an audience is all, or one of {known}")
    tables = {name: frame[frame["team"] == team] for name, frame in frames.tables.items()}
    return replace(frames, tables=tables, team=team)


def _build(sql: Sql) -> Build:
    ((build_id, day, zone),) = sql.query(
        "select build_id, as_of_date, reporting_time_zone from mart.build_info"
    )
    return Build(str(build_id), day, str(zone))


def _table(sql: Sql, path: Path, since: date, until: date) -> pd.DataFrame:
    text = path.read_text(encoding="utf-8")
    frame = sql.frame(text.replace(":since", f"date '{since}'").replace(":until", f"date '{until}'"))
    counts = {name: "int64" for name in frame.columns if name not in ("day", "tier")}
    return frame.assign(day=pd.to_datetime(frame["day"]).dt.date).astype(counts)
