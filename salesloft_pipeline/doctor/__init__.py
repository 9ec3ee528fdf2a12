"""`doctor`: is everything in place? One finding per part, in one table, each with what to do when it is not well.

    settings  ->  EXAMINATIONS  ->  ok, warn or fail, and one line

Nothing is changed by looking, but a budget of some 60 points, and Dagster's tables where it has none yet.
"""

from __future__ import annotations

from collections.abc import Iterator

from salesloft_pipeline.doctor import account, stores
from salesloft_pipeline.doctor.bundle import write_bundle
from salesloft_pipeline.doctor.finding import Finding, Look, Patient, look_at
from salesloft_pipeline.settings import SettingsError, load_settings

# Without a key that is believed, SalesLoft has nothing more to say.
_BY_KEY: tuple[tuple[str, Look], ...] = (
    ("team", account.team),
    ("budget", account.budget),
    ("access", account.access),
    ("clock", account.clock),
)
_HERE: tuple[tuple[str, Look], ...] = (
    ("warehouse", stores.warehouse),
    ("disk", stores.disk),
    ("files", stores.files),
    ("landing", stores.landing),
    ("receiver", stores.receiver),
    ("dagster", stores.dagster),
)


def examine() -> Iterator[Finding]:
    """Findings as they come, settings first. Never raises for something that is merely not well."""
    try:
        patient = Patient(load_settings())
    except SettingsError as error:
        yield Finding("settings", "fail", str(error))
        return
    yield Finding("settings", "ok", "all readable")
    yield (key := look_at("key", account.key, patient))
    for part, look in (*(_BY_KEY if key.state != "fail" else ()), *_HERE):
        yield look_at(part, look, patient)


__all__ = ["Finding", "examine", "write_bundle"]
