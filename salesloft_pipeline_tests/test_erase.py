"""A person who is erased leaves no trace: in no table, in no byte of a file, and no load brings them back."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from salesloft_pipeline import connections, transform
from salesloft_pipeline.cli import main
from salesloft_pipeline.ingest import ops
from salesloft_pipeline.ingest.reread import reread
from salesloft_pipeline.landing import Arrival
from salesloft_pipeline.salesloft.budget import Budget
from salesloft_pipeline.salesloft.endpoints import BY_NAME
from salesloft_pipeline.settings import Settings, load_settings
from salesloft_pipeline.simulator import CONTENTS_KEY
from salesloft_pipeline.transform.serving import publish
from salesloft_pipeline.warehouse import Warehouse, quote
from salesloft_pipeline_tests.conftest import AMPLE, NOW, Scene, both_engines, staged


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, warehouse_url: str) -> Iterator[Scene]:
    """A team whose data is loaded and built, in the working folder; its key reads bodies of emails too."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(connections, "Budget", partial(Budget, sleep=lambda _: None))
    with staged(warehouse_url, people=25, emails=80) as scene:
        for name, value in {
            "SALESLOFT_API_URL": scene.url,
            "SALESLOFT_API_KEY": CONTENTS_KEY,
            "SALESLOFT_COST_PER_MINUTE": str(AMPLE),
            "WAREHOUSE_URL": scene.warehouse.url,
            "LANDING_URL": f"sqlite:///{tmp_path}/landing.sqlite"
            if scene.warehouse.path
            else scene.warehouse.url,
        }.items():
            monkeypatch.setenv(name, value)
        yield scene


def called(*arguments: str, **options: Any) -> Result:
    """What the command did. Only click's own exits may leave it: any other exception is shown."""
    result = CliRunner().invoke(main, arguments, **options)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def loaded(scene: Scene, only: str | None = None) -> None:
    """Synced, all lists or only these, and built."""
    assert called("sync", *(["--only", only] if only else [])).exit_code == 0
    as_of = ops.loaded_until(scene.warehouse)
    assert as_of
    transform.build(scene.warehouse, as_of, "UTC")


def person_with_a_past(scene: Scene) -> dict[str, Any]:
    """Somebody with a name of their own and an address, to whom emails went."""
    people = list(scene.world.truth("people"))
    names = [person["display_name"] for person in people]
    written_to = {record["recipient"]["id"] for record in scene.world.truth("emails") if record["recipient"]}
    return next(
        person
        for person in people
        if person["email_address"] and person["id"] in written_to and names.count(person["display_name"]) == 1
    )


def email_to(scene: Scene, person: int) -> Any:
    """The id of an email to this person."""
    emails = (each for each in scene.world.truth("emails") if each["recipient"])
    return next(each["id"] for each in emails if each["recipient"]["id"] == person)


def identifying(person: dict[str, Any]) -> list[str]:
    return [person["email_address"], person["display_name"]]


def leave_calendars(scene: Scene, address: str) -> None:
    """Somebody corrects the reps' calendars: an event names its guests by no id, so no load could leave them out."""
    events = [each["id"] for each in scene.world.truth("calendar/events") if address in str(each)]
    assert events
    scene.world.delete("calendar/events", events)


def places(warehouse: Warehouse, texts: list[str]) -> set[str]:
    """Every table of every schema that holds one of the texts in any column, whatever its type, read row by row."""
    found = set()
    with warehouse.kept_open():
        tables = warehouse.query(
            "select table_schema, table_name from information_schema.tables "
            # What the planner knows of columns is values of theirs.
            "where table_schema not in ('pg_catalog', 'information_schema') or table_name = 'pg_stats'"
        )
        for schema, table in tables:
            rows = warehouse.query(f"select * from {quote(schema)}.{quote(table)}")
            if any(text.lower() in str(row).lower() for row in rows for text in texts):
                found.add(f"{schema}.{table}")
    return found


def files(folder: Path, warehouse: Warehouse, texts: list[str]) -> set[str]:
    """Every file, here or of the database, that holds one of the texts in its bytes."""
    contents = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    if warehouse.dialect == "postgres":
        warehouse.execute("checkpoint")
        contents |= dict(
            warehouse.query(
                "select relname, pg_read_binary_file(file) "
                "from (select relname, pg_relation_filepath(oid) as file from pg_class) as relations "
                "where file is not null"
            )
        )
    words = [text.lower().encode() for text in texts]
    return {name for name, content in contents.items() if any(word in content.lower() for word in words)}


def counts(warehouse: Warehouse) -> dict[str, int]:
    with warehouse.kept_open():
        return {
            name: warehouse.query(f"select count(*) from raw_salesloft.{quote(name)}")[0][0]
            for name in warehouse.tables("raw_salesloft")
            if not name.startswith("_dlt")
        }


@both_engines
def test_no_trace_is_left_and_none_comes_back(account: Scene, tmp_path: Path) -> None:
    """In tables, staging, quarantine, marts and bytes; SalesLoft may go on listing the person. Counts stay right."""
    person = person_with_a_past(account)
    texts, number = [*identifying(person), "the leg you broke", "unsaid"], str(person["id"])
    email = email_to(account, person["id"])
    other, wrong, template = (
        next(each for each in account.world.ids("people") if each != person["id"]),
        next(each for each in account.world.ids("emails") if each != email),
        account.world.ids("email_templates")[0],
    )
    account.world.malform("emails", email, subject="The leg you broke", remarks="unsaid")
    gossip = f"{texts[0].upper()} knows {texts[1]}"
    account.world.malform("people", other, title=gossip, remarks={"of": gossip})
    account.world.malform("emails", wrong, bounced="perhaps", recipient_email_address=texts[0])
    account.world.malform("email_templates", template, title=gossip)
    loaded(account)
    publish(account.warehouse, load_settings().serving_folder)
    before = counts(account.warehouse)
    assert {
        "raw_salesloft.people",
        "raw_salesloft.email_templates",
        "ops.quarantine",
        "mart.dim_person",
    } <= places(account.warehouse, texts)
    assert files(tmp_path, account.warehouse, texts)

    done = called("erase", "--person-id", number, "--yes")
    assert done.exit_code == 0, done.output
    assert not any(text.lower() in done.output.lower() for text in [*texts, gossip])
    for again in (False, True):
        assert places(account.warehouse, texts) == set()
        assert files(tmp_path, account.warehouse, texts) == set()
        if not again:
            account.world.clear()
            leave_calendars(account, person["email_address"])
            assert called("sync", "--full").exit_code == 0
            as_of = ops.loaded_until(account.warehouse)
            assert as_of
            transform.build(account.warehouse, as_of, "UTC")
    after = counts(account.warehouse)
    assert after["people"] == before["people"] - 1
    assert after["emails"] == before["emails"] + 1  # the one that was malformed
    assert account.warehouse.query("select person_id from ops.erasures") == [(person["id"],)]


def test_the_mart_is_built_again_and_holds(account: Scene) -> None:
    """Emails sent are still counted, for somebody of whom only the id is known, and no check forbids it."""
    person = person_with_a_past(account)
    loaded(account, "people,emails")
    sent = account.warehouse.query("select sum(emails_sent) from mart.daily_engagement")
    assert called("erase", "--person-id", str(person["id"]), "--yes").exit_code == 0
    assert account.warehouse.query("select sum(emails_sent) from mart.daily_engagement") == sent
    names = account.warehouse.query(
        "select display_name from mart.dim_person where person_id = $1", [person["id"]]
    )
    assert names == [(f"Person {person['id']}",)]
    as_of = ops.loaded_until(account.warehouse)
    assert as_of
    on_mart = [check for check in transform.CHECKS if check.table.startswith("mart.")]
    answers = transform.run_checks(account.warehouse, now=as_of, schedules={}, checks=on_mart)
    assert [a.number for a in answers if not a.passed and a.severity == "error"] == []


@both_engines
def test_deliveries_that_name_the_person_are_gone(account: Scene, tmp_path: Path) -> None:
    """By id or by a text, waiting or ingested, in any spelling, down to the bytes; the others stay."""
    person = person_with_a_past(account)
    loaded(account, "people,emails")
    address = person["email_address"]
    bodies = [
        ("person_updated", {"id": person["id"], "updated_at": "now"}),
        ("email_updated", {"id": 1, "recipient": {"id": person["id"]}}),
        ("note_created", {"id": 2, "content": f"wrote to {address.upper()}"}),
        ("account_updated", {"id": person["id"], "name": "the same number, another thing"}),
    ]
    raw = [(kind, orjson.dumps(body)) for kind, body in bodies]
    raw.append(("person_updated", b"{ not json: " + address.encode()))
    raw.append(
        (
            "task_created",
            b'{"id": 3, "subject": "' + "".join(f"\\u{ord(c):04x}" for c in address).encode() + b'"}',
        )
    )
    landing = connections.landing(load_settings())
    landing.land([Arrival(kind, body, NOW, "main") for kind, body in raw])
    landing.mark_ingested([landing.pending(1, 1)[0].id])
    leave_calendars(account, address)
    result = called("erase", "--person-id", str(person["id"]), "--yes")
    assert result.exit_code == 0, result.output
    assert [delivery.event_type for delivery in landing.everything()] == ["account_updated"]
    assert files(tmp_path, account.warehouse, [address]) == set()


def test_a_copy_that_cannot_be_made_anew_is_told(account: Scene) -> None:
    """A serving copy beside a warehouse without a mart may be another's: it is named, and the command fails."""
    assert called("sync", "--only", "people").exit_code == 0
    copy = load_settings().serving_folder / "salesloft.duckdb"
    copy.parent.mkdir(parents=True)
    copy.touch()
    result = called("erase", "--person-id", str(account.world.ids("people")[0]), "--yes")
    assert result.exit_code == 1
    assert "STILL THERE: this warehouse has no mart" in result.output
    assert copy.exists()


def test_a_reread_brings_nobody_back(account: Scene, tmp_path: Path) -> None:
    """Whatever the way a record comes by."""
    person = person_with_a_past(account)
    loaded(account, "people,emails")
    called("erase", "--person-id", str(person["id"]), "--yes")
    endpoints = [BY_NAME[name] for name in ("people", "emails", "calls", "notes")]
    assert reread(account.client(CONTENTS_KEY), account.warehouse, endpoints=endpoints).rows > 100
    assert places(account.warehouse, identifying(person)) == set()
    assert files(tmp_path, account.warehouse, identifying(person)) == set()


def test_a_refused_record_of_the_erased_is_not_kept(account: Scene) -> None:
    """Quarantine takes neither their own record nor one that names them."""
    person = person_with_a_past(account)
    loaded(account, "people,emails")
    called("erase", "--person-id", str(person["id"]), "--yes")
    account.world.malform("people", person["id"], bouncing="perhaps")
    account.world.malform("emails", email_to(account, person["id"]), bounced="perhaps")
    assert called("sync", "--only", "people,emails", "--full").exit_code == 0
    assert ops.count(account.warehouse, "quarantine") == 0


def test_a_namesake_keeps_the_name(account: Scene) -> None:
    """What others bear too is not searched for, and the answer says so; their rows stay whole."""
    person = person_with_a_past(account)
    other = next(each for each in account.world.ids("people") if each != person["id"])
    account.world.malform("people", other, display_name=person["display_name"], mobile_phone="+1 555 0100")
    account.world.malform("people", person["id"], mobile_phone="+1 555 0100")
    loaded(account, "people,emails")
    done = called("erase", "--person-id", str(person["id"]), "--yes")
    assert "2 of their texts" in done.output
    kept = account.warehouse.query(
        "select display_name, mobile_phone from raw_salesloft.people where id = $1", [other]
    )
    assert kept == [(person["display_name"], "+1 555 0100")]
    assert places(account.warehouse, [person["email_address"]]) == set()


def test_somebody_unknown_is_kept_out(account: Scene) -> None:
    """The command says that nothing was known, and the first sync leaves the person out."""
    person = person_with_a_past(account)
    done = called("erase", "--person-id", str(person["id"]), "--yes")
    assert done.exit_code == 0
    assert f"person {person['id']} is unknown here" in done.output
    leave_calendars(account, person["email_address"])
    loaded(account, "people,emails")
    assert places(account.warehouse, identifying(person)) == set()


def test_the_command_asks_first(account: Scene) -> None:
    """Without a yes nothing happens; without anybody to erase it is wrong use."""
    loaded(account, "people,emails")
    person = account.world.ids("people")[0]
    refused = called("erase", "--person-id", str(person), input="n\n")
    assert refused.exit_code == 1
    assert str(person) in refused.output
    assert ops.count(account.warehouse, "erasures") == 0
    assert called("erase").exit_code == 2


@both_engines
def test_requests_of_salesloft_are_carried_out_once(account: Scene) -> None:
    """Rehearsals and mere deletions are none; without the table there is nobody to forget."""
    assert "nobody" in called("erase", "--requests", "--yes").output
    account.warehouse.execute("create schema raw_salesloft")
    account.warehouse.execute(
        "create table raw_salesloft.data_control_requests as select * from (values "
        "('[901, 902]', 'right_to_be_forgotten', false), ('[903]', 'right_to_be_forgotten', true), "
        "('[904]', 'people_soft_deletion', false)) as t (people_ids, request_type, dry_run)"
    )
    assert called("erase", "--requests", "--yes").exit_code == 0
    assert account.warehouse.query("select person_id from ops.erasures order by 1") == [(901,), (902,)]
    assert "nobody" in called("erase", "--requests", "--yes").output


def test_a_place_that_takes_no_null_is_told(account: Scene) -> None:
    """Such a text is named by its place and its rows, and the command fails."""
    person = person_with_a_past(account)
    loaded(account, "people,emails")
    account.warehouse.execute("create table ops.names (name text not null)")
    account.warehouse.execute("insert into ops.names values ($1)", [person["display_name"]])
    done = called("erase", "--person-id", str(person["id"]), "--yes")
    assert done.exit_code == 1
    (line,) = [line for line in done.output.splitlines() if "STILL THERE" in line]
    assert line.split()[:2] == ["ops.names.name", "1"]
