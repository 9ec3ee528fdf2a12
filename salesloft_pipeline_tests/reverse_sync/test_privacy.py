"""The ledger forgets whom `erase` takes out, and they are never written to again."""

from __future__ import annotations

from salesloft_pipeline.erase import run_erase
from salesloft_pipeline.settings import Settings
from salesloft_pipeline_tests.conftest import both_engines
from salesloft_pipeline_tests.reverse_sync.pushing import Push, writes


@both_engines
def test_the_erased_leave_the_ledger_and_stay_unwritten(push: Push) -> None:
    """Their rows go, those of others stay, and a push that names them by id or address writes nothing to them."""
    ann, bob = push.people(2)
    push.model |= {"match": {"column": "email", "field": "email_address"}, "create": True}
    push.rows([{"email": each["email_address"], "title": f"Title {each['id']}"} for each in (ann, bob)])
    push()
    settings = Settings(
        warehouse_url=push.scene.warehouse.url,
        landing_url=f"sqlite:///{push.folder}/landing.sqlite",
        serving_folder=push.folder / "serving",
    )
    run_erase(settings, [ann["id"]])
    assert push.scene.warehouse.query("select person_id from ops.reverse_sync_ledger") == [(bob["id"],)]
    push.rows([{"email": each["email_address"], "title": "Again"} for each in (ann, bob)])
    report = push()
    assert {each.row: (each.outcome, each.reason) for each in report.results} == {
        1: ("skipped", "forgotten"),
        2: ("done", None),
    }
    assert len(writes(push.scene)) == 3
    assert push.scene.warehouse.query("select distinct person_id from ops.reverse_sync_ledger") == [
        (bob["id"],)
    ]
