"""The resources tell one story: emails, calls, memberships, people and activities agree."""

from __future__ import annotations

from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from .conftest import make_world, when

SENT = ("sent", "sent_from_gmail", "sent_from_external")


class Story:
    """The truth about a larger world that has also lived on for a week after its history, read once."""

    def __init__(self) -> None:
        self.world = make_world(people=400, emails=5_000, days=90)
        self.world.advance(7 * 86_400)
        self._read: dict[str, list[dict[str, Any]]] = {}

    def truth(self, path: str) -> list[dict[str, Any]]:
        if path not in self._read:
            self._read[path] = list(self.world.truth(path))
        return self._read[path]

    def ids(self, path: str) -> list[Any]:
        return [record["id"] for record in self.truth(path)]


@pytest.fixture(scope="module")
def story() -> Story:
    """One story for all tests of this module."""
    return Story()


def by_id(world: Story, path: str) -> dict[Any, Any]:
    """The truth by id."""
    return {record["id"]: record for record in world.truth(path)}


def test_every_sent_email_has_its_activity(story: Story) -> None:
    """And no other email has one."""
    sent = {f"sent_email-{e['id']}": e["sent_at"] for e in story.truth("emails") if e["status"] in SENT}
    told = {a["id"]: a["occurred_at"] for a in story.truth("activity_histories") if a["type"] == "sent_email"}
    assert sent == told


def test_every_reply_has_its_activity_at_its_own_time(story: Story) -> None:
    """The counter of an email is the number of its email_reply activities; replies follow the send."""
    emails = by_id(story, "emails")
    replies = [a for a in story.truth("activity_histories") if a["type"] == "email_reply"]
    counted = Counter(a["static_data"]["email_id"] for a in replies)
    assert counted == {id_: e["counts"]["replies"] for id_, e in emails.items() if e["counts"]["replies"]}
    for reply in replies:
        sent = when(emails[reply["static_data"]["email_id"]]["sent_at"])
        assert sent < when(reply["occurred_at"]) <= when(reply["created_at"])


def test_people_count_what_was_sent_to_them(story: Story) -> None:
    """Emails sent, viewed, clicked, replied to and bounced: once per email; calls; last contact."""
    sums: dict[int, Counter[str]] = {id_: Counter() for id_ in story.ids("people")}
    for email in story.truth("emails"):
        if email["recipient"] and email["status"] in SENT:
            counts = email["counts"]
            flags = {"emails_sent": 1, "emails_bounced": email["bounced"], "emails_viewed": counts["views"] > 0,
                     "emails_clicked": counts["clicks"] > 0, "emails_replied_to": counts["replies"] > 0}  # fmt: skip
            sums[email["recipient"]["id"]].update({name: int(value) for name, value in flags.items()})
    for call in story.truth("calls"):
        sums[call["called_person"]["id"]]["calls"] += 1
    for person in story.truth("people"):
        assert person["counts"] == {name: sums[person["id"]][name] for name in person["counts"]}
        assert person["untouched"] is (person["last_contacted_at"] is None)


def test_people_show_what_happened_to_them(story: Story) -> None:
    """Who bounced is bouncing, who opted out is not to be contacted, who was enrolled has a latest cadence."""
    opted_out = {int(a["resource_id"]) for a in story.truth("activity_histories") if a["type"] == "dnc_event"}
    enrolled = {member["person"]["id"] for member in story.truth("cadence_memberships")}
    for person in story.truth("people"):
        assert person["bouncing"] is (person["counts"]["emails_bounced"] > 0)
        assert person["do_not_contact"] or person["id"] not in opted_out
        assert (person["most_recent_cadence"] is not None) is (person["id"] in enrolled)
    assert opted_out


def test_memberships_count_what_their_cadence_did(story: Story) -> None:
    """Sent emails and calls by person and cadence."""
    sent = Counter((e["recipient"]["id"], e["cadence"]["id"]) for e in story.truth("emails") if e["cadence"])
    called = Counter(
        (c["called_person"]["id"], c["cadence"]["id"]) for c in story.truth("calls") if c["cadence"]
    )
    for member in story.truth("cadence_memberships"):
        pair = (member["person"]["id"], member["cadence"]["id"])
        assert (member["counts"]["sent_emails"], member["counts"]["calls"]) == (sent[pair], called[pair])


def test_people_show_the_cadences_they_are_on(story: Story) -> None:
    """The list on the person is the set of running memberships."""
    running: dict[int, set[int]] = {}
    for member in story.truth("cadence_memberships"):
        if member["currently_on_cadence"]:
            running.setdefault(member["person"]["id"], set()).add(member["cadence"]["id"])
    for person in story.truth("people"):
        assert {cadence["id"] for cadence in person["cadences"]} == running.get(person["id"], set())


def test_references_lead_to_records(story: Story) -> None:
    """Nothing was deleted here, so every reference must resolve."""
    paths = {"people": "people", "users": "users", "cadences": "cadences", "steps": "steps", "accounts": "accounts",
             "emails": "activities/emails", "calls": "activities/calls", "notes": "notes", "crm_activities": "crm_activities"}  # fmt: skip
    ids = {name: set(story.ids(path)) for name, path in paths.items()}
    for path in (
        "people",
        "emails",
        "calls",
        "successes",
        "notes",
        "cadence_memberships",
        "actions",
        "steps",
    ):
        for record in story.truth(path):
            for value in record.values():
                if isinstance(value, dict) and "_href" in value:
                    name = value["_href"].split("/")[-2]
                    assert name not in ids or value["id"] in ids[name]


def test_work_is_done_on_working_days_in_the_senders_hours(story: Story) -> None:
    """08:30 to 17:30 where the sender sits; hardly anything at weekends. A step may run a little late."""
    zones = {
        u["id"]: u["time_zone"].replace("Mountain Time (US & Canada)", "America/Denver")
        for u in story.truth("users")
    }
    local = [
        when(e["sent_at"]).astimezone(ZoneInfo(zones[e["user"]["id"]]))
        for e in story.truth("emails")
        if e["sent_at"]
    ]
    assert sum(8 <= time.hour < 18 for time in local) > 0.9 * len(local)
    assert 0 < sum(time.weekday() >= 5 for time in local) < 0.06 * len(local)


def test_rates_are_plausible(story: Story) -> None:
    """Replies a few per cent, bounces one to three, opens inflated."""
    sent = [email for email in story.truth("emails") if email["status"] in SENT]
    share = {
        "bounced": sum(e["bounced"] for e in sent) / len(sent),
        "replied": sum(e["counts"]["replies"] > 0 for e in sent) / len(sent),
        "opened": sum(e["counts"]["views"] > 0 for e in sent) / len(sent),
    }
    assert 0.01 < share["bounced"] < 0.03
    assert 0.02 < share["replied"] < 0.06
    assert 0.3 < share["opened"] < 0.6


def test_nobody_is_on_a_cadence_after_a_reply_that_ends_it(story: Story) -> None:
    """remove_replies_enabled: no further cadence email after the reply was found."""
    stops = {c["id"] for c in story.truth("cadences") if c["remove_replies_enabled"]}
    found: dict[tuple[int, int], Any] = {}
    for a in story.truth("activity_histories"):
        if a["type"] == "email_reply" and a["static_data"].get("cadence_id") in stops:
            pair = (int(a["resource_id"]), a["static_data"]["cadence_id"])
            found[pair] = max(found.get(pair, when(a["created_at"])), when(a["created_at"]))
    added = {
        (m["person"]["id"], m["cadence"]["id"]): when(m["added_at"])
        for m in story.truth("cadence_memberships")
    }
    for email in story.truth("emails"):
        pair = (email["recipient"]["id"], email["cadence"]["id"]) if email["cadence"] else None
        if pair in found and added[pair] < found[pair]:
            assert when(email["sent_at"]) <= found[pair]
