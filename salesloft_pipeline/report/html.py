"""A report as HTML for mail: tables and inline styles, no script, nothing fetched from anywhere.

    Report + where its pictures are  ->  mail.html.j2  ->  text

Mail programs keep little of a page's own style, so every element has its own; the rules for dark screens and for
phones stand in the head, for the programs that read them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import jinja2

from salesloft_pipeline.report.markdown import said_of
from salesloft_pipeline.report.model import Column, Report, Table, Value
from salesloft_pipeline.report.words import usually, written


def html(report: Report, source_of: Callable[[str], str]) -> str:
    """The page. source_of: the address of a picture by its name."""
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters |= {"written": written, "usually": usually}
    page = environment.get_template("mail.html.j2")
    return page.render(
        report=report, said=said_of(report), source_of=source_of, share_of=_share, is_alarming=_is_alarming
    )


def _share(table: Table, row: tuple[Value, ...]) -> int | None:
    """How long the bar of a row is, in percent of the longest; None in a table without bars."""
    drawn = [place for place, column in enumerate(table.columns) if column.bar]
    if not drawn:
        return None
    values = [float(each[drawn[0]] or 0) for each in table.rows]
    return round(100 * float(row[drawn[0]] or 0) / max(values)) if max(values, default=0) > 0 else 0


def _is_alarming(column: Column, value: Value) -> bool:
    return column.alarm is not None and isinstance(value, float) and value > column.alarm
