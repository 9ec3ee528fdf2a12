"""Arbitrary requests at the receiver: never a 5xx, and nothing is acknowledged but what is signed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salesloft_pipeline.landing import Landing
from salesloft_pipeline.receiver.config import Limits
from salesloft_pipeline.salesloft.webhooks import (
    EVENT_HEADER,
    SIGNATURE_HEADER,
    Unverified,
    sign,
    signature_of,
    verify,
)
from salesloft_pipeline_tests.receiver.stand import BOUND, TOKEN, Stand, raw, serving

BODIES = st.binary(max_size=200)
# What a header can carry on the wire, odd bytes included.
VALUES = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=60
)
NAMES = st.sampled_from(
    [
        EVENT_HEADER,
        "content-type",
        "content-encoding",
        "user-agent",
        "x-request-id",
        "x-forwarded-for",
        "accept",
        "range",
        "cookie",
        "x-salesloft-anything",
    ]
)
HEADERS = st.dictionaries(NAMES, VALUES, max_size=5)
HEX = st.text("0123456789abcdefABCDEF", min_size=40, max_size=40)
SIGNATURES = st.none() | VALUES | HEX
FUZZ = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """One receiver for all examples."""
    landing = Landing(f"sqlite:///{tmp_path_factory.mktemp('landing')}/landing.sqlite")
    with serving(landing, limits=Limits(body_seconds=0.3, head_seconds=0.3)) as stand:
        yield stand


@FUZZ
@given(BODIES, HEADERS, SIGNATURES)
def test_what_nobody_signed_is_never_acknowledged(
    stand: Stand, body: bytes, headers: dict[str, str], signature: str | None
) -> None:
    """Whatever the body, its headers and its signature say: an answer of 4xx, and no row."""
    sent = headers | ({} if signature is None else {SIGNATURE_HEADER: signature})
    before = len(stand.rows())
    assert 400 <= stand.send(raw(body, sent)).status < 500
    assert len(stand.rows()) == before


@FUZZ
@given(BODIES, HEADERS, st.sampled_from([TOKEN, BOUND]))
def test_what_is_signed_lands_byte_for_byte(
    stand: Stand, body: bytes, headers: dict[str, str], token: object
) -> None:
    """Whatever else its headers say; 200 means that it is there."""
    assert token in (TOKEN, BOUND)
    signed = headers | {SIGNATURE_HEADER: sign(body, token)}  # type: ignore[arg-type]
    assert stand.send(raw(body, signed)).status == 200
    assert body in {row.body for row in stand.rows()}


@FUZZ
@given(st.binary(max_size=300))
def test_bytes_that_are_no_request_are_refused_or_cut(stand: Stand, sent: bytes) -> None:
    """No 5xx, no row, and the next one is served."""
    before = len(stand.rows())
    answer = stand.send(sent + b"\r\n\r\n")
    assert answer.status == 0 or 400 <= answer.status < 500
    assert len(stand.rows()) == before
    assert stand.get("/health").status == 200


@given(
    st.binary(max_size=60), st.dictionaries(st.sampled_from([SIGNATURE_HEADER, "x"]), st.text(max_size=50))
)
def test_a_signature_is_right_or_unverified(body: bytes, headers: dict[str, str]) -> None:
    """Any text in its place, of any script: one kind of error and no other."""
    with pytest.raises(Unverified):
        verify(body, signature_of(headers), [TOKEN, BOUND])
