"""Writing /webhook_subscriptions: one event type each, made with a key that may read what it is about.

https://developers.salesloft.com/docs/platform/webhooks/introduction/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from ..api.exchange import Form, Refused
from ..api.rendering import single
from ..api.resources import RESOURCES
from ..records.identity import rows_of
from ..writing.erasing import rows_to_erase
from .events import EVENTS, LINK_SWAP

if TYPE_CHECKING:
    from ..api.keys import Key
    from ..world import World

LIST = "webhook_subscriptions"
NEEDED = ("event_type", "callback_url", "callback_token")
FLAGS = {True: True, False: False, "true": True, "false": False}


def create(world: World, key: Key, form: Form, _id: str) -> dict[str, Any]:
    """POST: what is needed is a known event type, where to, and the secret to sign with."""
    if missing := [name for name in NEEDED if not isinstance(form.get(name), str) or not form[name]]:
        raise Refused.invalid(**dict.fromkeys(missing, "is required"))
    event = EVENTS.get(form["event_type"])
    if form["event_type"] == LINK_SWAP:
        raise Refused.invalid(event_type="link_swap is answered while an email is sent: not simulated")
    if event is None:
        raise Refused.invalid(event_type="is not a known event type")
    if event.scope and event.scope not in key.scopes:
        raise Refused.plainly(403)
    now = world.clock.now()
    rows = world.state[LIST].append(
        1, user=int(world.state["users"].alive[key.user]), enabled=True, created_at=now, updated_at=now,
        event_type=event.event_type, callback_url=_url(form["callback_url"]), callback_token=form["callback_token"],
    )  # fmt: skip
    world.subscribers.add(int(rows[0]), key)
    return single(world, RESOURCES[LIST], rows, key.zone)


def change(world: World, key: Key, form: Form, id_: str) -> dict[str, Any]:
    """PUT: `enabled` and `callback_url`; other fields are ignored."""
    rows = rows_of(world.state, LIST, "number", [id_])
    if not len(rows):
        raise Refused.plainly(404)
    values: dict[str, Any] = {}
    if "enabled" in form:
        if not isinstance(form["enabled"], bool | str) or form["enabled"] not in FLAGS:
            raise Refused.invalid(enabled="must be true or false")
        values["enabled"] = FLAGS[form["enabled"]]
    if "callback_url" in form:
        values["callback_url"] = _url(form["callback_url"])
    world.state[LIST].update(rows, updated_at=world.clock.now(), **values)
    world.subscribers.listen()
    return single(world, RESOURCES[LIST], rows, key.zone)


def delete(world: World, key: Key, _form: Form, id_: str) -> None:
    """DELETE: 204, also for one that is gone already; 404 for one that never was."""
    world.state[LIST].delete(rows_to_erase(world, key, LIST, id_))
    world.subscribers.listen()


def _url(text: Any) -> str:
    """An address that can be called. Raises Refused."""
    try:
        url = httpx.URL(text)
        url.host.encode("idna")
    except (httpx.InvalidURL, TypeError, UnicodeError) as error:
        raise Refused.invalid(callback_url="is not a URL") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise Refused.invalid(callback_url="must begin with http:// or https://")
    return str(text)
