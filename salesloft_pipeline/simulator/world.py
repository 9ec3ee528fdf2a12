"""The world behind the API: what is true in it, how it changes, and who asked for what."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from threading import RLock
from typing import Any

from .api.answers import answer
from .api.budget import Budget
from .api.exchange import Answer, Request
from .api.faults import Fault, Kind, Malformed
from .api.keys import Key, demo_keys
from .api.listing import Resource
from .api.parts import PARTS
from .api.rendering import truth
from .api.resources import BY_NAME, RESOURCES
from .clock import Clock
from .oauth import Accounts
from .records.identity import Id, ids_of, rows_of
from .switches import Switches
from .team import changes
from .team.engine import build, run
from .team.hours import SECOND, instant, moment
from .team.integrations import record_request
from .team.order import Rows
from .team.state import Sizes
from .team.table import Table
from .webhooks import Outbox, Subscribers, work_off
from .writing.finder import Finder

LOG_LENGTH = 200_000


class World:
    """A team, its past, and the API in front of it. Safe to use from several threads.

    `now` is the instant the history ends (default: the real time); the same sizes, seed and now give the same
    world. With `speed` 0 time stands still until `advance`; with 1 it runs with the real clock. Resources are
    named by path (`activities/emails`) or by its last part (`emails`).
    """

    def __init__(
        self,
        people: int = 2_000,
        emails: int = 20_000,
        days: int = 120,
        seed: int = 1,
        *,
        now: datetime | None = None,
        speed: float = 0.0,
        cost_per_minute: int = 600,
        switches: Switches | None = None,
        keys: Mapping[str, Key] | None = None,
        zone: str = "America/New_York",
    ) -> None:
        self.lock = RLock()
        self.clock = Clock(now, speed)
        self.state = build(Sizes(people, emails, days, seed), self.clock.now(), switches or Switches())
        self.budget = Budget(cost_per_minute)
        self.keys = dict(keys or demo_keys(zone))
        self.accounts = Accounts(self)
        self.subscribers, self.outbox, self.finder = Subscribers(self), Outbox(), Finder(self.state)
        self.deliveries = self.outbox.log
        self.before_request: Callable[[World, Request], None] | None = None
        self.log: deque[Request] = deque(maxlen=LOG_LENGTH)
        self.requests = 0
        self.rows_by_resource: Counter[str] = Counter()
        self.requests_by_resource: Counter[str] = Counter()
        self._faults: list[Fault] = []
        self.malformed: dict[str, dict[Id, Malformed]] = {}

    # ---- time

    @property
    def now(self) -> datetime:
        """The present, in UTC."""
        with self.lock:
            return moment(self.clock.now())

    def advance(self, seconds: float = 0.0) -> None:
        """Let time pass: emails go out, counters move, replies arrive, people step through their cadences."""
        with self.lock:
            self.clock.advance(seconds)
            self.catch_up()

    def catch_up(self) -> None:
        """Let everything happen that the clock has already reached."""
        until = self.clock.now() - int(self.switches.late_commit_seconds * SECOND)
        run(self.state, max(until, self.state.until), self.subscribers.collect)

    # ---- truth

    def truth(self, resource: str, key: str | None = None) -> Iterator[dict[str, Any]]:
        """Every living record, as GET shows it to this key (default: the first), in no promised order.

        A part of records (api/parts.py) goes by its path in one word, `conversations_extensive`; its records
        carry the id of their parent too. The lock is free between records: wrap it in `list` where nothing may
        move meanwhile.
        """
        return truth(self, resource, self.keys[key or next(iter(self.keys))])

    def ids(self, resource: str) -> list[Id]:
        """The ids of all living records."""
        with self.lock:
            self.catch_up()
            known = self.resource(resource)
            return ids_of(self.state, known.table, known.naming, self.state[known.table].alive)

    # ---- changes

    def touch(self, resource: str, ids: Iterable[Id]) -> None:
        """Change records in a way that happens to such records; updated_at becomes now."""
        with self._changing(resource, ids) as (table, rows, now):
            changes.touch(table, rows, now)

    def stamp(self, resource: str, ids: Iterable[Id], at: datetime) -> None:
        """Give many records the same updated_at."""
        with self._changing(resource, ids) as (table, rows, _):
            table.update(rows, updated_at=instant(at))

    def change_silently(self, resource: str, ids: Iterable[Id]) -> None:
        """Change records without moving updated_at."""
        with self._changing(resource, ids) as (table, rows, _):
            changes.touch(table, rows, None)

    def delete(self, resource: str, ids: Iterable[Id]) -> None:
        """Delete records: they are absent from lists, and GET by id gives 404."""
        with self._changing(resource, ids) as (table, rows, now):
            changes.delete(self.state, table, rows, now)

    def forget(self, people: Iterable[Id]) -> Id:
        """Erase people on their request: they are gone, and a row of data_control/requests names their ids.

        Returns the id of that row. Ids that nobody has are left out. What SalesLoft does to their emails,
        meetings and conversations is not documented: here those stay as they are after a deletion.
        """
        with self._changing("people", people) as (table, rows, now):
            changes.delete(self.state, table, rows, now)
            made = record_request(self.state, table["id"][rows].tolist(), now)
            return int(self.state["data_control_requests"]["id"][made[0]])

    def add(self, resource: str, count: int) -> list[Id]:
        """New records of this kind, made now; returns their ids."""
        with self._changing(resource, []) as (table, _, now):
            rows = changes.add(self.state, table, count, now)
            return ids_of(self.state, table.name, self.resource(resource).naming, rows)

    # ---- bad days

    def switch(self, **values: Any) -> None:
        """Set switches by name (see switches.py)."""
        with self.lock:
            self.state.switches = self.switches.changed(**values)

    @property
    def switches(self) -> Switches:
        """The switches as they stand."""
        return self.state.switches

    def fault(self, kind: Kind, times: int = 1, resource: str | None = None, status: int = 500) -> None:
        """Let the next requests go wrong (see faults.py for the kinds)."""
        with self.lock:
            name = resource if resource is None or resource in PARTS else self.resource(resource).name
            self._faults.append(Fault(kind, times, name, status))

    def malform(self, resource: str, id_: Id, *, missing: Iterable[str] = (), **values: Any) -> None:
        """Show one record without some fields, or with other values in them, until further notice."""
        with self.lock:
            wrong = Malformed(tuple(missing), tuple(values.items()))
            self.malformed.setdefault(self.resource(resource).path, {})[id_] = wrong

    def clear(self) -> None:
        """Forget all faults and malformed records."""
        with self.lock:
            self._faults.clear()
            self.malformed.clear()

    # ---- the API

    def sizes(self) -> dict[str, int]:
        """How many living records each list has."""
        with self.lock:
            return {name: len(self.state[known.table].alive) for name, known in BY_NAME.items()}

    @property
    def points_spent(self) -> int:
        """Points charged so far."""
        return self.budget.spent

    def answer(
        self, method: str, path: str, query: str, headers: Mapping[str, str], sent: bytes = b""
    ) -> Answer:
        """Answer one request below /v2, `sent` its body; see api/answers.py."""
        with self.lock:
            self.catch_up()
            reply = answer(self, method, path, query, headers, sent)
            self.subscribers.collect()
            return reply

    def call_before_request(self, request: Request) -> None:
        """Give the test its chance to change the world between two pages."""
        if self.before_request is not None:
            self.before_request(self, request)
            self.catch_up()

    def remember(self, request: Request) -> None:
        """Write a request to the log and into the sums."""
        self.log.append(request)
        self.requests += 1
        self.requests_by_resource[request.resource] += 1
        self.rows_by_resource[request.resource] += request.rows

    def strike(self, resource: str) -> Fault | None:
        """The fault this request meets, used up by one."""
        for fault in self._faults:
            if fault.meets(resource):
                fault.times -= 1
                return fault
        return None

    def deliver(self, patience_seconds: float = 30.0) -> Counter[str]:
        """Post the webhooks that are due, one by one, and count the attempts by outcome: see webhooks/posting.py.

        Whatever is left when the patience (in real time) is over stays due. `deliveries` is the log of attempts.
        """
        return work_off(self, patience_seconds)

    @contextmanager
    def _changing(self, name: str, ids: Iterable[Id]) -> Iterator[tuple[Table, Rows, int]]:
        """The table, the rows of these ids, and the present, under the lock."""
        with self.lock:
            self.catch_up()
            resource = self.resource(name)
            yield (
                self.state[resource.table],
                rows_of(self.state, resource.table, resource.naming, ids),
                self.clock.now(),
            )
            self.subscribers.collect()

    def resource(self, name: str) -> Resource:
        """The list of this name. Raises KeyError with the names there are."""
        known = RESOURCES.get(name) or BY_NAME.get(name)
        if known is None:
            raise KeyError(f"no resource is called {name!r}; there are {', '.join(sorted(BY_NAME))}")
        return known
