"""`report`: from the settings to reports made, written and sent.

serving copy + checks of the newest mart  ->  report/  ->  SERVING_FOLDER/reports/<report>-<audience>.*
                                                       ->  whom REPORT_TO names, with `send` alone
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from salesloft_pipeline import connections, report, transform
from salesloft_pipeline.ingest import ops
from salesloft_pipeline.report import Outcome, Report
from salesloft_pipeline.served import copy_at_hand, hand_on
from salesloft_pipeline.settings import Settings
from salesloft_pipeline.warehouse import Warehouse

FOLDER = "reports"


@dataclass(frozen=True)
class Made:
    """One report of one audience: the files it was written to, and what became of it on each of its ways."""

    content: Report
    paths: Sequence[Path]
    outcomes: Sequence[Outcome]


def today_of(settings: Settings) -> date:
    """The day it is in the reporting zone."""
    return datetime.now(ZoneInfo(settings.reporting_time_zone)).date()


def run_report(
    settings: Settings,
    name: report.Name,
    *,
    today: date | None = None,
    audiences: Sequence[int | None] | None = None,
    send: bool = False,
) -> list[Made]:
    """Make and write the newest edition, and with `send` send what was not sent yet.

    today: the day to report on, of the reporting zone. audiences: ids of teams, None for everybody; all that REPORT_TO
    names, and everybody, when left out. Raises ReportError, ServingError before the first publication, WarehouseError
    while another process has the warehouse open.
    """
    warehouse, now = connections.warehouse(settings), datetime.now(UTC)
    edition = report.edition_of(name, today or today_of(settings))
    targets = report.recipients(settings.report_to.get_secret_value() if settings.report_to else "")
    smtp_url = settings.smtp_url.get_secret_value() if settings.smtp_url else None
    frames = report.read(copy_at_hand(settings))
    if send:
        ops.create_tables(warehouse)
    with warehouse.kept_open():
        health = health_of(warehouse)
        made = []
        for team in dict.fromkeys([None, *targets]) if audiences is None else audiences:
            content = report.make(frames, edition, team, health)
            ways = report.channels(targets.get(team, []), settings.report_from, smtp_url)
            paths = report.write(content, settings.serving_folder / FOLDER, content.key)
            hand_on(settings, *paths)
            made.append(Made(content, paths, list(report.deliver(warehouse, content, ways, now, send=send))))
    return made


def health_of(warehouse: Warehouse) -> report.Health:
    """What the checks say of the newest mart, asked as of its load."""
    ((as_of,),) = warehouse.query(f"select as_of from mart.{transform.BUILD_INFO}")
    asked = [check for check in transform.CHECKS if check.table.startswith("mart.")]
    answers = transform.run_checks(warehouse, now=as_of, schedules={}, checks=asked)
    bad = [answer for answer in answers if not answer.passed]
    failed, warned = (
        tuple(
            f"{answer.number} of {answer.table.partition('.')[2]}"
            for answer in bad
            if answer.severity == severity
        )
        for severity in ("error", "warn")
    )
    return report.Health(failed, warned, len(asked))
