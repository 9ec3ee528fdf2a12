"""A day in the life of a deployment: everything runs, people work, processes are killed, and all of it is watched.

Place, dice  ->  live_through  ->  Day: what was sampled, acknowledged and killed, with SalesLoft standing still
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from salesloft_pipeline.ingest import ops
from salesloft_pipeline.ingest.lists import ASK_ALL_AFTER
from salesloft_pipeline.salesloft.webhooks import ROUTES
from salesloft_pipeline.simulator import delivering
from salesloft_pipeline.simulator.webhooks.outbox import Delivery, Outcome
from salesloft_pipeline_tests.receiver.stand import SECRET
from salesloft_pipeline_tests.simulator.receiving import send, subscribe
from salesloft_pipeline_tests.soak.place import BEGAN, Place
from salesloft_pipeline_tests.soak.samples import Sample, sample_of
from salesloft_pipeline_tests.soak.team import Team
from salesloft_pipeline_tests.soak.yours import CADENCE

NOT_SENT = {"link_swap", "email_with_body_and_subject_updated"}
LOOK_SECONDS, SAMPLE_SECONDS = 0.05, 0.5
MINUTES_BETWEEN_DEEDS = 4.0
# Parts of the day in which processes are killed: a long time without is needed to see whether one grows.
KILLS = {
    "daemon": ((0.08, 0.15), (0.22, 0.30), (0.86, 0.95)),
    "receiver": ((0.04, 0.12), (0.18, 0.26), (0.88, 0.94)),
}
# The last round, and between the two of it what the writes set off is delivered. A first look at the automation is
# what its next one compares with; the last one but one builds what was read, so that the comparison's build is the last.
LAST_WRITES = ("automation_sensor", "people_push_schedule", "enrollment_schedule")
LAST_READS = (
    *("webhook_landing_sensor", "sync_schedule", "snapshot_schedule", "sweep_schedule"),
    *("automation_sensor", "comparison_schedule", "automation_sensor"),
)
# The sums of cadence_stats: every cadence is asked once a day, whatever its updated_at says.
NEXT_DAY_READS = ("snapshot_schedule",)


@dataclass
class Day:
    """What was seen: samples, seconds that our copy and the mart were behind, deliveries made and answered 200."""

    place: Place
    hours: float
    team: Team
    samples: list[Sample] = field(default_factory=list)
    behind: list[tuple[datetime, float, float]] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    kills: list[tuple[datetime, str]] = field(default_factory=list)

    @property
    def end(self) -> datetime:
        """When it is over."""
        return BEGAN + timedelta(hours=self.hours)

    def look(self, now: datetime) -> None:
        """Take a sample of everything."""
        pids = self.place.pids.items()
        self.samples += [found for name, pid in pids if (found := sample_of(now, name, pid))]
        loaded, built = self._loaded(), self._built()
        if loaded and built:
            self.behind.append((now, (now - loaded).total_seconds(), (now - built).total_seconds()))

    def _loaded(self) -> datetime | None:
        warehouse = self.place.warehouse
        return ops.loaded_until(warehouse) if "sync_log" in warehouse.tables("ops") else None

    def _built(self) -> datetime | None:
        warehouse = self.place.warehouse
        if "build_info" not in warehouse.tables("mart"):
            return None
        ((as_of,),) = warehouse.query("select as_of from mart.build_info")
        return as_of  # type: ignore[no-any-return]

    def watch_webhooks(self) -> None:
        """Note what is told, and what was answered 200."""
        outbox = self.place.world.outbox
        put, settle = outbox.put, outbox.settle

        def noted(deliveries: Any, *how: Any) -> None:
            self.told |= set(map(event_id, deliveries))
            put(deliveries, *how)

        def settled(delivery: Delivery, status: int | None, now: int) -> Outcome:
            if status == 200:
                self.acknowledged.add(event_id(delivery))
            return settle(delivery, status, now)

        outbox.put, outbox.settle = noted, settled  # type: ignore[method-assign,assignment]  # they look on

    def kill(self, name: str) -> None:
        """kill -9, and a new one at once."""
        place = self.place
        self.kills.append((place.lapse.now(), name))
        if name == "daemon":
            place.kill_daemon()
            place.start_daemon()
        else:
            place.kill_receiver()
            place.start_receiver()


def event_id(delivery: Delivery) -> str:
    """As the landing names it."""
    return hashlib.sha256(delivery.event_type.encode() + b"\n" + delivery.body).hexdigest()


def live_through(place: Place, hours: float, seed: int) -> Day:
    """Live through so many hours, then let everything that is asked for regularly be asked for once more."""
    dice = random.Random(seed)
    day = Day(place, hours, Team(place.world, place.warehouse, seed))
    _make_cadence(day)
    day.team.arrive()
    place.by_hand(["main_job"])
    place.begin()
    day.watch_webhooks()
    url = place.start_receiver()
    for event_type in sorted(ROUTES.keys() - NOT_SENT):
        subscribe(place.world, event_type, url, token=SECRET)
    place.start_daemon()
    with delivering(place.world):
        _pass(day, sorted(_agenda(day, dice), key=lambda each: each[0]))
        place.kill_daemon()
        place.stand_still()
        _last_round(day)
    return day


def _make_cadence(day: Day) -> None:
    content = {
        "settings": {"name": CADENCE},
        "sharing_settings": {"team_cadence": True},
        "cadence_content": {"step_groups": [{"day": 1, "steps": [{"name": "Mail", "type": "Email"}]}]},
    }
    made = send(day.place.world, "POST", "/cadence_imports", content)
    assert made.status == 200, made.body


def _agenda(day: Day, dice: random.Random) -> Iterator[tuple[datetime, Callable[[], None]]]:
    """What happens when: deeds of people, and kills."""
    at = BEGAN
    while (at := at + timedelta(minutes=dice.expovariate(1 / MINUTES_BETWEEN_DEEDS))) < day.end:
        yield at, day.team.act
    for name, windows in KILLS.items():
        for window in windows:
            yield BEGAN + timedelta(hours=day.hours * dice.uniform(*window)), partial(day.kill, name)


def _pass(day: Day, agenda: list[tuple[datetime, Callable[[], None]]]) -> None:
    sampled = 0.0
    while (now := day.place.lapse.now()) < day.end:
        while agenda and agenda[0][0] <= now:
            agenda.pop(0)[1]()
        if time.monotonic() - sampled >= SAMPLE_SECONDS:
            day.look(now)
            sampled = time.monotonic()
        time.sleep(LOOK_SECONDS)


def _last_round(day: Day) -> None:
    """Write, deliver what that set off, read: as the next tick of each schedule does."""
    place = day.place
    place.by_hand(LAST_WRITES)
    while len(place.world.outbox):
        place.world.advance(15)
        time.sleep(LOOK_SECONDS)
    place.by_hand(LAST_READS)
    place.go_on_from(place.lapse.now() + ASK_ALL_AFTER)
    place.by_hand(NEXT_DAY_READS)
