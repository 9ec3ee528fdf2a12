"""What SalesLoft pushes: genuine or not, what it says, where it leads."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from salesloft_pipeline.salesloft.endpoints import BY_NAME
from salesloft_pipeline.salesloft.webhooks import (
    EVENT_HEADER,
    ROUTES,
    SIGNATURE_HEADER,
    Action,
    Flag,
    Route,
    Unverified,
    WebhookEvent,
    WebhookToken,
    parse_tokens,
    route_of,
    sign,
    signature_of,
    verify,
)

SHARED = Path(__file__).parents[3] / "shared" / "salesloft"
OURS = WebhookToken("ours", b"k" * 40)
OTHER = WebhookToken("other", b"o" * 40)
BODY = b'{"id": 1}'


def headers(body: bytes = BODY, token: WebhookToken = OURS, event: str = "person_updated") -> dict[str, str]:
    """As SalesLoft would send them."""
    return {EVENT_HEADER: event, SIGNATURE_HEADER: sign(body, token)}


def test_the_signature_is_hmac_sha1_of_the_raw_body() -> None:
    """Against a vector that was computed elsewhere: RFC 2202, test case 2 of HMAC-SHA-1."""
    token = WebhookToken("rfc", b"Jefe")
    assert sign(b"what do ya want for nothing?", token) == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"


def test_a_genuine_delivery_says_what_happened_and_who_signed() -> None:
    """Event type, body and token come out as they went in, with nothing odd about them."""
    event = WebhookEvent.from_http(headers(), BODY, [OTHER, OURS])
    assert event == WebhookEvent("person_updated", BODY, "ours")


@pytest.mark.parametrize(
    ("signature", "reason"),
    [
        (None, "missing"),
        ("", "malformed"),
        ("sha1=" + sign(BODY, OURS), "malformed"),
        (sign(BODY, OURS)[:-1], "malformed"),
        (sign(BODY, OURS) + "0", "malformed"),
        (sign(BODY, OURS) + "\n", "malformed"),
        ("é" * 40, "malformed"),
        ("٣" * 40, "malformed"),
        (hmac.new(OURS.secret, BODY, hashlib.sha256).hexdigest(), "malformed"),
        (hmac.new(OURS.secret, BODY, hashlib.sha256).hexdigest()[:40], "mismatch"),
        (sign(BODY, WebhookToken("stranger", b"s" * 40)), "mismatch"),
        (sign(BODY + b" ", OURS), "mismatch"),
        (f"{int(sign(BODY, OURS), 16) ^ 1:040x}", "mismatch"),
    ],
)
def test_what_is_not_signed_by_us_is_one_kind_of_failure(signature: str | None, reason: str) -> None:
    """Whatever is wrong with a signature, it is Unverified, for a reason that can be counted."""
    given = {EVENT_HEADER: "person_updated"} | (
        {SIGNATURE_HEADER: signature} if signature is not None else {}
    )
    with pytest.raises(Unverified) as caught:
        WebhookEvent.from_http(given, BODY, [OURS, OTHER])
    assert caught.value.reason == reason


@pytest.mark.parametrize("dress", [str.upper, lambda s: f"  {s}\t", str.title])
def test_the_case_and_the_margins_of_a_signature_do_not_matter(dress: object) -> None:
    """Hex is hex."""
    assert callable(dress)
    dressed = headers() | {SIGNATURE_HEADER: dress(sign(BODY, OURS))}
    assert WebhookEvent.from_http(dressed, BODY, [OURS]).token == "ours"


@given(
    st.dictionaries(st.sampled_from([EVENT_HEADER, SIGNATURE_HEADER, "content-encoding"]), st.text()),
    st.binary(),
)
@example({SIGNATURE_HEADER: "\udc80" * 40}, b"")
@example({SIGNATURE_HEADER: "K" * 40}, b"")
def test_junk_is_unverified_and_never_a_crash(junk: dict[str, str], body: bytes) -> None:
    """Whatever a stranger sends ends in Unverified."""
    with pytest.raises(Unverified):
        WebhookEvent.from_http(junk, body, [OURS])


@given(st.text(), st.text(), st.binary())
def test_whatever_is_signed_is_an_event(event_type: str, encoding: str, body: bytes) -> None:
    """No event header and no body of a genuine delivery is refused, and the body is not touched."""
    signed = headers(body, event=event_type) | {"content-encoding": encoding}
    event = WebhookEvent.from_http(signed, body, [OURS])
    assert (event.event_type, event.body) == (event_type, body)


@given(st.binary(), st.binary(), st.integers(0, 159))
def test_a_signature_is_good_for_one_body_and_one_token(body: bytes, other: bytes, bit: int) -> None:
    """Another body, another token or one bit of the signature changed: refused."""
    signature = signature_of(headers(body))
    assert verify(body, signature, [OTHER, OURS]) == OURS
    wrong = (int.from_bytes(signature) ^ (1 << bit)).to_bytes(20)
    for tried in [(body, wrong, [OURS]), (body, signature, [OTHER])] + (
        [(other, signature, [OURS])] if other != body else []
    ):
        with pytest.raises(Unverified):
            verify(*tried)


@pytest.mark.parametrize(
    ("event", "token", "flags"),
    [
        ("", OURS, {Flag.MISSING_EVENT_HEADER}),
        ("Person Updated!", OURS, {Flag.MALFORMED_EVENT_HEADER}),
        ("p" * 5000, OURS, {Flag.MALFORMED_EVENT_HEADER}),
        ("person_reborn", OURS, {Flag.UNKNOWN_EVENT_TYPE}),
        ("person_deleted", WebhookToken("b", b"b" * 40, frozenset({"person_updated"})),
         {Flag.TYPE_NOT_ALLOWED_FOR_TOKEN}),
        ("person_updated", WebhookToken("b", b"b" * 40, frozenset({"person_updated"})), set()),
    ],
)  # fmt: skip
def test_what_is_odd_is_flagged_and_kept(event: str, token: WebhookToken, flags: set[Flag]) -> None:
    """The event header is not signed, so it is judged apart from the signature, and nothing is thrown away."""
    assert WebhookEvent.from_http(headers(token=token, event=event), BODY, [token]).flags == flags


def test_a_packed_body_is_flagged() -> None:
    """It is not unpacked here, so whoever reads it has to know."""
    packed = headers() | {"content-encoding": "gzip"}
    assert WebhookEvent.from_http(packed, BODY, [OURS]).flags == {Flag.CONTENT_ENCODING}


def test_every_route_leads_to_a_collection_that_can_be_asked_by_id() -> None:
    """Refreshing reads the named records by `ids[]`, or one by one, so the catalogue has to have that collection."""
    for route in ROUTES.values():
        assert (route.resource is None) == (route.action is Action.KEEP)
        assert route.resource is None or BY_NAME[route.resource].ids or route.resource == "bulk_jobs"


def test_routes_are_what_salesloft_lists() -> None:
    """All of its event types and no other."""
    listed = SHARED / "webhook_events.json"
    if not listed.exists():
        pytest.skip("the list of event types is not here")
    events = json.loads(listed.read_text())["events"]
    assert {event["event_type"] for event in events} == ROUTES.keys()
    for event in events:
        assert (ROUTES[event["event_type"]].action is Action.CONFIRM_DELETION) == (event["kind"] == "deleted")


@pytest.mark.parametrize(
    ("event_type", "route"),
    [
        ("person_updated", Route("people", Action.REFRESH)),
        ("email_with_body_and_subject_updated", Route("emails", Action.REFRESH)),
        ("account_deleted", Route("accounts", Action.CONFIRM_DELETION)),
        ("link_swap", Route(None, Action.KEEP)),
        ("person_reborn", Route(None, Action.KEEP)),
    ],
)
def test_where_an_event_leads(event_type: str, route: Route) -> None:
    """One of each kind; what nobody knows is kept."""
    assert route_of(event_type) == route


TOKEN = "T" * 32


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        (TOKEN, [WebhookToken("token-1", TOKEN.encode())]),
        (f"{TOKEN}==", [WebhookToken("token-1", f"{TOKEN}==".encode())]),
        (f"new={TOKEN}=\nold={'o' * 40}", [WebhookToken("new", f"{TOKEN}=".encode()), WebhookToken("old", b"o" * 40)]),
        (f" a={TOKEN}@person_updated+person_deleted , ",
         [WebhookToken("a", TOKEN.encode(), frozenset({"person_updated", "person_deleted"}))]),
        (f"{TOKEN}@Home", [WebhookToken("token-1", f"{TOKEN}@Home".encode())]),
    ],
)  # fmt: skip
def test_tokens_of_a_setting(text: str, tokens: list[WebhookToken]) -> None:
    """Names and event types are optional, and the = and @ of a token itself do no harm."""
    assert list(parse_tokens(text)) == tokens


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "there is no token"),
        (" ,\n", "there is no token"),
        (TOKEN[1:], "token 1 .* is shorter than 32"),
        (f"{TOKEN},b={'s' * 31}", r"token 2 \(b\) is shorter"),
        (f"a={TOKEN},a={'o' * 32}", "a names more than one token"),
        (f"a={TOKEN},b={TOKEN}", "there twice"),
        (f"a={TOKEN}@person_reborn", r"token 1 \(a\) .* event type"),
        (f"a={TOKEN}@", r"token 1 \(a\) .* event type"),
    ],
)
def test_a_wrong_token_is_told_without_showing_it(text: str, told: str) -> None:
    """Which one and what to do, and nothing of what it holds."""
    with pytest.raises(ValueError, match=told) as caught:
        parse_tokens(text)
    assert TOKEN[1:] not in str(caught.value)
    assert "s" * 31 not in str(caught.value)


@given(st.text())
def test_any_setting_is_tokens_or_told(text: str) -> None:
    """Never another failure than ValueError."""
    try:
        tokens = parse_tokens(text)
    except ValueError:
        return
    assert all(len(token.secret) >= 32 for token in tokens)


def test_a_token_prints_without_its_secret() -> None:
    """It turns up in tracebacks and logs."""
    assert "k" * 40 not in repr(OURS)


def test_without_a_header_there_is_no_event_type() -> None:
    """It is empty, and flagged, not invented."""
    event = WebhookEvent.from_http({SIGNATURE_HEADER: sign(BODY, OURS)}, BODY, [OURS])
    assert (event.event_type, event.flags) == ("", {Flag.MISSING_EVENT_HEADER})
