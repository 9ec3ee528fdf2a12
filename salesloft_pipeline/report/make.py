"""From a serving copy to a report: the frames, one kind of content, and what stands on every report.

serving copy  ->  frames  ->  daily | weekly | monthly  ->  Report
"""

from __future__ import annotations

from collections.abc import Callable

from salesloft_pipeline.report.daily import daily
from salesloft_pipeline.report.edition import Edition, Name
from salesloft_pipeline.report.frames import Build, Frames, seen_by
from salesloft_pipeline.report.model import Content, Health, Report
from salesloft_pipeline.report.monthly import monthly
from salesloft_pipeline.report.weekly import weekly
from salesloft_pipeline.report.words import counted, long_day

_CONTENTS: dict[Name, Callable[[Frames, Edition], Content]] = {
    "daily": daily,
    "weekly": weekly,
    "monthly": monthly,
}


def make(frames: Frames, edition: Edition, team: int | None, health: Health) -> Report:
    """The report for everybody (None) or for a team. The same frames, edition and health give the same report.

    Raises ReportError for a team that is not there.
    """
    seen = seen_by(frames, team)
    content = _CONTENTS[edition.name](seen, edition)
    return Report(
        name=edition.name,
        date=edition.date,
        audience="all" if team is None else str(team),
        audience_name=seen.audience,
        title=content.title,
        period=content.period,
        usual=content.usual,
        build_id=seen.build.build_id,
        data_through=seen.build.through,
        time_zone=seen.build.time_zone,
        alarm=_alarm(seen.build, edition, health),
        tiles=content.tiles,
        sentences=content.sentences,
        sections=content.sections,
        health=_health(health),
    )


def _alarm(build: Build, edition: Edition, health: Health) -> str:
    """What has to be known before any number: the data are old, or what was loaded since did not pass."""
    faults = []
    if health.failed:
        faults.append(
            f"{counted(len(health.failed), 'check')} failed on the newest build, which is therefore not published "
            f"({', '.join(health.failed)})"
        )
    if build.as_of_date < edition.loaded_by:
        faults.append("newer data have not arrived")
    return f"Data through {long_day(build.through)}: {'; '.join(faults)}." if faults else ""


def _health(health: Health) -> str:
    if not health.asked:
        return "No check was asked."
    good = health.asked - len(health.failed) - len(health.warned)
    warned = (
        f"; {counted(len(health.warned), 'warning')} ({', '.join(health.warned)})" if health.warned else ""
    )
    failed = f"; {len(health.failed)} failed" if health.failed else ""
    return f"{good} of {counted(health.asked, 'check')} passed{warned}{failed}."
