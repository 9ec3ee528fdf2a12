"""People put on cadences and taken off: by the rules, each once, and told why where not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from salesloft_pipeline.reverse_sync.actual import Actual
from salesloft_pipeline.reverse_sync.cache import open_cache
from salesloft_pipeline.reverse_sync.desk import Desk, How, Whom
from salesloft_pipeline.reverse_sync.errors import ReverseSyncError
from salesloft_pipeline.reverse_sync.suppression import RULES, Case, Target, suppressed
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline_tests.conftest import both_engines
from salesloft_pipeline_tests.reverse_sync.pushing import Faulty, Push, writes

NOW = datetime(2026, 11, 23, tzinfo=UTC)
MAIL = Target(7, frozenset({"email"}))
WELL = Actual(1, {}, NOW)


@pytest.mark.parametrize(
    ("reason", "case"),
    [
        (None, Case(WELL, target=MAIL)),
        ("forgotten", Case(WELL, forgotten=True, target=MAIL)),
        ("do_not_contact", Case(Actual(1, {}, NOW, do_not_contact=True), target=MAIL)),
        ("eu_without_consent", Case(Actual(1, {}, NOW, eu_resident=True), target=MAIL)),
        ("eu_without_consent", Case(WELL, eu_resident=True, target=MAIL)),
        (None, Case(Actual(1, {}, NOW, eu_resident=True), consent=True, target=MAIL)),
        ("consent_refused", Case(WELL, consent=False, target=MAIL)),
        ("user_not_allowed", Case(WELL, target=Target(7, user_allowed=False))),
        ("contact_restricted", Case(Actual(1, {}, NOW, restrictions=frozenset({"email"})), target=MAIL)),
        (None, Case(Actual(1, {}, NOW, restrictions=frozenset({"call"})), target=MAIL)),
        ("bounced", Case(Actual(1, {}, NOW, bouncing=True), target=MAIL)),
        (None, Case(Actual(1, {}, NOW, bouncing=True), target=Target(7, frozenset({"call"})))),
        ("already_on_cadence", Case(Actual(1, {}, NOW, cadences=frozenset({7})), target=MAIL)),
        ("recently_on_cadence", Case(WELL, target=MAIL, added_at=NOW - timedelta(days=89))),
        (None, Case(WELL, target=MAIL, added_at=NOW - timedelta(days=91))),
    ],
)
def test_who_is_left_alone(reason: str | None, case: Case) -> None:
    """The rules, one by one."""
    assert suppressed("enroll", case, NOW) == reason
    assert suppressed("remove", case, NOW) is None


def test_every_rule_is_tried() -> None:
    """The table above has a case for each."""
    (marker,) = (mark for mark in test_who_is_left_alone.pytestmark if mark.name == "parametrize")  # type: ignore[attr-defined]
    assert {rule.reason for rule in RULES} == {reason for reason, _ in marker.args[1] if reason}


def desk(push: Push, client: SalesloftClient | None = None) -> Desk:
    return Desk(client or push.scene.client(), push.scene.warehouse, open_cache(None))


def team_cadence(push: Push) -> dict[str, Any]:
    """One that anybody may put people on, with nobody of ours on it."""
    content = {
        "settings": {"name": "Fresh"},
        "sharing_settings": {"team_cadence": True},
        "cadence_content": {"step_groups": [{"day": 1, "steps": [{"name": "Mail", "type": "Email"}]}]},
    }
    made = push.scene.client().create("/cadence_imports", content).data["cadence"]["id"]
    return dict(push.scene.client().get(f"/cadences/{made}").data)


def on(push: Push, cadence_id: int) -> list[int]:
    memberships = push.scene.world.truth("cadence_memberships")
    return sorted(
        each["person"]["id"]
        for each in memberships
        if each["cadence"]["id"] == cadence_id and each["currently_on_cadence"]
    )


@both_engines
def test_people_go_on_a_cadence_once_and_off_again(push: Push) -> None:
    """By a file of addresses and the cadence's name: reported by row; again does nothing; off, and again nothing."""
    cadence, people = team_cadence(push), push.people(3)
    out = next(
        each for each in push.scene.world.truth("people") if each["do_not_contact"] and each["email_address"]
    )
    file = push.folder / "people.csv"
    names = [each["email_address"] for each in [*people, out]] + ["nobody@example.com"]
    file.write_text("\n".join(["email_address", *names]))
    before, whom = len(writes(push.scene)), Whom(file)
    dry = desk(push).enrollment("enroll", whom, "Fresh")
    assert (len(dry.plan.changes), dry.applied, len(writes(push.scene))) == (3, False, before)
    report = desk(push).enrollment("enroll", whom, "Fresh", apply=True)
    assert [(each.outcome, each.reason) for each in sorted(report.results, key=lambda each: each.row)] == [
        ("done", None), ("done", None), ("done", None), ("skipped", "do_not_contact"), ("skipped", "not_in_salesloft"),
    ]  # fmt: skip
    ids = sorted(each["id"] for each in people)
    assert on(push, cadence["id"]) == ids
    again = desk(push).enrollment("enroll", whom, "Fresh", apply=True)
    assert again.plan.counts()["skip: already_on_cadence"] == 3
    assert len(writes(push.scene)) == before + 3
    for done in (3, 0):
        report = desk(push).enrollment("remove", Whom(ids=ids), str(cadence["id"]), apply=True)
        assert report.as_dict()["results"].get("done", 0) == done
    assert on(push, cadence["id"]) == []
    assert len(writes(push.scene)) == before + 6


@pytest.mark.parametrize("kind", ["hang_up", "status"])
def test_a_lost_answer_about_a_membership_is_looked_up(push: Push, kind: Any) -> None:
    """What happened is found, what did not is told as failed, and one more run brings everybody on, once."""
    cadence, (ann, bob) = team_cadence(push), push.people(2)
    ids, before = sorted([ann["id"], bob["id"]]), len(writes(push.scene))
    how: Any = {"whom": Whom(ids=ids), "named": str(cadence["id"]), "apply": True}
    report = desk(push, Faulty(push.scene, kind)).enrollment("enroll", **how)
    assert report.well == (kind == "hang_up")
    assert desk(push).enrollment("enroll", **how).well
    assert on(push, cadence["id"]) == ids
    assert len(writes(push.scene)) == before + (2 if kind == "hang_up" else 4)


def test_what_cannot_be_enrolled_into_is_said_before(push: Push) -> None:
    """An archived cadence, a step of another, a name that nobody bears."""
    cadence = team_cadence(push)
    archived = next(each for each in push.scene.world.truth("cadences") if each["archived_at"])
    for named, how, told in (
        (str(archived["id"]), How(), "is archived"),
        ("Fresh", How(step_id=1), f"step 1 is none of cadence {cadence['id']}"),
        ("No such", How(), "no cadence is called 'No such'"),
    ):
        with pytest.raises(ReverseSyncError, match=told):
            desk(push).enrollment("enroll", Whom(ids=[1]), named, how, apply=True)


def test_a_file_without_its_column_is_refused(push: Push, tmp_path: Path) -> None:
    """By the name the column should have."""
    team_cadence(push)
    (tmp_path / "people.csv").write_text("email\nx@example.com\n")
    with pytest.raises(ReverseSyncError, match="no column email_address"):
        desk(push).enrollment("enroll", Whom(tmp_path / "people.csv"), "Fresh")
