"""What SalesLoft sends when something changes: whether it is genuine, what it says, what to do about it.

    headers + raw body  ->  WebhookEvent.from_http  ->  a WebhookEvent, or Unverified
    event type          ->  ROUTES                  ->  which collection, and what to do there

The signature is the hex HMAC-SHA1 of the raw body under the callback token of the subscription. It covers neither
the event header nor a time: a token that is bound to its event types tells a swapped header, and only the
receiver's memory of what came tells a replay. The body is a bare record and is not looked into here.
https://developers.salesloft.com/docs/platform/webhooks/delivery-headers
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

EVENT_HEADER = "x-salesloft-event"
SIGNATURE_HEADER = "x-salesloft-signature"
SHORTEST_TOKEN = 32

_SIGNATURE = re.compile(r"[0-9a-fA-F]{40}")
_EVENT_TYPE = re.compile(r"[a-z][a-z0-9_]{0,99}")
# A name is shorter than any token, so the padding of a base64 token is never taken for a name's "=".
_NAMED = re.compile(r"(?:([A-Za-z0-9_.-]{1,30})=)?(.*?)(?:@([a-z0-9_+]*))?", re.DOTALL)


class Unverified(Exception):
    """Not shown to come from SalesLoft. `reason`: missing, malformed or mismatch."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the signature is not ours: {reason}")
        self.reason = reason


class Action(Enum):
    """What an event asks for: read its record again, see whether it is gone, or nothing but to keep the event."""

    REFRESH = "refresh"
    CONFIRM_DELETION = "confirm deletion"
    KEEP = "keep"


@dataclass(frozen=True)
class Route:
    """What to do about an event type; `resource` is a name of the catalogue, None where nothing is read."""

    resource: str | None
    action: Action


_CHANGED = ("created", "updated")
_ANY = (*_CHANGED, "deleted")
# Collection, the word for one of its records, what is told of it.
# https://developers.salesloft.com/docs/platform/webhooks/event-types/
_TOLD: tuple[tuple[str | None, str, tuple[str, ...]], ...] = (
    ("accounts", "account", _ANY),
    ("cadences", "cadence", _ANY),
    ("cadence_memberships", "cadence_membership", _CHANGED),
    ("calls", "call", _CHANGED),
    ("call_data_records", "call_data_record", _CHANGED),
    # Sent, viewed, clicked, replied and bounced are all this one event.
    ("emails", "email", ("updated", "with_body_and_subject_updated")),
    ("meetings", "meeting", ("booked", "updated")),
    ("notes", "note", _ANY),
    ("people", "person", _ANY),
    ("steps", "step", _ANY),
    ("successes", "success", ("created",)),
    ("tasks", "task", (*_ANY, "completed")),
    ("users", "user", _CHANGED),
    ("bulk_jobs", "bulk_job", ("completed",)),
    ("conversations", "conversation", ("created",)),
    ("transcriptions", "conversation_transcript", ("created",)),
    # The id of its body is that of the recording, which no list has.
    (None, "conversation_recording", ("created",)),
    # A question that waits for links, not news: do not subscribe to it.
    (None, "link", ("swap",)),
)


def _route(resource: str | None, what: str) -> Route:
    if resource is None:
        return Route(None, Action.KEEP)
    return Route(resource, Action.CONFIRM_DELETION if what == "deleted" else Action.REFRESH)


ROUTES: Mapping[str, Route] = {
    f"{word}_{what}": _route(resource, what) for resource, word, told in _TOLD for what in told
}


def route_of(event_type: str) -> Route:
    """What to do about an event; one that SalesLoft's list does not have is kept."""
    return ROUTES.get(event_type, Route(None, Action.KEEP))


class Flag(Enum):
    """What is odd about a genuine delivery. It is kept all the same, and not acted upon."""

    MISSING_EVENT_HEADER = "missing_event_header"
    MALFORMED_EVENT_HEADER = "malformed_event_header"
    UNKNOWN_EVENT_TYPE = "unknown_event_type"
    TYPE_NOT_ALLOWED_FOR_TOKEN = "type_not_allowed_for_token"  # noqa: S105
    CONTENT_ENCODING = "content_encoding"


@dataclass(frozen=True)
class WebhookToken:
    """A callback token: `name` may be printed, `secret` never; `events` it is bound to, none for any."""

    name: str
    secret: bytes = field(repr=False)
    events: frozenset[str] = frozenset()

    def allows(self, event_type: str) -> bool:
        """May this token's subscription send such an event?"""
        return not self.events or event_type in self.events


def parse_tokens(text: str) -> tuple[WebhookToken, ...]:
    """The tokens of a setting: `[name=]token[@event+event]`, separated by commas or line breaks.

    Without a name they are called token-1, token-2 ... Raises ValueError that tells which one is wrong, and never
    what it holds.
    """
    entries = [entry.strip() for entry in re.split(r"[,\n]", text)]
    tokens = tuple(_token(entry, number) for number, entry in enumerate(filter(None, entries), start=1))
    if not tokens:
        raise ValueError("there is no token: give the callback_token of each subscription")
    names = [token.name for token in tokens]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"{' and '.join(doubled)} names more than one token: every name once")
    if len({token.secret for token in tokens}) < len(tokens):
        raise ValueError("a token is there twice: once, with all its event types after one @")
    return tokens


def _token(entry: str, number: int) -> WebhookToken:
    matched = _NAMED.fullmatch(entry)
    assert matched  # Whatever it is, it fits as a token without name and events.
    name, secret, bound = matched[1] or f"token-{number}", matched[2], matched[3]
    events = frozenset((bound or "").split("+") if bound is not None else ())
    if len(secret) < SHORTEST_TOKEN:
        raise ValueError(
            f"token {number} ({name}) is shorter than {SHORTEST_TOKEN} characters: make a random one and give it to "
            "the subscription as its callback_token"
        )
    if events - ROUTES.keys():
        raise ValueError(
            f"token {number} ({name}) is bound to an event type that SalesLoft does not have: write event types "
            "such as person_updated after the @, with + between them"
        )
    return WebhookToken(name, secret.encode(), events)


def sign(body: bytes, token: WebhookToken) -> str:
    """The signature that SalesLoft sends with this body."""
    return hmac.digest(token.secret, body, "sha1").hex()


def signature_of(headers: Mapping[str, str]) -> bytes:
    """The signature as bytes, before there is a body. Raises Unverified for none, or what cannot be one."""
    given = headers.get(SIGNATURE_HEADER)
    if given is None:
        raise Unverified("missing")
    if not _SIGNATURE.fullmatch(given.strip(" \t")):
        raise Unverified("malformed")
    return bytes.fromhex(given.strip(" \t"))


def verify(body: bytes, signature: bytes, tokens: Iterable[WebhookToken]) -> WebhookToken:
    """The token that signed this body. Every one is tried, so time does not tell which. Raises Unverified."""
    found = [
        token for token in tokens if hmac.compare_digest(hmac.digest(token.secret, body, "sha1"), signature)
    ]
    if not found:
        raise Unverified("mismatch")
    return found[0]


@dataclass(frozen=True)
class WebhookEvent:
    """A genuine delivery: `event_type` as the header has it (empty without one), the body as it came, `token` the
    name of the token that signed it, and what is odd about it."""

    event_type: str
    body: bytes = field(repr=False)
    token: str
    flags: frozenset[Flag] = frozenset()

    @classmethod
    def from_http(
        cls, headers: Mapping[str, str], body: bytes, tokens: Iterable[WebhookToken]
    ) -> WebhookEvent:
        """The only way to make one from the wire. Names of headers in lower case. Raises Unverified, nothing else."""
        token = verify(body, signature_of(headers), tokens)
        event_type = headers.get(EVENT_HEADER, "")
        return cls(event_type, body, token.name, frozenset(_flags(headers, token)))


def _flags(headers: Mapping[str, str], token: WebhookToken) -> Iterable[Flag]:
    event_type = headers.get(EVENT_HEADER, "")
    if not event_type:
        yield Flag.MISSING_EVENT_HEADER
    elif not _EVENT_TYPE.fullmatch(event_type):
        yield Flag.MALFORMED_EVENT_HEADER
    elif event_type not in ROUTES:
        yield Flag.UNKNOWN_EVENT_TYPE
    if event_type and not token.allows(event_type):
        yield Flag.TYPE_NOT_ALLOWED_FOR_TOKEN
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        yield Flag.CONTENT_ENCODING
