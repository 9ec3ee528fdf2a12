"""What can be said of the page without a browser: its numbers are the copy's, and it can do no harm."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from salesloft_pipeline.dashboard import DashboardError, build_dashboard, model
from salesloft_pipeline.transform.serving import serving_copy
from salesloft_pipeline_tests.dashboard.conftest import HOSTILE

# Of each table of the page: the sums of its counts, and the same asked of the mart without the page's queries.
SUMS = {
    "work": """select sum(emails_sent), sum(emails_bounced), sum(emails_delivered), sum(emails_view_tracked),
        sum(emails_opened), sum(emails_replied), sum(calls_logged), sum(calls_connected), sum(calls_not_set),
        sum(total_touches), sum(meetings_booked), sum(meetings_held), sum(successes)
        from mart.daily_engagement where engagement_date <= date '2026-11-20'""",
    "worked": "select count(*) from mart.daily_user_engagement where is_working_day and is_active_user",
    "calls": "select count(*), sum(duration_seconds) from mart.fct_call where not is_deleted",
    "answers": """select sum(quantity) from mart.fct_engagement_event
        where event_type in ('email_replied', 'call_connected') and date_precision in ('exact', 'day')""",
    "replies": "select count(*) from mart.fct_email where was_replied and hours_to_first_reply is not null",
    "meetings": """select count(*), count(*) filter (is_canceled), count(*) filter (is_no_show and not is_canceled),
        count(*) filter (is_held), count(*) filter (start_date <= date '2026-11-20') from mart.fct_meeting where is_booked""",
    "people": """select count(*), count(*) filter (was_emailed), count(*) filter (was_replied),
        count(*) filter (got_meeting), count(*) filter (got_success)
        from mart.fct_cadence_enrollment where not is_deleted""",
    "backlog": "select sum(overdue_actions), sum(overdue_tasks) from mart.fct_backlog_daily",
    "coverage": "select count(*), count(*) filter (people_touched_30d > 0) from mart.account_coverage",
}


@pytest.fixture
def page(served: Path) -> str:
    """The page's text."""
    return build_dashboard(serving_copy(served), served).read_text(encoding="utf-8")


def content(page: str) -> dict[str, Any]:
    """What the page holds."""
    (text,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, flags=re.DOTALL)
    found: dict[str, Any] = json.loads(text)
    return found


def sums(table: dict[str, Any]) -> tuple[int, ...]:
    """The sum of each count."""
    keys = sum(name in model._KEYS for name in table["columns"])
    return tuple(map(sum, list(zip(*table["rows"], strict=True))[keys:]))


def test_every_table_has_its_sums() -> None:
    """No query goes unasked."""
    assert SUMS.keys() == {path.stem for path in model._QUERIES.glob("*.sql")}


def test_the_numbers_are_those_of_the_copy(page: str, served: Path) -> None:
    """Each table adds up to what the facts add up to: no row is lost in a join to a team, none is doubled."""
    held = content(page)["tables"]
    for name, query in SUMS.items():
        assert [sums(held[name])] == serving_copy(served).query(query), name
    assert all(sums(table)[0] for table in held.values())


def test_nothing_but_the_page_may_run(page: str) -> None:
    """The policy forbids everything but the two texts whose hashes it names; and nothing in them asks for more."""
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    (style,) = re.findall(r"<style>(.*?)</style>", page, flags=re.DOTALL)
    (script,) = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    script_hash, style_hash = (
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (script, style)
    )
    assert policy == (
        f"default-src 'none'; script-src 'sha256-{script_hash}'; style-src 'sha256-{style_hash}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert set(re.findall(r"\w+://[^\"'\s)]*", page)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(
        r"\b(src|href|style|on\w+)=\"", re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    )
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|eval\(|Function\(|document\.write|fetch\(|url\(", page
    )


def test_hostile_names_stay_text(page: str) -> None:
    """A cadence named like the end of a script ends none, and is still called so."""
    assert page.count("</script>") == 2
    assert "<img" not in page
    names = content(page)["names"]
    assert names["cadence"]["10"] == [HOSTILE]
    assert names["rep"]["8"] == ["Bob </script> & Söhne"]


def test_no_prospect_is_in_it(page: str) -> None:
    """Reps by name, the people they write to not at all."""
    assert "Ann" in page
    assert not re.search(r"@acme|\bP5[012]\b|\bAcme\b|\bBolt\b", page)


def test_the_same_copy_gives_the_same_bytes(page: str, served: Path) -> None:
    """Nothing looks at the clock; and only the owner may read it."""
    again = build_dashboard(serving_copy(served), served)
    assert again.read_text(encoding="utf-8") == page
    assert stat.S_IMODE(again.stat().st_mode) == 0o600
    assert len(page) < 100_000


def test_a_copy_of_another_build_is_refused(served: Path) -> None:
    """The page never shows numbers that the mart no longer has; the old page stays."""
    path = build_dashboard(serving_copy(served), served)
    before = path.read_bytes()
    with pytest.raises(DashboardError, match="publish it again"):
        build_dashboard(serving_copy(served), served, build_id="another")
    assert path.read_bytes() == before


def test_a_large_team_is_cut_to_size(served: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """First small cadences become one, which changes no sum; then old weeks go. The page says both."""
    whole = model.read(serving_copy(served))
    assert whole.left_out == []
    monkeypatch.setattr(model, "MOST_CADENCES", 0)
    folded = model.read(serving_copy(served), whole.size - 1)
    assert len(folded.left_out) in (1, 2)
    assert set(folded.names["cadence"]) <= {-1, model.OTHER}
    if len(folded.left_out) == 1:
        for name, table in folded.tables.items():
            before = {"columns": whole.tables[name].columns, "rows": whole.tables[name].rows}
            assert sums({"columns": table.columns, "rows": table.rows}) == sums(before), name
    cut = model.read(serving_copy(served), 40)
    assert cut.size <= 40
    assert "weeks before 2026-1" in cut.left_out[1]
    newest = max(row[0] for row in whole.tables["work"].rows)
    assert max(row[0] for row in cut.tables["work"].rows) == newest


def test_an_empty_warehouse_makes_a_page(served_empty: Path) -> None:
    """Before the first load there is a page as well, with nothing in it but the note that says so."""
    page = build_dashboard(serving_copy(served_empty), served_empty).read_text(encoding="utf-8")
    assert content(page)["tables"]["work"]["rows"] == []
    assert "holds no activity yet" in page
