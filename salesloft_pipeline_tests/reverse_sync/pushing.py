"""A push against the simulator: a scene with people, a model file, and what was written."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from dogpile.cache import CacheRegion

from salesloft_pipeline.ingest import ops
from salesloft_pipeline.reverse_sync.cache import open_cache
from salesloft_pipeline.reverse_sync.model import load_model
from salesloft_pipeline.reverse_sync.push import Push as Pushing
from salesloft_pipeline.reverse_sync.report import Report
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.salesloft.protocol import Reply
from salesloft_pipeline_tests.conftest import AMPLE, Scene

MODEL: dict[str, Any] = {
    "source": {"file": "rows.csv"},
    "match": {"column": "id", "field": "id"},
    "fields": {"title": "title"},
}


@dataclass
class Push:
    """A scene whose people are synced, and a model in `folder`."""

    scene: Scene
    folder: Path
    model: dict[str, Any] = field(default_factory=lambda: dict(MODEL))

    def rows(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """What should be, as CSV."""
        with (self.folder / "rows.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    def path(self) -> Path:
        """The model's file, written as it stands now."""
        path = self.folder / "model.yaml"
        path.write_text(yaml.safe_dump(self.model))
        return path

    def __call__(
        self,
        *,
        apply: bool = True,
        connect: Callable[[], SalesloftClient] | None = None,
        cache: CacheRegion | None = None,
        **options: Any,
    ) -> Report:
        """Push by the model as it stands now."""
        model, warehouse = load_model(self.path()), self.scene.warehouse
        options = {"pace": AMPLE, **options}
        pushing = Pushing(
            connect or self.scene.client, warehouse, model, cache or open_cache(None), **options
        )
        return pushing(apply=apply)

    def people(self, count: int) -> list[dict[str, Any]]:
        """The first people with an address whom nothing speaks against."""
        fine = (
            person
            for person in self.scene.world.truth("people")
            if person["email_address"] and not person["do_not_contact"] and not person["eu_resident"]
        )
        return [next(fine) for _ in range(count)]

    def person(self, number: int) -> dict[str, Any]:
        """A person as SalesLoft shows them now."""
        return next(each for each in self.scene.world.truth("people") if each["id"] == number)


class Faulty(SalesloftClient):
    """A client whose writes meet a fault of the simulator, each time they are sent; its reads go well."""

    def __init__(self, scene: Scene, kind: Any) -> None:
        sound = scene.client()
        super().__init__(sound._http, sound.budget)
        self._world, self._kind = scene.world, kind

    def _once(self, method: str, path: str, held: int, **sent: Any) -> Reply:
        if method != "GET":
            self._world.fault(self._kind)
        return super()._once(method, path, held, **sent)


def writes(scene: Scene) -> list[tuple[str, str]]:
    """Method and path of every write SalesLoft has seen, in order."""
    return [(each.method, each.path) for each in scene.world.log if each.method != "GET"]


def prepare(scene: Scene) -> None:
    """People and memberships in the warehouse, and the tables of the log."""
    scene.sync("people", "cadence_memberships")
    ops.create_tables(scene.warehouse)
