"""Webhook subscriptions: one per event type, all to one address, each signed with the token that is bound to it.

    tokens           ->  wanted   which event types, signed with which token
    SalesLoft's list ->  compare  ->  Subscription: ok, disabled, missing, stale
    missing          ->  subscribe  ->  POST;  disabled  ->  PUT enabled

https://developers.salesloft.com/docs/platform/webhooks/introduction/
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import httpx

from salesloft_pipeline.salesloft import walk
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.salesloft.errors import Forbidden, NotFound
from salesloft_pipeline.salesloft.webhooks import ROUTES, WebhookToken

PATH = "/webhook_subscriptions"
# One asks for links while an email waits, and is no news; the other needs a privileged scope and tells little more.
NOT_BY_ITSELF = frozenset({"link_swap", "email_with_body_and_subject_updated"})
PROBE_SECONDS = 10.0


@dataclass(frozen=True)
class Subscription:
    """One event type at one address. `state`: ok, disabled, missing, stale (signed with a token that is not the one
    for this event type), or what was just done: made, enabled, removed, refused. `token` is a name.
    """

    event_type: str
    state: str
    id: int | None = None
    token: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def wanted(tokens: Sequence[WebhookToken], only: Collection[str] = ()) -> dict[str, WebhookToken]:
    """The event types to subscribe to, each with its token. only: of these alone.

    What a token is bound to, with that token; what none is bound to, with the first token that is free, except
    NOT_BY_ITSELF. Raises ValueError for a name in `only` that no token can sign.
    """
    free = next((token for token in tokens if not token.events), None)
    found = {} if free is None else dict.fromkeys(sorted(ROUTES.keys() - NOT_BY_ITSELF), free)
    for token in reversed(tokens):
        found |= dict.fromkeys(sorted(token.events - {"link_swap"}), token)
    if unsigned := sorted(set(only) - found.keys()):
        raise ValueError(f"no token in SALESLOFT_WEBHOOK_TOKENS is for {', '.join(unsigned)}")
    return {event_type: token for event_type, token in found.items() if not only or event_type in only}


def there(client: SalesloftClient) -> list[Mapping[str, Any]]:
    """All subscriptions of the team, as SalesLoft lists them: with their secrets. Raises as the client's `get`."""
    pages = walk.snapshot(lambda params: client.get(PATH, params))
    return [record for page in pages for record in page]


def compare(
    listed: Sequence[Mapping[str, Any]], url: str, signed_by: Mapping[str, WebhookToken]
) -> list[Subscription]:
    """What there is at this address, and what is missing, by event type."""
    ours = [_seen(record, signed_by) for record in listed if record.get("callback_url") == url]
    known = {each.event_type for each in ours if each.state != "stale"}
    missing = [
        Subscription(event_type, "missing", token=token.name)
        for event_type, token in signed_by.items()
        if event_type not in known
    ]
    return sorted([*ours, *missing], key=lambda each: (each.event_type, each.state))


def subscribe(
    client: SalesloftClient, url: str, signed_by: Mapping[str, WebhookToken], found: Sequence[Subscription]
) -> Iterator[Subscription]:
    """Make what is missing and enable what is disabled, one by one. Repeating it changes nothing more.

    Raises as the client's `create`; an event type that the key may not read is `refused`.
    """
    for each in found:
        try:
            if each.state == "missing":
                yield _made(client, url, each.event_type, signed_by[each.event_type])
            elif each.state == "disabled":
                client.update(f"{PATH}/{each.id}", {"enabled": True})
                yield Subscription(each.event_type, "enabled", each.id, each.token)
            else:
                yield each
        except Forbidden:
            yield Subscription(each.event_type, "refused", each.id, each.token)


def remove(client: SalesloftClient, found: Sequence[Subscription]) -> Iterator[Subscription]:
    """Delete those that are there. Raises as the client's `delete`."""
    for each in found:
        if each.id is not None:
            try:
                client.delete(f"{PATH}/{each.id}")
            except NotFound:
                """Somebody was faster."""
            yield Subscription(each.event_type, "removed", each.id, each.token)


def fault_at(url: str) -> str | None:
    """Why deliveries would not be taken at this address; None when a receiver is there, which refuses what is unsigned.

    Nothing lands by this.
    """
    try:
        answer = httpx.post(url, content=b"", timeout=PROBE_SECONDS)
    except httpx.HTTPError as error:
        return f"nobody answers ({type(error).__name__})"
    if answer.status_code == 401:
        return None
    return f"it answers {answer.status_code} to an unsigned delivery, and a receiver answers 401"


def _seen(record: Mapping[str, Any], signed_by: Mapping[str, WebhookToken]) -> Subscription:
    event_type, token = str(record.get("event_type")), signed_by.get(str(record.get("event_type")))
    given = str(record.get("callback_token") or "").encode()
    if token is None or (given and not hmac.compare_digest(given, token.secret)):
        return Subscription(event_type, "stale", record.get("id"))
    return Subscription(
        event_type, "ok" if record.get("enabled") else "disabled", record.get("id"), token.name
    )


def _made(client: SalesloftClient, url: str, event_type: str, token: WebhookToken) -> Subscription:
    body = {"event_type": event_type, "callback_url": url, "callback_token": token.secret.decode()}
    made = client.create(PATH, body).data
    return Subscription(event_type, "made", made.get("id"), token.name)
