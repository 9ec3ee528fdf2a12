"""What has to hold after a day: no drift, no leak, no point too many.

Day  ->  checked  ->  one Check per promise
"""

from __future__ import annotations

from collections import Counter

import dagster as dg

from salesloft_pipeline.landing import Landing, State
from salesloft_pipeline.salesloft.endpoints import ENDPOINTS
from salesloft_pipeline.transform import serving
from salesloft_pipeline_tests.ingest.truth import assert_equals_truth
from salesloft_pipeline_tests.soak.bounds import growth, points
from salesloft_pipeline_tests.soak.check import Check
from salesloft_pipeline_tests.soak.day import Day
from salesloft_pipeline_tests.soak.ledger import written_back
from salesloft_pipeline_tests.soak.place import ZONE
from salesloft_pipeline_tests.soak.recounted import columns_of, differences
from salesloft_pipeline_tests.soak.yours import KILLED, PEAK_MIB

# /team is one record about the key itself, which the simulator does not list.
TABLES = [endpoint for endpoint in ENDPOINTS if endpoint.name != "team"]
# SalesLoft turns these and leaves updated_at where it is, the first with the day, the second when people are deleted:
# no sync can follow, their descriptions say so, and no mart reads them.
AS_READ = {"actions": ("due",), "imports": ("current_people_count",)}
VERSIONS = [endpoint.versions_name for endpoint in ENDPOINTS if endpoint.history]
# The week's is due at 08:00 in New York, and waits two hours for a load of its day.
REPORTED_AFTER_HOURS = 16
# Asks whether each resource was read within twice its schedule: at 200 times the speed that is three seconds.
LATENESS = {"load_checks"}, {"Q14"}
RUNS_TO_COMPARE = 4
# What a process holds at most depends on how much there is to read as well.
PEAK_GROWTH = 0.25


def checked(day: Day) -> list[Check]:
    """All of it; a day has ended, and nothing moves any more."""
    found = [
        check(day)
        for check in (
            _raw,
            _versions,
            _events,
            _recount,
            _whole,
            _served,
            _reports,
            written_back,
            _runs,
            peaks_of_runs,
        )
    ]
    return [*found, *growth(day), *points(day)]


def _raw(day: Day) -> Check:
    warehouse, world = day.place.warehouse, day.place.world

    def fault(table: str) -> str | None:
        try:
            assert_equals_truth(warehouse, world, table, AS_READ.get(table, ()))
        except AssertionError as error:
            return str(error)
        return None

    wrong = [said for endpoint in TABLES if (said := fault(endpoint.name))]
    left_out = ", ".join(f"{table}.{column}" for table, columns in AS_READ.items() for column in columns)
    detail = (
        f"{len(TABLES)} tables, {sum(world.sizes().values()):,} records, {day.team.deeds} deeds by hand; "
        f"left out: {left_out}"
    )
    return Check("every raw table equals SalesLoft, field by field", not wrong, "; ".join(wrong) or detail)


def _versions(day: Day) -> Check:
    twice = {
        table: times
        for table in VERSIONS
        for (times,) in day.place.warehouse.query(
            f"select count(*) - count(distinct version_id) from raw_salesloft.{table}"
        )
        if times
    }
    detail = f"{twice} are" if twice else f"{len(VERSIONS)} tables of versions"
    return Check("no version of a row is there twice", not twice, detail)


def _events(day: Day) -> Check:
    rows = day.place.warehouse.query("select event_id from raw_salesloft.webhook_events")
    logged = Counter(event_id for (event_id,) in rows)
    landing = Landing(day.place.landing_url)
    counts = landing.counts()
    landing.close()
    faults = {
        "acknowledged and not there": len(day.acknowledged - logged.keys()),
        "there and never told": len(logged.keys() - day.told),
        "there twice": sum(times > 1 for times in logged.values()),
        "waiting": counts[State.PENDING],
        "in quarantine": counts[State.QUARANTINED],
    }
    wrong = [f"{number} {what}" for what, number in faults.items() if number]
    detail = f"{len(day.told):,} told, {len(day.acknowledged):,} answered 200, {len(logged):,} there"
    return Check("every acknowledged event is in the warehouse, once", not wrong, ", ".join([*wrong, detail]))


def _recount(day: Day) -> Check:
    wrong = differences(day.place.warehouse, day.place.world, ZONE)
    columns = columns_of(day.place.world, ZONE)
    detail = f"{len(columns)} columns by pandas: {', '.join(columns)}"
    said = f"{len(wrong)} cells, such as {'; '.join(wrong[:3])}"
    return Check(
        "daily_engagement equals a second count out of SalesLoft", not wrong, said if wrong else detail
    )


def _whole(day: Day) -> Check:
    with day.place.instance() as instance:
        key = dg.AssetCheckKey(dg.AssetKey(["mart", "daily_engagement"]), "Q27")
        records = instance.event_log_storage.get_asset_check_execution_history(key, limit=1)
    events = [each.event.dagster_event for each in records if each.event]
    answers = [event.asset_check_evaluation_data for event in events if event]
    told = [{name: value.value for name, value in answer.metadata.items()} for answer in answers]
    held = bool(answers and answers[0].passed and told[0]["compared"])
    return Check("the mart, changed in place all day, equals a whole build", held, f"Q27 said last: {told}")


def _served(day: Day) -> Check:
    try:
        wrong = serving.faults(day.place.warehouse, day.place.serving)
    except serving.ServingError as error:
        wrong = [str(error)]
    pages = [day.place.serving / "dashboard.html", *(day.place.serving / "reports").glob("*.html")]
    held = not wrong and all(page.exists() for page in pages)
    detail = "; ".join(wrong) or f"{len(pages)} pages"
    return Check("the serving copy is the mart's, and the pages are there", held, detail)


def _reports(day: Day) -> Check:
    due = {"daily", "weekly"} if day.hours >= REPORTED_AFTER_HOURS else set()
    sent = Counter(name for (name,) in day.place.warehouse.query("select report from ops.report_log"))
    held = sent.keys() >= due and set(sent.values()) <= {1}
    return Check("each report that was due was sent, once", held, f"due {sorted(due)}, sent {dict(sent)}")


def _runs(day: Day) -> Check:
    with day.place.instance() as instance:
        runs = instance.get_runs()
        ended = Counter(run.job_name for run in runs if run.status is dg.DagsterRunStatus.SUCCESS)
        killed = [run for run in runs if run.tags.keys() & KILLED.keys()]
        broken = [run for run in runs if run.status is not dg.DagsterRunStatus.SUCCESS and run not in killed]
        late = [run for run in broken if _what_failed(instance, run) == LATENESS]
    wrong = Counter(run.job_name for run in broken if run not in late)
    told = ", ".join(f"{number} x {job}" for job, number in ended.most_common())
    kills = ", ".join(f"{name} killed {number} times" for name, number in _kills(day).items())
    detail = f"{told}; {len(late)} said that reading was late; {kills}, {len(killed)} runs with it"
    said = f"failed: {dict(wrong)}; {detail}" if wrong else detail
    return Check("every run that was not killed ended well", not wrong, said)


def peaks_of_runs(day: Day) -> Check:
    """A process has one run and ends with it; this is what its job holds at most, in the morning and later."""
    peaks: dict[str, list[int]] = {}
    with day.place.instance() as instance:
        for run in reversed(instance.get_runs()):
            if peak := run.tags.get(PEAK_MIB):
                peaks.setdefault(run.job_name, []).append(int(peak))
    told: list[str] = []
    wrong: list[str] = []
    for job, mib in sorted(peaks.items()):
        if len(mib) >= RUNS_TO_COMPARE:
            first, later = max(mib[: len(mib) // 2]), max(mib[len(mib) // 2 :])
            said = f"{job} {first} and {later} MiB"
            (wrong if later > first * (1 + PEAK_GROWTH) else told).append(said)
    return Check(
        "no job needs more memory in the second half of its runs than in the first",
        not wrong,
        ", ".join(wrong or told),
    )


def _what_failed(instance: dg.DagsterInstance, run: dg.DagsterRun) -> tuple[set[str], set[str]]:
    """Its steps, and its checks; a step that broke before it answered leaves no check."""
    steps = instance.get_run_step_stats(run.run_id)
    logs = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    events = [entry.dagster_event for entry in logs if entry.dagster_event]
    answers = [event.asset_check_evaluation_data for event in events]
    wrong = {
        answer.check_name
        for answer in answers
        if not answer.passed and answer.severity is dg.AssetCheckSeverity.ERROR
    }
    return {step.step_key for step in steps if step.status and step.status.value == "FAILURE"}, wrong


def _kills(day: Day) -> dict[str, int]:
    return {name: sum(each == name for _, each in day.kills) for name in ("daemon", "receiver")}
