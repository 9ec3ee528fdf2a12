"""What is looked at on our side: warehouse, disk, landing, receiver, and where Dagster keeps its runs."""

from __future__ import annotations

import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from salesloft_pipeline import connections, dagster_storage
from salesloft_pipeline.doctor.finding import Doubtful, Patient, Unwell
from salesloft_pipeline.ingest import ops
from salesloft_pipeline.landing import State
from salesloft_pipeline.receiver import WEBHOOKS, tokens_of
from salesloft_pipeline.salesloft.subscriptions import fault_at

# A sync comes every five minutes; some may fail before anybody has to know.
LOADED_LATELY = timedelta(hours=1)
LANDED_LATELY = timedelta(minutes=15)
DAEMON_LATELY = timedelta(minutes=2)
GIB = 1 << 30
_MAY_WRITE = (
    "select has_database_privilege(current_database(), 'CREATE'), pg_database_size(current_database())"
)


def warehouse(patient: Patient) -> str:
    """Does it answer, may we write, how large is it, how old is what it holds?"""
    place = patient.warehouse
    if place.path and not place.path.exists():
        return f"{place.path} is not there yet: the first sync makes it"
    until = ops.loaded_until(place)
    ((may_write, size),) = [(True, place.path.stat().st_size)] if place.path else place.query(_MAY_WRITE)
    if not may_write:
        raise Unwell(
            f"{place!r} answers, but its user may not make schemas: grant create on the database to the user of "
            "WAREHOUSE_URL"
        )
    answers = f"{place!r} answers and can be written, {_size(size)}"
    if until is None:
        return f"{answers}; no sync has ended yet"
    told = f"{answers}; loaded until {until:%Y-%m-%d %H:%M} UTC"
    if _age(until) > LOADED_LATELY:
        raise Doubtful(
            f"{told}, more than an hour ago: is Dagster's daemon running, and do its runs end well? Or run "
            "`salesloft-pipeline sync`"
        )
    return told


def disk(patient: Patient) -> str:
    """Room where files are kept; `erase` writes a DuckDB file a second time beside itself."""
    place = patient.warehouse.path or Path("data")
    folder = next(each for each in (place.parent, *place.absolute().parents) if each.exists())
    free = shutil.disk_usage(folder).free
    needed = max(GIB, 2 * place.stat().st_size if patient.warehouse.path and place.exists() else 0)
    if free < needed:
        raise Doubtful(f"{_size(free)} free beside {place}, {_size(needed)} are wanted: make room")
    return f"{_size(free)} free beside {place}"


def files(patient: Patient) -> str:
    """Can nobody else on this machine read what is secret or about people?"""
    settings = patient.settings
    named = (settings.salesloft_oauth_token_file, settings.salesloft_webhook_tokens_file)
    kept = (Path(".env"), patient.warehouse.path, connections.landing(settings).path, *named)
    there = [file for file in kept if file and file.exists()]
    if wide := [str(file) for file in there if _is_open(file)]:
        raise Doubtful(f"others on this machine can read {', '.join(wide)}: `chmod 600 {' '.join(wide)}`")
    return f"{len(there)} with secrets or people in them, for their owner alone"


def landing(patient: Patient) -> str:
    """How many deliveries wait, since when, and how many were set aside."""
    place = connections.landing(patient.settings)
    if place.path and not place.path.exists():
        return f"{place.path} is not there yet: the first webhook makes it"
    counts, oldest = place.counts(), place.oldest_pending()
    waiting = f"{counts[State.PENDING]} wait since {oldest:%Y-%m-%d %H:%M} UTC" if oldest else "none waits"
    told = f"{place!r} answers; {counts[State.INGESTED]} deliveries are in the warehouse, {waiting}"
    if refused := place.quarantined():
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(refused.items()))
        raise Doubtful(f"{told}; in quarantine: {reasons}")
    if oldest and _age(oldest) > LANDED_LATELY:
        raise Doubtful(f"{told}: is Dagster's daemon running, and do the runs of webhook_job end well?")
    return told


def receiver(patient: Patient) -> str:
    """Is it in use, does it answer here, and whom does it believe?"""
    settings = patient.settings
    if not (settings.salesloft_webhook_tokens or settings.salesloft_webhook_tokens_file):
        return "not in use: SALESLOFT_WEBHOOK_TOKENS is not set"
    tokens = f"tokens: {', '.join(token.name for token in tokens_of(settings))}"
    address = f"http://{settings.receiver_host}:{settings.receiver_port}{WEBHOOKS}"
    if fault := fault_at(address):
        raise Doubtful(
            f"none on this machine ({fault} at {address}): if it should be here, start "
            f"`salesloft-pipeline receiver`; {tokens}"
        )
    return f"answers at {address}; {tokens}"


def dagster(patient: Patient) -> str:
    """Where runs are kept, whether the daemon is alive, and whether the pool suits the warehouse."""
    seen = dagster_storage.glance()
    if seen is None:
        return "nothing ran in this folder yet: `make dev` starts it"
    if patient.warehouse.dialect == "duckdb" and seen.warehouse_pool > 1:
        raise Unwell(
            f"pool warehouse has {seen.warehouse_pool} places, and a DuckDB file one writer: "
            "`dagster instance concurrency set warehouse 1`"
        )
    told = f"{seen.kind} keeps {seen.runs} runs, {seen.warehouse_pool} at a time may stand in pool warehouse"
    if seen.daemon_at is None or _age(seen.daemon_at) > DAEMON_LATELY:
        since = f"since {seen.daemon_at:%Y-%m-%d %H:%M} UTC" if seen.daemon_at else "ever"
        raise Doubtful(
            f"{told}; its daemon was not heard of {since}: nothing runs by itself, start `make dev` or dagster-daemon"
        )
    return f"{told}; its daemon is alive"


def _is_open(file: Path) -> bool:
    """Readable by others, in a folder that they may enter."""
    may_enter = file.absolute().parent.stat().st_mode & (stat.S_IXGRP | stat.S_IXOTH)
    return bool(may_enter and file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))


def _age(instant: datetime) -> timedelta:
    return datetime.now(UTC) - instant


def _size(number: int) -> str:
    return f"{number / GIB:.1f} GiB" if number >= GIB else f"{number / (1 << 20):.1f} MiB"
