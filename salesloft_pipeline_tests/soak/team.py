"""What people do in SalesLoft and in the source table during the day, on top of what the simulated team does anyway.

dice  ->  one deed after the other  ->  records added, changed, deleted; emails sent; rows of analytics.people

The simulator lets replies, opens, bounces and steps of cadences follow by themselves as its clock moves.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from salesloft_pipeline.simulator import World
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.soak.place import BEGAN

ADDED = ("emails", "emails", "people", "accounts", "calls", "tasks", "notes", "cadence_memberships")
TOUCHED = (
    "people",
    "emails",
    "accounts",
    "calls",
    "tasks",
    "cadence_memberships",
    "notes",
    "users",
    "meetings",
)
DELETED = ("people", "accounts", "tasks", "notes", "emails")
# The nightly sweep asks for the emails of 30 days; that an older one was deleted is not seen, and the README says so.
SWEPT_LATELY = timedelta(days=28)
ROWS = 40
TABLE = """
create schema analytics;
create table analytics.people (id bigint primary key, title text not null, is_enrolled boolean not null);
"""


class Team:
    """Everybody who changes something. Deeds are drawn from the dice, so that a seed gives the same day again."""

    def __init__(self, world: World, warehouse: Warehouse, seed: int) -> None:
        self._world, self._warehouse, self._dice = world, warehouse, random.Random(seed)
        self._deeds: list[Callable[[], None]] = [self._add, self._touch, self._delete, self._edit]
        self.deeds = 0
        self.rows = [person["id"] for person in world.truth("people") if _is_fine(person)][:ROWS]

    def arrive(self) -> None:
        """Make the source table, with some of the team's people in it."""
        for statement in TABLE.strip().split(";\n"):
            self._warehouse.execute(statement)
        for number in self.rows:
            self._warehouse.execute(
                "insert into analytics.people values ($1, $2, false)", [number, f"Title {number}"]
            )

    def act(self) -> None:
        """One deed."""
        (deed,) = self._dice.choices(self._deeds, weights=[4, 6, 1, 2])
        deed()
        self.deeds += 1

    def _add(self) -> None:
        self._world.add(self._dice.choice(ADDED), self._dice.randint(1, 4))

    def _touch(self) -> None:
        resource = self._dice.choice(TOUCHED)
        ids = self._world.ids(resource)
        self._world.touch(resource, self._dice.sample(ids, min(len(ids), self._dice.randint(1, 10))))

    def _delete(self) -> None:
        resource = self._dice.choice(DELETED)
        spared: set[Any] = set(self.rows) if resource == "people" else set()
        if resource == "emails":
            spared = {email["id"] for email in self._world.truth("emails") if _is_old(email)}
        ids = [each for each in self._world.ids(resource) if each not in spared]
        self._world.delete(resource, self._dice.sample(ids, 1))

    def _edit(self) -> None:
        number = self._dice.choice(self.rows)
        self._warehouse.execute(
            "update analytics.people set title = $2, is_enrolled = is_enrolled or $3 where id = $1",
            [number, f"Title {number}, {self.deeds}", self._dice.random() < 0.5],
        )


def _is_old(email: dict[str, Any]) -> bool:
    return BEGAN - datetime.fromisoformat(email["created_at"]) > SWEPT_LATELY


def _is_fine(person: dict[str, Any]) -> bool:
    """Nothing speaks against writing this person."""
    return bool(person["email_address"]) and not (person["do_not_contact"] or person["eu_resident"])
