"""Deals, conversations and calendars tell the same story as people, calls and meetings, and go on with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from salesloft_pipeline.simulator import World

from .conftest import NOW, ask, make_world, when

NEW = ("opportunities", "opportunity_people", "conversations", "transcriptions", "calendar/events",
       "external/mappings", "crm_account_team_members", "email_template_attachments", "team_template_attachments")  # fmt: skip


@pytest.fixture(scope="module")
def lived() -> World:
    """A larger world three weeks after its history; only read."""
    world = make_world(people=400, emails=5_000, days=90)
    world.advance(21 * 86_400)
    return world


def truth(world: World, path: str) -> dict[Any, dict[str, Any]]:
    """The truth by id."""
    return {record["id"]: record for record in world.truth(path)}


def test_references_of_the_new_lists_lead_to_records(lived: World) -> None:
    """Nothing was deleted here, so every reference must resolve, as text or as number."""
    lists = ("people", "users", "cadences", "steps", "accounts", "opportunities", "conversations", "transcriptions",
             "email_templates", "team_templates")  # fmt: skip
    known = {path: {str(id_) for id_ in lived.ids(path)} for path in lists}
    for path in NEW:
        for record in lived.truth(path):
            for value in record.values():
                if isinstance(value, dict) and "_href" in value:
                    name, id_ = value["_href"].removeprefix("https://api.salesloft.com/v2/").split("/")[:2]
                    assert id_ in known[name]
    people, deals = set(lived.ids("people")), set(lived.ids("opportunities"))
    for seat in lived.truth("opportunity_people"):
        assert seat["person_id"] in people
        assert seat["opportunity_id"] in deals


def test_deals_move_through_their_stages(own_world: World) -> None:
    """With updated_at, to the end for most: closed ones stay closed."""
    before = truth(own_world, "opportunities")
    stages = {s["name"] for s in own_world.truth("opportunity_stages")}
    own_world.advance(60 * 86_400)
    after = truth(own_world, "opportunities")
    moved = [id_ for id_ in before if before[id_]["stage_name"] != after[id_]["stage_name"]]
    assert moved
    assert set(before) < set(after)
    for id_ in moved:
        assert when(after[id_]["updated_at"]) > NOW
        assert not before[id_]["is_closed"]
    assert {deal["stage_name"] for deal in after.values()} <= stages
    assert all(deal["is_won"] is (deal["stage_name"] == "Closed Won") for deal in after.values())


def test_the_people_of_a_deal_work_at_its_account(lived: World) -> None:
    """Each once, one to three of them."""
    people, deals = truth(lived, "people"), truth(lived, "opportunities")
    seats: dict[int, list[int]] = {}
    for seat in lived.truth("opportunity_people"):
        seats.setdefault(seat["opportunity_id"], []).append(seat["person_id"])
    assert set(seats) == set(deals)
    for deal, members in seats.items():
        assert 1 <= len(members) == len(set(members)) <= 3
        assert {str(people[m]["account"]) for m in members} == {str(deals[deal]["account"])}
        assert deals[deal]["account"] or len(members) == 1
    assert any(len(members) > 1 for members in seats.values())


def test_conversations_come_of_calls_and_meetings(lived: World) -> None:
    """A recorded call has its dial record, and begins before it is logged; durations are milliseconds."""
    dials = truth(lived, "call_data_records")
    kinds = set()
    for talk in lived.truth("conversations"):
        kinds.add((talk["platform"], talk["media_type"]))
        start, end = when(talk["event_start_date"]), when(talk["event_end_date"])
        assert end - start == timedelta(milliseconds=talk["duration"])
        assert end <= when(talk["created_at"]) <= when(talk["updated_at"])
        if talk["call_id"]:
            assert dials[int(talk["call_id"])]["called_person"]["id"] == int(talk["person"]["id"])
    assert kinds == {("salesloft", "audio"), ("zoom", "video")}


def test_the_text_of_a_conversation_comes_later(own_world: World) -> None:
    """Without a transcription first, with one and a summary within the hour, and updated_at moves."""
    (new,) = own_world.add("conversations", 1)
    path = f"/conversations/{new}"
    assert ask(own_world, path).data["transcription"] is None
    assert ask(own_world, f"{path}/extensive").data["summary"] is None
    own_world.advance(3_600)
    after = ask(own_world, path).data
    assert when(after["updated_at"]) > NOW
    text = ask(own_world, f"/transcriptions/{after['transcription']['id']}").data
    assert text["conversation"]["id"] == new
    assert ask(own_world, f"{path}/extensive").data["summary"]["status"] == "completed"


def test_meetings_stand_in_the_calendar(lived: World) -> None:
    """Same id, same time; what was called off says so there too."""
    events = truth(lived, "calendar/events")
    for meeting in lived.truth("meetings"):
        event = events[meeting["event_id"]]
        assert (event["start_time"], event["end_time"]) == (meeting["start_time"], meeting["end_time"])
        assert (event["canceled_at"] is None) is (meeting["canceled_at"] is None)


def test_the_calendar_is_cut_by_a_window(lived: World) -> None:
    """start_time bounds the end of an event from below, end_time its start from above."""
    events = sorted(lived.truth("calendar/events"), key=lambda event: when(event["start_time"]))
    low, high = when(events[len(events) // 3]["end_time"]), when(events[len(events) // 2]["start_time"])
    window = {"start_time": low.isoformat(), "end_time": high.isoformat(), "per_page": 100}
    inside = {e["id"] for e in events if when(e["end_time"]) >= low and when(e["start_time"]) < high}
    got = ask(lived, "/calendar/events", window)
    assert set(got.ids) == inside != set()
    assert set(got.body["metadata"]["filtering"]) == {"start_time", "end_time"}


@pytest.mark.parametrize("path", ["opportunities", "conversations", "transcriptions"])
@pytest.mark.parametrize("name", ["created_at", "updated_at"])
def test_the_new_lists_can_be_read_by_time(lived: World, path: str, name: str) -> None:
    """A range keeps exactly the rows inside it, sorted as asked."""
    low, high = NOW - timedelta(days=40), NOW - timedelta(days=5)
    query = {
        f"{name}[gte]": low.isoformat(),
        f"{name}[lt]": high.isoformat(),
        "per_page": 100,
        "sort_by": name,
    }
    got = ask(lived, f"/{path}", query | {"sort_direction": "ASC", "include_paging_counts": "true"})
    inside = sorted(when(r[name]) for r in lived.truth(path) if low <= when(r[name]) < high)
    assert [when(record[name]) for record in got.data] == inside[:100] != []
    assert got.paging["total_count"] == len(inside)


def test_conversations_can_be_read_by_length(lived: World) -> None:
    """A range of numbers; a word in it is refused."""
    longest = max(talk["duration"] for talk in lived.truth("conversations"))
    got = ask(lived, "/conversations", {"duration[gte]": longest})
    assert {talk["duration"] for talk in got.data} == {longest}
    assert ask(lived, "/conversations", {"duration[gte]": "long"}).status == 422


FILTERS: dict[str, tuple[str, Callable[[dict[str, Any]], bool]]] = {
    "external/configurations": ("deleted=false", lambda r: not r["deleted"]),
    "external/mappings": ("deleted=true", lambda r: bool(r["deleted"])),
    "crm_activity_fields": ("source=phone", lambda r: r["source"] == "phone"),
    "saved_list_views": ("shared=true", lambda r: bool(r["shared"])),
}  # fmt: skip


@pytest.mark.parametrize("path", sorted(FILTERS))
def test_plain_filters_keep_what_they_say(lived: World, path: str) -> None:
    """Some rows, and exactly those."""
    query, keeps = FILTERS[path]
    expected = {record["id"] for record in lived.truth(path) if keeps(record)}
    assert set(ask(lived, f"/{path}", query + "&per_page=100").ids) == expected
    assert 0 < len(expected) < len(lived.ids(path))


def test_attachments_are_found_by_their_template(lived: World) -> None:
    """By number for email templates, by uuid for team templates, as the links on templates have it."""
    for kind in ("email_template", "team_template"):
        record = next(lived.truth(f"{kind}_attachments"))
        got = ask(lived, f"/{kind}_attachments", {f"{kind}_id[]": record[kind]["id"]})
        assert got.ids == [record["id"]]


def test_phone_steps_have_their_instructions(lived: World) -> None:
    """The reference on the step leads to them."""
    instructions = set(lived.ids("call_instructions"))
    phone = [step["details"] for step in lived.truth("steps") if step["type"] == "phone"]
    assert {details["id"] for details in phone} == instructions
    assert all("call_instructions" in details["_href"] for details in phone)


def test_scheduled_emails_wait_in_the_queue() -> None:
    """By the id of the email, until it is sent."""
    world = make_world(people=600, emails=9_000, days=20)
    for _ in range(2):
        scheduled = {email["id"] for email in world.truth("emails") if email["status"] == "scheduled"}
        waiting = set(world.ids("pending_emails"))
        assert scheduled
        assert scheduled <= waiting
        world.advance(7 * 86_400)
        assert scheduled.isdisjoint(world.ids("pending_emails"))
