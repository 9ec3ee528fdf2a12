"""The page in a browser: its numbers under every filter are those of SQL. Skipped where no Chromium is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from salesloft_pipeline.dashboard import build_dashboard
from salesloft_pipeline.transform.serving import serving_copy

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium here: install chromium to run the page's own code"
)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=5000",
    "--dump-dom",
]
MONDAYS = {4: "2026-10-26", 8: "2026-09-28", 13: "2026-08-24"}
Seen = dict[str, list[str]]


class _Reader(HTMLParser):
    """Collects the values shown, by the tile or panel that shows them."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Seen = {}
        self._place = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        if re.match(r"(tile|panel)-", found.get("id") or ""):
            self._place = str(found["id"])
        if "data-value" in found:
            self.seen.setdefault(self._place, []).append(str(found["data-value"]))


@pytest.fixture
def shown(served: Path, tmp_path: Path) -> Callable[[str], Seen]:
    """What the page shows under a filter, given as the part of its address after #."""
    page = build_dashboard(serving_copy(served), served)
    return lambda fragment: read(dom(page, fragment, tmp_path))


def dom(page: Path, fragment: str, folder: Path) -> str:
    assert CHROMIUM
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={folder}/profile", f"{page.as_uri()}#{fragment}"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def read(text: str) -> Seen:
    reader = _Reader()
    reader.feed(text)
    return reader.seen


@pytest.mark.parametrize(
    "fragment", ["weeks=13", "rep=7&team=2&weeks=4", "cadence=10&weeks=8", "team=1&rep=8&cadence=-1&weeks=13"]
)
def test_each_panel_obeys_each_filter(shown: Callable[[str], Seen], served: Path, fragment: str) -> None:
    """Tiles and panels say what SQL says of the same weeks, rep, team and cadence."""
    seen, copy = shown(fragment), serving_copy(served)
    told = dict(parse_qsl(fragment))
    weeks = int(told.pop("weeks"))
    for place, query in _QUESTIONS.items():
        text = query.replace("{since}", f"date '{MONDAYS[weeks]}'").replace("{where}", _where(told, place))
        expected = [value for row in copy.query(text) for value in row]
        assert list(map(_number, seen.get(place, []))) == pytest.approx(expected, nan_ok=True), place


def _where(told: dict[str, str], place: str) -> str:
    columns = {"rep": "user_id", "team": "group_id", "cadence": "cadence_id"}
    asked = {columns[kind]: value for kind, value in told.items()}
    return " and ".join(["true", *(f"t.{column} = {value}" for column, value in asked.items())])


def _number(text: str) -> Any:
    if text == "null":
        return None
    return float(text) if re.fullmatch(r"-?[\d.]+(e-?\d+)?", text) else text


_SELECTED = "from mart.v_daily_engagement t where t.engagement_date >= {since} and t.engagement_date <= date '2026-11-20' and {where}"


def _joined(table: str, at: str, day: str) -> str:
    """A fact with the team of its time."""
    return f"""from (select f.*, h.group_id from mart.{table} f join mart.dim_user_history h
        on h.user_id = f.user_id and f.{at} >= h.valid_from and f.{at} < h.valid_to) t
        where t.{day} >= {{since}} and t.{day} <= date '2026-11-20' and {{where}}"""


def _rate(part: str, whole: str) -> str:
    return f"case when sum({whole}) >= 30 then sum({part}) / sum({whole}) end"


_QUESTIONS = {
    "tile-sent": f"select coalesce(sum(emails_sent), 0) {_SELECTED}",
    "tile-reply_rate": f"select {_rate('emails_replied', 'emails_delivered')} {_SELECTED} "
    "and cast(date_trunc('week', t.engagement_date) as date) + 6 <= date '2026-11-20' - 14",
    "tile-bounce_rate": f"select {_rate('emails_bounced', 'emails_sent')} {_SELECTED}",
    "tile-open_rate": f"select {_rate('emails_opened', 'emails_view_tracked')} {_SELECTED}",
    "tile-calls": f"select coalesce(sum(calls_logged), 0) {_SELECTED}",
    "tile-connect_rate": f"select {_rate('calls_connected', 'calls_logged')} {_SELECTED}",
    "tile-booked": f"select coalesce(sum(meetings_booked), 0) {_SELECTED}",
    "tile-held": f"select coalesce(sum(meetings_held), 0) {_SELECTED}",
    "tile-successes": f"select coalesce(sum(successes), 0) {_SELECTED}",
    "panel-leaders": f"""select any_value(u.user_name), sum(emails_sent), {_rate("emails_replied", "emails_delivered")},
        {_rate("emails_bounced", "emails_sent")}, sum(calls_logged), {_rate("calls_connected", "calls_logged")},
        sum(meetings_booked), sum(successes), sum(total_touches) / nullif(sum(meetings_booked), 0),
        sum(total_touches) / nullif(sum(successes), 0)
        {_SELECTED.replace(" where", " join mart.dim_user u on u.user_id = t.user_id where")}
        group by t.user_id order by sum(meetings_booked) desc, sum(emails_sent) desc, t.user_id""",
    "panel-dispositions": f"""select replace(disposition_category, '_', ' '), count(*),
        case when sum(count(*)) over () >= 30 then count(*) / sum(count(*)) over () end,
        sum(coalesce(duration_seconds, 0)) / 60 / count(*)
        {_joined("fct_call", "called_at", "call_date")} and not is_deleted
        group by disposition_category order by count(*) desc, disposition_category""",
    "panel-cadences": f"""select any_value(c.cadence_name), count(*), count(*) filter (was_emailed), count(*) filter (was_replied),
        case when count(*) filter (was_emailed) >= 30 then count(*) filter (was_replied) / count(*) filter (was_emailed) end,
        count(*) filter (got_meeting), count(*) filter (got_success)
        {_joined("fct_cadence_enrollment", "added_at", "added_date").replace(") t", ") t join mart.dim_cadence c on c.cadence_id = t.cadence_id")}
        and not t.is_deleted group by t.cadence_id order by count(*) desc, t.cadence_id""",
    "panel-speed": f"""with hours as (select round(10 * hours_to_first_reply) / 10 as hours
        {_joined("fct_email", "sent_at", "sent_date")} and was_replied and hours_to_first_reply is not null)
        select percentile_cont(0.5) within group (order by hours), percentile_cont(0.9) within group (order by hours)
        from hours having count(*) > 0""",
}


def test_hostile_names_make_no_elements(served: Path, tmp_path: Path) -> None:
    """What the names would be as markup is nowhere in the page that the browser made of it."""
    text = dom(build_dashboard(serving_copy(served), served), "cadence=10", tmp_path)
    without_code = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert "onerror=alert(1)&gt;" in without_code
    assert "<img" not in without_code


def test_an_empty_page_says_so(served_empty: Path, tmp_path: Path) -> None:
    """No panel, no error: a sentence."""
    text = dom(build_dashboard(serving_copy(served_empty), served_empty), "", tmp_path)
    assert re.search(r'<main[^>]*><p class="empty">The warehouse holds no activity yet', text)
