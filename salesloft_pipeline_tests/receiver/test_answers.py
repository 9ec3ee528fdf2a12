"""What the receiver answers to what, and whether it landed: every case by its bytes on the wire."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from salesloft_pipeline.landing import Landing
from salesloft_pipeline.receiver.config import Limits
from salesloft_pipeline.salesloft.webhooks import WebhookToken, sign
from salesloft_pipeline_tests.receiver.stand import (
    BOUND,
    SECRET,
    TOKEN,
    Stand,
    answer_on,
    chunked,
    raw,
    serving,
    signed,
    until,
)

SAMPLES = Path(__file__).parents[3] / "shared" / "salesloft" / "samples" / "webhook_payloads.json"
BODY_BYTES = 200_000
BODY = b'{"id":1}'


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """One receiver for all cases; each looks at the rows that it added."""
    landing = Landing(f"sqlite:///{tmp_path_factory.mktemp('landing')}/landing.sqlite")
    with serving(landing, limits=Limits(body_bytes=BODY_BYTES, body_seconds=0.8, head_seconds=0.8)) as stand:
        yield stand


@pytest.fixture(autouse=True)
def empty(stand: Stand) -> None:
    """What earlier cases landed is out of the way."""
    stand.landing.mark_ingested([row.id for row in stand.rows()])


BODIES = {
    "good": b'{"id": 10}',
    "half": b"{",
    "empty": b"",
    "null": b"null",
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "NUL": b'{"name": "\x00"}',
    "deep": b"[" * 100_000,
    "packed": gzip.compress(b'{"id": 11}', mtime=0),
    "as long as allowed": b"x" * BODY_BYTES,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_genuine_delivery_lands_whatever_it_holds(stand: Stand, body: bytes) -> None:
    """200 accepted, byte for byte; the same again is 200 duplicate and no row."""
    assert (stand.deliver(body).status, stand.deliver(body).body) == (200, b"duplicate\n")
    (row,) = stand.rows()
    assert (row.body, row.event_type, row.token, row.flags) == (body, "person_updated", "main", frozenset())


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "multipart/form-data"},
        {"content-type": "application/json; charset=utf-16"},
        {"content-encoding": "gzip"},
        {"expect": "100-continue"},
        {"user-agent": "x" * 20_000},
    ],
)
def test_what_headers_say_about_the_body_changes_nothing(stand: Stand, headers: dict[str, str]) -> None:
    """It is kept as it came, with what was said about it, and never unpacked or decoded."""
    body = json.dumps(headers).encode()
    answer = stand.send(raw(body, signed(body) | headers))
    # An interim answer may come first; the library reads over it.
    assert answer.status == 200
    (row,) = stand.rows()
    assert row.body == body
    assert row.content_type == headers.get("content-type", "")
    assert row.content_encoding == headers.get("content-encoding", "")
    assert row.flags == ({"content_encoding"} if "content-encoding" in headers else set())


def test_a_body_in_chunks_lands(stand: Stand) -> None:
    """Down to chunks of a single byte."""
    body = b'{"id": "in chunks"}' * 50
    assert stand.send(raw(chunked(body, 1), signed(body) | {"transfer-encoding": "chunked"})).status == 200
    assert stand.rows()[0].body == body


@pytest.mark.parametrize(
    ("event", "token", "flags"),
    [
        (None, TOKEN, {"missing_event_header"}),
        ("", TOKEN, {"missing_event_header"}),
        ("person_reborn", TOKEN, {"unknown_event_type"}),
        ("Person Updated", TOKEN, {"malformed_event_header"}),
        ("p\xe9rson", TOKEN, {"malformed_event_header"}),
        ("p" * 5_000, TOKEN, {"malformed_event_header"}),
        ("person_deleted", BOUND, {"type_not_allowed_for_token"}),
    ],
)
def test_an_odd_event_header_lands_flagged(
    stand: Stand, event: str | None, token: WebhookToken, flags: set[str]
) -> None:
    """It is not signed, so it is neither believed nor a reason to lose the body."""
    body = f"{token.name} {event}".encode()
    assert stand.deliver(body, token=token, event=event).status == 200
    (row,) = stand.rows()
    assert (row.body, row.event_type, row.token) == (body, event or "", token.name)
    assert row.flags == flags


@pytest.mark.parametrize("dress", ["{}", "  {}  ", "\t{}"])
def test_how_a_signature_is_written_does_not_matter(stand: Stand, dress: str) -> None:
    """Upper case and margins are still the same signature."""
    body = dress.encode()
    signature = dress.format(sign(body, TOKEN).upper())
    assert stand.send(raw(body, {"x-salesloft-signature": signature})).status == 200
    assert len(stand.rows()) == 1


STRANGER = WebhookToken("stranger", b"nobody-gave-this-token-to-salesloft-0000")
SIGNATURES = {
    "missing": (None, "missing"),
    "empty": ("", "malformed"),
    "not 40": (sign(BODY, TOKEN)[:39], "malformed"),
    "too long": (sign(BODY, TOKEN) + "0", "malformed"),
    "no hex digits": ("g" * 40, "malformed"),
    "prefixed": ("sha1=" + sign(BODY, TOKEN), "malformed"),
    "base64": (base64.b64encode(bytes.fromhex(sign(BODY, TOKEN))).decode(), "malformed"),
    "SHA-256": (hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest(), "malformed"),
    "SHA-256 cut to size": (hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()[:40], "mismatch"),
    "other token": (sign(BODY, STRANGER), "mismatch"),
    "other body": (sign(b"{}", TOKEN), "mismatch"),
    "one bit off": (f"{int(sign(BODY, TOKEN), 16) ^ 1:040x}", "mismatch"),
    "not ASCII": ("\xe9" * 40, "malformed"),
    "the token itself": (SECRET, "malformed"),
}


@pytest.mark.parametrize(("signature", "reason"), SIGNATURES.values(), ids=SIGNATURES)
def test_what_is_not_genuine_is_401_and_does_not_land(
    stand: Stand, signature: str | None, reason: str
) -> None:
    """And it is told what is wrong with the signature, never what it should have been."""
    headers = {"x-salesloft-event": "person_updated"}
    answer = stand.send(
        raw(BODY, headers | ({} if signature is None else {"x-salesloft-signature": signature}))
    )
    assert (answer.status, answer.body) == (401, f"signature_{reason}\n".encode())
    assert stand.rows() == []


@pytest.mark.parametrize(("signers", "status"), [((TOKEN, STRANGER), 200), ((STRANGER, TOKEN), 401)])
def test_of_two_signatures_the_first_counts(
    stand: Stand, signers: tuple[WebhookToken, ...], status: int
) -> None:
    """SalesLoft sends one; a second is not asked, so it opens no door that the first does not."""
    body = b'{"signed": "twice"}'
    lines = "".join(f"x-salesloft-signature: {sign(body, each)}\r\n" for each in signers)
    head = (
        f"POST /webhooks/salesloft HTTP/1.1\r\nhost: receiver\r\ncontent-length: {len(body)}\r\n{lines}\r\n"
    )
    assert stand.send(head.encode() + body).status == status
    assert len(stand.rows()) == (status == 200)


LONG = b"x" * (BODY_BYTES + 1)
CHUNKED = {"transfer-encoding": "chunked"}
REFUSED = {
    "too long": (raw(LONG, signed(LONG)), {413}),
    "too long, in chunks": (raw(chunked(LONG, 50_000), signed(LONG) | CHUNKED), {413}),
    "5 GB announced, little sent": (raw(b"x" * 10, signed(b"x") | {"content-length": "5000000000"}), {413}),
    "slow body": (raw(b"x", signed(b"xy") | {"content-length": "2"}), {408}),
    "slow head": (b"POST /webhooks/salesloft HTTP/1.1\r\nhost: x\r\n", {0}),
    "nothing": (b"", {0}),
    "long head": (raw(BODY, signed(BODY) | {"x-filler": "x" * 40_000}), {431}),
    "many headers": (raw(BODY, signed(BODY) | {f"x-{n}": "x" * 90 for n in range(500)}), {431}),
    "long path": (raw(BODY, signed(BODY), path="/" + "x" * 40_000), {431}),
    "endless head": (b"POST /webhooks/salesloft HTTP/1.1\r\nx: " + b"x" * 1_000_000, {431}),
    "endless chunk extension": (
        raw(b"1;" + b"x" * 1_000_000, signed(BODY) | CHUNKED),
        {0, 400, 431},
    ),
    "endless trailer": (
        raw(b"1\r\nx\r\n0\r\nx: " + b"x" * 1_000_000, signed(BODY) | CHUNKED),
        {0, 400, 431},
    ),
    "NUL in a header": (raw(BODY, signed(BODY) | {"x-nul": "\0"}), {400}),
    "two lengths": (
        raw(BODY, signed(BODY)).replace(b"content-length: 8", b"content-length: 8\r\ncontent-length: 9"), {400},
    ),
    "length and chunks": (raw(BODY, signed(BODY) | CHUNKED | {"content-length": "8"}), {400}),
    "negative length": (raw(BODY, signed(BODY) | {"content-length": "-8"}), {400}),
    "length in words": (raw(BODY, signed(BODY) | {"content-length": "eight"}), {400}),
    "length beyond all measure": (raw(BODY, signed(BODY) | {"content-length": "9" * 40}), {400}),
    "TLS": (bytes.fromhex("1603010200010001fc0303") + b"\0" * 500, {400}),
    "words": (b"hello\r\n\r\n", {400}),
}  # fmt: skip


@pytest.mark.parametrize(("request_bytes", "statuses"), REFUSED.values(), ids=REFUSED)
def test_what_is_too_much_or_no_http_is_cut(stand: Stand, request_bytes: bytes, statuses: set[int]) -> None:
    """By its code, or without a word (0), and the connection is closed; nothing lands, others are served."""
    assert stand.send(request_bytes).status in statuses
    assert stand.rows() == []
    assert stand.deliver(BODY).status == 200


@pytest.mark.parametrize("name", [name for name, (_, statuses) in REFUSED.items() if 0 not in statuses])
def test_after_a_cut_the_connection_is_closed(stand: Stand, name: str) -> None:
    """What is left of the body is not taken for the next request."""
    assert stand.send(REFUSED[name][0]).headers["connection"] == "close"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/webhooks/salesloft", 405),
        ("PUT", "/webhooks/salesloft", 405),
        ("POST", "/webhooks/salesloft/", 404),
        ("POST", "/webhooks", 404),
        ("POST", "//webhooks/salesloft", 404),
        ("POST", "/", 404),
        ("GET", "/docs", 404),
        ("POST", "/health", 405),
    ],
)
def test_other_ways_lead_nowhere(stand: Stand, method: str, path: str, status: int) -> None:
    """404 or 405, never a redirect, which a sender would follow without its body."""
    assert stand.send(raw(BODY, signed(BODY), method=method, path=path)).status == status
    assert stand.rows() == []


def test_pages_for_the_operator(stand: Stand) -> None:
    """/health, /health/live and /metrics answer 200 while all is well."""
    assert json.loads(stand.get("/health").body) == {"well": True, "problems": []}
    assert stand.get("/health/live").status == 200
    # It looks at the landing by itself, before there is a delivery.
    until(lambda: b"salesloft_receiver_landing_up 1.0" in stand.get("/metrics").body)
    metrics = stand.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    ("given", "told"), [("4bf92f35-77b3", "4bf92f35-77b3"), ("x\tann@example.com", None)]
)
def test_a_refusal_is_logged_with_the_id_that_the_proxy_gave(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, given: str, told: str | None
) -> None:
    """So the two logs can be laid side by side; what a stranger wrote instead of an id is not repeated."""
    with serving(Landing(f"sqlite:///{tmp_path}/landing.sqlite")) as stand:
        assert stand.send(raw(BODY, {"x-request-id": given})).status == 401
    (line,) = [line for line in caplog.records if line.name == "salesloft_pipeline.receiver.app"]
    assert vars(line)["request_id"] == told
    assert vars(line)["status"] == 401


def test_many_requests_on_one_connection(stand: Stand) -> None:
    """A proxy keeps its connections: refused and accepted ones take turns on the same."""
    with stand.connect() as connection:
        for number in range(5):
            body = b'{"turn": %d}' % number
            good, bad = raw(body, signed(body)), raw(body, signed(b"other"))
            for request, status in ((good, 200), (bad, 401), (good, 200)):
                connection.sendall(request)
                assert answer_on(connection).status == status
    assert len(stand.rows()) == 5


def test_old_http_is_understood(stand: Stand) -> None:
    """HTTP/1.0 lands like any other, and its connection is closed after the answer."""
    body = b'{"id": "1.0"}'
    with stand.connect() as connection:
        connection.sendall(raw(body, signed(body)).replace(b"HTTP/1.1", b"HTTP/1.0"))
        assert answer_on(connection).status == 200
        assert connection.recv(1) == b""
    assert stand.rows()[0].body == body


def test_requests_in_one_go_are_answered_in_turn(stand: Stand) -> None:
    """Pipelined: three at once on one connection, good, forged, good; three answers in that order."""
    bodies = [b'{"go": %d}' % number for number in range(3)]
    requests = [
        raw(bodies[0], signed(bodies[0])),
        raw(bodies[1], signed(b"other")),
        raw(bodies[2], signed(bodies[2])),
    ]
    with stand.connect() as connection:
        connection.sendall(b"".join(requests))
        # One reader for all, as it may take in more than the first answer.
        answers = connection.makefile("rb")
        statuses = []
        for _ in requests:
            statuses.append(answers.readline().split()[1])
            length = 0
            while (line := answers.readline()) != b"\r\n":
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            answers.read(length)
    assert statuses == [b"200", b"401", b"200"]
    assert [row.body for row in stand.rows()] == [bodies[0], bodies[2]]


def test_real_deliveries_land_byte_for_byte(stand: Stand) -> None:
    """As they were recorded from SalesLoft, signed the way its headers say."""
    if not SAMPLES.exists():
        pytest.skip("the recorded deliveries are not here")
    recorded = json.loads(SAMPLES.read_text())
    bodies = [json.dumps(one["body"], ensure_ascii=False).encode() for one in recorded]
    for one, body in zip(recorded, bodies, strict=True):
        event = one["headers"]["x-salesloft-event"]
        assert stand.deliver(body, event=event).body == b"accepted\n"
    rows = stand.rows()
    assert [row.body for row in rows] == bodies
    assert [row.event_type for row in rows] == [one["headers"]["x-salesloft-event"] for one in recorded]
    assert all(row.flags == frozenset() for row in rows)
