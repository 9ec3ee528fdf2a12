"""The commands: a dry run shows old and new and writes nothing; --apply writes; machines get JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from salesloft_pipeline import transform
from salesloft_pipeline.cli import main
from salesloft_pipeline.ingest import ops
from salesloft_pipeline.settings import Settings
from salesloft_pipeline.simulator import DEMO_KEY
from salesloft_pipeline_tests.conftest import AMPLE
from salesloft_pipeline_tests.reverse_sync.pushing import Push, writes

NOWHERE = "http://127.0.0.1:9/v2"


@pytest.fixture(autouse=True)
def account(push: Push, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Settings that lead to the scene."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SALESLOFT_API_URL", push.scene.url)
    monkeypatch.setenv("SALESLOFT_API_KEY", DEMO_KEY)
    monkeypatch.setenv("SALESLOFT_COST_PER_MINUTE", str(AMPLE))
    monkeypatch.setenv("WAREHOUSE_URL", push.scene.warehouse.url)


def called(*arguments: str) -> Result:
    """What the command did; only click's own exits may leave it."""
    result = CliRunner().invoke(main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert DEMO_KEY not in result.output
    return result


def test_a_dry_run_asks_and_writes_nothing(push: Push, monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows old -> new, the counts and the way on, with SalesLoft out of reach and without a key."""
    (ann,) = push.people(1)
    push.rows([{"id": ann["id"], "title": "Chief"}, {"id": 1, "title": "Nobody"}])
    monkeypatch.setenv("SALESLOFT_API_URL", NOWHERE)
    monkeypatch.delenv("SALESLOFT_API_KEY")
    result = called("people", "push", "--model", str(push.path()))
    assert result.exit_code == 0
    assert f"person {ann['id']}: title: {ann['title']!r} -> 'Chief'" in result.output
    assert "1 update, 1 skip: not_in_salesloft" in result.output
    assert "--apply" in result.output
    assert writes(push.scene) == []
    assert push.scene.warehouse.query("select count(*) from ops.reverse_sync_ledger") == [(0,)]


def test_apply_writes_and_tells_each_row(push: Push) -> None:
    """As JSON: counts, changes with old and new, and what became of each row."""
    (ann,) = push.people(1)
    push.rows([{"id": ann["id"], "title": "Chief"}])
    told = json.loads(called("people", "push", "--model", str(push.path()), "--apply", "--json").output)
    assert told["results"] == {"done": 1}
    assert told["changes"][0]["fields"] == {"title": {"old": ann["title"], "new": "Chief"}}
    row = {"row": 1, "person_id": ann["id"], "outcome": "done", "field": None, "reason": None}
    assert told["rows"] == [row]
    assert len(writes(push.scene)) == 1


def test_wrong_rows_end_in_one_message(push: Push) -> None:
    """Exit code 1, the row and the field, no traceback."""
    push.rows([{"id": "", "title": "Chief"}])
    result = called("people", "push", "--model", str(push.path()), "--apply")
    assert result.exit_code == 1
    assert "row 1, id: is empty" in result.stderr
    assert "Traceback" not in result.output


def test_a_refused_write_ends_with_one(push: Push) -> None:
    """SalesLoft's reason stands beside the row."""
    ann, bob = push.people(2)
    push.model["fields"] = {"email": "email_address"}
    push.rows([{"id": ann["id"], "email": bob["email_address"]}])
    result = called("people", "push", "--model", str(push.path()), "--apply")
    assert result.exit_code == 1
    assert "row 1 failed:" in result.output
    assert "taken" in result.output


def test_cadences_come_and_go(push: Push) -> None:
    """Listed and shown by the marts, exported, made once out of the file, filled and emptied."""
    assert "no mart" in called("cadences", "list").stderr
    scene = push.scene
    scene.sync("cadences", "steps", "cadence_memberships")
    transform.build(scene.warehouse, ops.loaded_until(scene.warehouse), "UTC")  # type: ignore[arg-type]
    listed = json.loads(called("cadences", "list", "--json").output)
    assert {each["cadence_id"] for each in listed} == {each["id"] for each in scene.world.truth("cadences")}
    assert sum(each["people_added"] for each in listed) > 0
    first = next(each for each in listed if not each["is_archived"])
    shown = json.loads(called("cadences", "show", str(first["cadence_id"]), "--json").output)
    assert len(shown["steps"]) == first["step_count"] > 0
    assert called("cadences", "show", "1").exit_code == 2
    assert called("cadences", "export", str(first["cadence_id"]), "--output", "cadence.json").exit_code == 0
    content = json.loads(Path("cadence.json").read_text())
    content["settings"]["name"], content["sharing_settings"]["team_cadence"] = "Fresh", True
    Path("cadence.json").write_text(json.dumps(content))
    before = len(writes(scene))
    assert "dry run" in called("cadences", "import", "cadence.json").output
    assert len(writes(scene)) == before
    made = called("cadences", "import", "cadence.json", "--apply").output
    again = called("cadences", "import", "cadence.json", "--apply").output
    number = made.split()[-1]
    assert f"this content is cadence {number} already" in again
    assert len(writes(scene)) == before + 1
    (ann,) = push.people(1)
    whom = ("--cadence", "Fresh", "--person-id", str(ann["id"]), "--apply")
    assert "1 done" in called("cadences", "enroll", *whom).output
    assert "1 done" in called("cadences", "remove", *whom).output
    assert len(writes(scene)) == before + 3


def test_a_wrong_cadence_file_is_explained() -> None:
    """Everything that is wrong with it, by place."""
    Path("cadence.yaml").write_text("cadence_content: {step_groups: [{day: 0, steps: [{name: x}]}, 7]}")
    told = called("cadences", "import", "cadence.yaml", "--apply").stderr
    for wrong in (
        "settings: must have a name",
        "group 1: must have a day",
        "group 1, step 1: must",
        "group 2: must",
    ):
        assert wrong in told


def test_whom_has_one_answer() -> None:
    """Either a file or ids."""
    for whom in ((), ("--file", "people.csv", "--person-id", "1")):
        assert called("cadences", "remove", "--cadence", "1", *whom).exit_code == 2


def test_limit_takes_the_first_changes_only(push: Push) -> None:
    """A trial of two; how many are left is told, and the model's own limit counts what would be written."""
    people = push.people(4)
    push.model["limit"] = 2
    push.rows([{"id": each["id"], "title": "Chief"} for each in people])
    command = ("people", "push", "--model", str(push.path()), "--apply")
    assert "4 changes, and model model allows 2" in called(*command).stderr
    told = called(*command, "--limit", "2").output
    assert "2 changes more are beyond --limit" in told
    assert [push.person(each["id"])["title"] == "Chief" for each in people] == [True, True, False, False]


def test_wrong_rows_are_listed_beside_what_is_done(push: Push) -> None:
    """Exit code 1, the right row written, the wrong one told by number, field and reason; an owner by address too."""
    ann, bob = push.people(2)
    user = next(push.scene.world.truth("users"))
    push.model["fields"] = {"owner": "owner_id"}
    rows = [(ann["id"], user["email"]), (bob["id"], "nobody@example.com"), ("", str(user["id"]))]
    push.rows([{"id": number, "owner": owner} for number, owner in rows])
    result = called("people", "push", "--model", str(push.path()), "--apply", "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert [(each["row"], each["field"], each["what"]) for each in told["wrong"]] == [
        (2, "owner_id", "is the address of no user, or of several"),
        (3, "id", "is empty, so nobody knows whom the row means"),
    ]
    assert (told["wrong_rows"], told["lookups"]["asked"]) == (2, 2)
    assert push.person(ann["id"])["owner"]["id"] == user["id"]
    assert "nobody@example.com" not in result.output


def test_an_enrollment_reports_who_and_why_not(push: Push) -> None:
    """Enrolled, skipped and failed with the reasons, dry and applied; people by address and by id."""
    content = {"step_groups": [{"day": 1, "steps": [{"name": "Mail", "type": "Email"}]}]}
    sharing = {"team_cadence": True}
    file = {"settings": {"name": "Fresh"}, "sharing_settings": sharing, "cadence_content": content}
    Path("cadence.json").write_text(json.dumps(file))
    dry = json.loads(called("cadences", "import", "cadence.json", "--json").output)
    assert (dry["applied"], dry["steps"], dry["cadence_id"]) == (False, 1, None)
    made = json.loads(called("cadences", "import", "cadence.json", "--json", "--apply").output)
    assert made["made"]
    ann, bob = push.people(2)
    out = next(each for each in push.scene.world.truth("people") if each["do_not_contact"])
    whom = ("--email", ann["email_address"], "--person-id", str(bob["id"]), "--person-id", str(out["id"]))
    command = ("cadences", "enroll", "--cadence", "Fresh", *whom, "--json")
    expected = {"skipped": 1, "failed": 0, "reasons": {"do_not_contact": 1}}
    assert json.loads(called(*command).output)["report"] == {"enrolled": 0, **expected}
    assert json.loads(called(*command, "--apply").output)["report"] == {"enrolled": 2, **expected}
    told = called("cadences", "remove", "--cadence", "Fresh", *whom, "--limit", "1", "--apply").output
    assert told.endswith("removed 1, skipped 1, failed 0: 1 not_on_cadence\n")
