"""What a landed delivery says, as far as it can be read: which collection, which record, and its text.

Delivery  ->  read  ->  Event        goes into the log; its record is read again, whatever the body said
                    ->  Unreadable   stays in the landing, quarantined for a reason
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from salesloft_pipeline.ingest.columns import BIGINT, KEY, columns_of
from salesloft_pipeline.landing import Delivery
from salesloft_pipeline.salesloft.endpoints import BY_NAME, Endpoint
from salesloft_pipeline.salesloft.webhooks import Action, Flag, route_of

# The signature covers no header: what came under a name that its token is not for may be an old body in new clothes.
_NOT_TO_BE_TRUSTED = (
    Flag.MISSING_EVENT_HEADER,
    Flag.MALFORMED_EVENT_HEADER,
    Flag.TYPE_NOT_ALLOWED_FOR_TOKEN,
    Flag.CONTENT_ENCODING,
)
_SECRET = "callback_token"  # noqa: S105  # the name of a field
# What stands in a path of the API, and in a column of any engine.
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_LARGEST_ID = 2**63 - 1


class Unreadable(Exception):
    """A delivery that no repeat makes readable; `reason` is one word for the landing, such as invalid_json."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the delivery cannot be ingested: {reason}")
        self.reason = reason


@dataclass(frozen=True)
class Event:
    """A delivery that could be read. `delivery` is its row in the landing, `body` the record as it was sent, `text`
    the same character by character (but for secrets), `record_id` what it calls itself, if anything.
    """

    delivery: int
    event_id: str
    event_type: str
    received_at: datetime
    token: str
    body: dict[str, Any] = field(repr=False)
    text: str = field(repr=False)

    @property
    def endpoint(self) -> Endpoint | None:
        """The collection to read; None where the event is only kept."""
        name = route_of(self.event_type).resource
        return BY_NAME[name] if name else None

    @property
    def is_deletion(self) -> bool:
        """Does it say that its record is gone?"""
        return route_of(self.event_type).action is Action.CONFIRM_DELETION

    @property
    def record_id(self) -> str | None:
        """The id in the body as text; None without a usable one."""
        value = self.body.get(KEY)
        text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
        return text if _ID.fullmatch(text) else None

    @property
    def key(self) -> Any:
        """The record's key in its raw table; None where there is nothing to read."""
        if self.endpoint is None or self.record_id is None:
            return None
        if columns_of(self.endpoint.record)[0].kind is not BIGINT:
            return self.record_id
        number = int(self.record_id) if self.record_id.isdecimal() else 0
        return number if 0 < number <= _LARGEST_ID else None


def read(delivery: Delivery) -> Event:
    """The event of a delivery. Raises Unreadable, nothing else."""
    for flag in _NOT_TO_BE_TRUSTED:
        if flag.value in delivery.flags:
            raise Unreadable(flag.value)
    text = _text(delivery.body)
    try:
        body = _object(text)
        # Any name may also be written in escapes.
        if _SECRET in text or "\\u" in text:
            kept = _without_secrets(body)
            body, text = (body, text) if kept == body else (kept, json.dumps(kept))
    except RecursionError:
        raise Unreadable("json_too_deep") from None
    return Event(
        delivery=delivery.id,
        event_id=delivery.digest,
        event_type=delivery.event_type,
        received_at=delivery.received_at,
        token=delivery.token,
        body=body,
        text=text,
    )


def _text(body: bytes) -> str:
    if not body.strip():
        raise Unreadable("empty_body")
    if b"\0" in body:
        raise Unreadable("nul_byte")
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Unreadable("not_utf8") from None


def _object(text: str) -> dict[str, Any]:
    try:
        content = _json(text)
    except ValueError:
        raise Unreadable("invalid_json") from None
    if not isinstance(content, dict):
        raise Unreadable("not_an_object")
    return content


def _json(text: str) -> Any:
    """Any JSON. The fast parser refuses some that is valid, such as numbers beyond a float and half of an emoji."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text, parse_constant=_no_number)


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no JSON")


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_secrets(inner) for name, inner in value.items() if name != _SECRET}
    return [_without_secrets(inner) for inner in value] if isinstance(value, list) else value
