"""Conversations, what was made of them, and what was said, as the API shows them. Times end in Z here."""

from __future__ import annotations

from typing import Any

from ..team import names
from ..team.chance import scramble
from ..team.hours import MINUTE
from ..team.office import guid
from .people import Record, address_of
from .voice import HOME, Voice, href

ORGANIZATION = guid("organizations", 1)
MOMENTS = ("pricing", "objection", "next_steps", "competitor")
PHRASES = (
    "Thank you for taking the time.",
    "Which of the sample widgets did you have in mind?",
    "We would need an answer before the end of the quarter.",
    "Let me write that down.",
    "I will send you the invented price list.",
    "Could somebody from operations join next time?",
)


def conversation(v: Voice, r: Record) -> Record:
    """One row of /conversations: milliseconds, uuids, and ids of other records as text."""
    return {
        **_common(v, r),
        "people": _text_ref(v, "people", r["person"]),
        "person": _text_ref(v, "people", r["person"]),
        "account": _text_ref(v, "accounts", r["account"]),
        "recording": _recording(r),
        "transcription_sentences": _of_transcription(r, "sentences"),
    }


def extensive(v: Voice, r: Record) -> Record:
    """The single object of /conversations/{id}/extensive; the parts that need the text wait for it."""
    text = r["transcription"] >= 0
    owner = v.state["users"]
    return {
        **_common(v, r),
        "owner_email": f"{owner['first_name'][r['user']]}.{owner['last_name'][r['user']]}@example.com".lower(),
        "account": _text_ref(v, "accounts", r["account"]),
        "person": _text_ref(v, "people", r["person"]),
        "opportunity": _text_ref(v, "opportunities", r["opportunity"]),
        "recording": _recording(r),
        "key_moments": _items(r, text, "moment", MOMENTS),
        "summary": _summary(v, r) if text else None,
        "action_items": _items(r, text, "action", names.TASKS),
        "attendees": _attendees(v, r),
        "invitees": _attendees(v, r),
        "meddpicc": {"id": guid("meddpicc", r["row"]), "categories": []} if text else None,
    }


def recording(v: Voice, r: Record) -> Record:
    """The recording of a conversation, as webhooks tell of it. Which fields it has is our guess."""
    return {
        **_recording(r),
        "conversation": href("conversations", guid("conversations", r["row"])),
        "created_at": v.zulu(r["created_at"]),
        "updated_at": v.zulu(r["updated_at"]),
    }


def transcription(v: Voice, r: Record) -> Record:
    """One row of /transcriptions; the text itself is in its sentences."""
    id_, of = guid("transcriptions", r["row"]), guid("conversations", r["conversation"])
    return {
        "id": id_,
        "language_code": "en-GB" if r["revision"] % 2 else "en-US",
        "created_at": v.zulu(r["created_at"]),
        "updated_at": v.zulu(r["updated_at"]),
        "conversation": href("conversations", of),
        "transcription_sentences": _part(id_, "sentences"),
        "transcription_artifact": _part(id_, "artifact"),
    }


def sentences(v: Voice, r: Record) -> list[Record]:
    """The rows of /transcriptions/{id}/sentences: one every nine seconds, in turn by seller and buyer, no ids."""
    row = r["conversation"]
    seconds = int(v.state["conversations"]["duration"][row]) / 1_000
    count = max(1, int(seconds // 9))
    return [
        {
            "start_time": round(i * seconds / count, 3),
            "end_time": round((i + 0.9) * seconds / count, 3),
            "order_number": i,
            "recording_attendee_id": _attendee(row, i % 2),
            "text": PHRASES[(scramble(row) + i) % len(PHRASES)],
            "conversation": href("conversations", guid("conversations", row)),
        }
        for i in range(count)
    ]


def _common(v: Voice, r: Record) -> Record:
    call = r["call"] >= 0
    again = f" (rev {r['revision']})" if r["revision"] else ""
    return {
        "id": guid("conversations", r["row"]),
        "duration": r["duration"],
        "is_api": False,
        "platform": "salesloft" if call else "zoom",
        "media_type": "audio" if call else "video",
        "organization_id": ORGANIZATION,
        "title": ("Call" if call else "Meeting") + f" with {_name(v, r['person'])}{again}",
        "owner_id": guid("conversation owners", r["user"]),
        "user_guid": v.user_guid(r["user"]),
        "started_recording_at": r["started_at"] // 1_000,
        "event_start_date": v.zulu(r["started_at"]),
        "event_end_date": v.zulu(r["started_at"] + r["duration"] * 1_000),
        "language_code": "en-US",
        "created_at": v.zulu(r["created_at"]),
        "updated_at": v.zulu(r["updated_at"]),
        "call_id": _dial(v, r["call"]),
        "transcription": _of_transcription(r),
        "transcription_artifact": _of_transcription(r, "artifact"),
    }


def _dial(v: Voice, call: int) -> str | None:
    """The id of the call data record, where the call has one."""
    row = int(v.state["calls"]["dial"][call]) if call >= 0 else -1
    return str(v.id("call_data_records", row)) if row >= 0 else None


def _recording(r: Record) -> dict[str, Any]:
    of = guid("conversations", r["row"])
    return {"_href": f"{HOME}/conversations/{of}/recording", "id": guid("recordings", r["row"])}


def _summary(v: Voice, r: Record) -> Record:
    made = int(v.state["transcriptions"]["created_at"][r["transcription"]])
    text = f"{_name(v, r['person'])} heard of the sample widgets; both sides agreed to speak again."
    return {
        "id": guid("summaries", r["row"]),
        "text": text,
        "status": "completed",
        "created_at": v.zulu(made),
    }


def _items(r: Record, text: bool, kind: str, words: tuple[str, ...]) -> Record:
    """Two or three, spread over the conversation; none before there is a text to find them in."""
    h = scramble(r["row"])
    found = [
        {"id": guid(kind, r["row"] * 8 + i), "text": words[(h + i) % len(words)], "start_time": i * MINUTE // 1_000_000}
        for i in range(2 + h % 2 if text else 0)
    ]  # fmt: skip
    return {"status": "completed" if text else "processing", "items": found}


def _attendees(v: Voice, r: Record) -> list[dict[str, Any]]:
    seller, buyer = str(v.state["users"]["name"][r["user"]]), _name(v, r["person"])
    return [
        {"id": _attendee(r["row"], 0), "name": seller, "email": None, "is_internal": True},
        {"id": _attendee(r["row"], 1), "name": buyer, "email": address_of(v, r["person"]), "is_internal": False},
    ]  # fmt: skip


def _attendee(row: int, side: int) -> str:
    return guid("attendees", row * 2 + side)


def _name(v: Voice, person: int) -> str:
    people = v.state["people"]
    return f"{names.FIRST[people['first'][person]]} {names.LAST[people['last'][person]]}"


def _text_ref(v: Voice, table: str, row: int) -> dict[str, Any] | None:
    return None if row < 0 else href(table, str(v.id(table, row)))


def _of_transcription(r: Record, part: str | None = None) -> dict[str, Any] | None:
    return None if r["transcription"] < 0 else _part(guid("transcriptions", r["transcription"]), part)


def _part(transcription: str, part: str | None) -> dict[str, Any]:
    """A reference to a transcription, or to a part of it, which has no id of its own."""
    behind = f"/{part}" if part else ""
    return {"_href": f"{HOME}/transcriptions/{transcription}{behind}", "id": transcription}
