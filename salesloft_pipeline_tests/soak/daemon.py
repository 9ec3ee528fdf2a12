"""Dagster's daemon in one process: schedules, sensors and automation are asked, what they ask for is run.

each schedule's newest tick  ─┐
webhook_landing_sensor       ─┼─►  runs, one after the other, each in its own process  ─►  backlog_sensor
automation                   ─┘

What it has to remember stands in the instance, as the real one's does, so that it can be killed at any moment.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from croniter import croniter  # type: ignore[import-untyped]
from dagster_shared.serdes import deserialize_value, serialize_value

from salesloft_pipeline.definitions import defs
from salesloft_pipeline.defs.resources import RESOURCES
from salesloft_pipeline_tests.soak.yours import KILLED, PEAK_MIB, SCHEDULES, enrollment_job

# Those of backlog_sensor.
GOING_ON = ("sync_job", "snapshot_job", "sweep_job")
RUN_KEY, UNFINISHED = "dagster/run_key", "salesloft/unfinished"
SHOWN = dg.AssetSelection.groups("mart", "serving")
QUIET: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "ERROR"}}}}
LANDING, AUTOMATION = "webhook_landing_sensor", "automation_sensor"
# A run ingests for four minutes of the machine's own time, and in those half a day of ours passes, which never ends.
INGEST: dict[str, Any] = {"ops": {"webhook_ingest": {"config": {"seconds_at_most": 2.0}}}}
LOOK_SECONDS = 2
# Until a schedule's jobs have read everything: a run reads for four minutes, which are a second of ours.
ASKS_AT_MOST = 30
_CURSOR, _TICK = "soak automation", "soak tick of "
_OPEN = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]

ours = dg.Definitions.merge(defs, dg.Definitions(jobs=[enrollment_job], schedules=SCHEDULES))


class Daemon:
    """One daemon. `clear_up` what the last one left, then `look` for ever."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self._instance = instance
        self._repository = ours.get_repository_def()

    def clear_up(self) -> None:
        """As Dagster's monitoring does with runs that have no process any more."""
        for run in self._instance.get_runs(dg.RunsFilter(statuses=_OPEN)):
            self._instance.add_run_tags(run.run_id, KILLED)
            self._instance.report_run_failed(run)
            self._instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)

    def look(self) -> None:
        """Ask everybody once: who follows what runs did, then each schedule with a new tick, the longest unasked first.

        Dagster's daemon asks all at once. Here a run may take an hour of the simulated day, so they take turns.
        """
        self._landed()
        self._automate()
        for schedule in sorted(self._repository.schedule_defs, key=self._asked):
            tick = _newest_tick(schedule)
            if self._asked(schedule) < tick:
                self._request(schedule, tick)
                self._remember(_TICK + schedule.name, tick.isoformat())

    def ask(self, name: str) -> None:
        """Run a job, or ask a sensor, or a schedule, as if its ticks were now, until it has read everything."""
        if name == LANDING:
            for _ in range(ASKS_AT_MOST):
                if not self._landed():
                    break
        elif name == AUTOMATION:
            self._automate()
        elif self._repository.has_job(name):
            self.run(name)
        else:
            schedule = self._repository.get_schedule_def(name)
            for _ in range(ASKS_AT_MOST):
                if not self._request(schedule, datetime.now(UTC)):
                    break

    def run(self, job: str, request: dg.RunRequest | None = None) -> bool:
        """A run to its end, well or not; and again while it has not read everything. True if it still has not."""
        request = request or dg.RunRequest()
        if request.run_key and self._is_done(request.run_key):
            return False
        run_id = str(uuid.uuid4())
        self._wait_for(self._forked(job, request, run_id), run_id)
        ended = self._instance.get_run_by_id(run_id)
        if ended and ended.is_success and job in GOING_ON and (more := self._left_over(ended)):
            return self.run(job, more)
        return bool(ended and ended.tags.get(UNFINISHED))

    def _forked(self, job: str, request: dg.RunRequest, run_id: str) -> int:
        """A process for the run, as Dagster's launcher starts one; that all is imported already saves seconds."""
        child = os.fork()
        if child:
            return child
        try:
            with dg.DagsterInstance.from_config(str(Path.cwd())) as instance:
                self._repository.get_job(job).execute_in_process(
                    instance=instance,
                    run_id=run_id,
                    run_config={**request.run_config, **QUIET},
                    tags={**request.tags, **({RUN_KEY: request.run_key} if request.run_key else {})},
                    asset_selection=request.asset_selection,
                    raise_on_error=False,
                )
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)

    def _wait_for(self, child: int, run_id: str) -> None:
        """Until it is over; what it held at most is a tag of the run."""
        *_, usage = os.wait4(child, 0)
        self._instance.add_run_tags(run_id, {PEAK_MIB: str(usage.ru_maxrss >> 10)})

    def _is_done(self, key: str) -> bool:
        """Was a run asked for by this key already? What was killed runs again, as `run_retries` has it."""
        asked = self._instance.get_runs(dg.RunsFilter(tags={RUN_KEY: key}))
        return any(not run.tags.keys() & KILLED.keys() for run in asked)

    def _asked(self, schedule: Any) -> datetime:
        """The newest tick that was asked about; at first, the newest of all: what was due before is over."""
        name = _TICK + schedule.name
        if not (stored := self._remembered(name)):
            self._remember(name, stored := _newest_tick(schedule).isoformat())
        return datetime.fromisoformat(stored)

    def _request(self, schedule: Any, tick: datetime) -> bool:
        """What the schedule asks for at this tick. True if that has not read everything, nor is gone on with."""
        context = dg.build_schedule_context(
            self._instance, tick, resources=RESOURCES, repository_def=self._repository
        )
        unfinished = False
        for request in schedule.evaluate_tick(context).run_requests:
            unfinished |= self.run(request.job_name or schedule.job_name, request)
        return unfinished

    def _landed(self) -> bool:
        """Have ingested what landed. False if nothing had."""
        sensor: Any = self._repository.get_sensor_def(LANDING)
        answer = sensor(dg.build_sensor_context(self._instance, resources=RESOURCES))
        if not isinstance(answer, dg.RunRequest):
            return False
        self.run(
            sensor.job_name, dg.RunRequest(answer.run_key, INGEST, asset_selection=answer.asset_selection)
        )
        return True

    def _automate(self) -> None:
        """What follows a change: the mart, and what people look at."""
        stored = self._remembered(_CURSOR)
        found = dg.evaluate_automation_conditions(
            ours,
            self._instance,
            SHOWN,
            cursor=deserialize_value(stored) if stored else None,  # type: ignore[arg-type]
        )
        keys = [
            key for key in SHOWN.resolve(ours.resolve_asset_graph()) if found.get_requested_partitions(key)
        ]
        if keys:
            job = self._repository.get_implicit_job_def_for_assets(keys)
            assert job
            self.run(job.name, dg.RunRequest(asset_selection=keys))
        self._remember(_CURSOR, serialize_value(found.cursor))

    def _left_over(self, run: dg.DagsterRun) -> dg.RunRequest | None:
        sensor: Any = self._repository.get_sensor_def("backlog_sensor")
        (ended,) = self._instance.all_logs(run.run_id, of_type=dg.DagsterEventType.RUN_SUCCESS)
        context = dg.build_run_status_sensor_context(
            sensor_name=sensor.name,
            dagster_event=ended.get_dagster_event(),
            dagster_instance=self._instance,
            dagster_run=run,
        )
        answer = sensor(context)
        return answer if isinstance(answer, dg.RunRequest) else None

    def _remembered(self, name: str) -> str | None:
        return self._instance.daemon_cursor_storage.get_cursor_values({name}).get(name)

    def _remember(self, name: str, value: str) -> None:
        self._instance.daemon_cursor_storage.set_cursor_values({name: value})


def _newest_tick(schedule: Any) -> datetime:
    found: datetime = croniter(schedule.cron_schedule, datetime.now(UTC)).get_prev(datetime)
    return found


def main() -> None:
    """In the folder of the deployment: `daemon` looks until it is ended, `by-hand` asks who is named on stdin."""
    with dg.DagsterInstance.from_config(str(Path.cwd())) as instance:
        # The first report that is due opens DuckDB: 40 MiB, once. Opened at once, it is no growth of the day.
        duckdb.connect().execute("select count(*) from information_schema.tables")
        daemon = Daemon(instance)
        daemon.clear_up()
        if sys.argv[1:] == ["by-hand"]:
            for line in sys.stdin:
                daemon.ask(line.strip())
                print(line, end="", flush=True)
        else:
            while True:
                daemon.look()
                time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    main()
