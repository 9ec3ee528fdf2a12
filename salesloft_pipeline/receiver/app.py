"""POST /webhooks/salesloft, GET /health, /health/live, /metrics: what is asked for, and one answer for every case."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from salesloft_pipeline.landing import Arrival, Landing
from salesloft_pipeline.receiver.config import ReceiverConfig
from salesloft_pipeline.receiver.intake import Refusal, Room, read_body
from salesloft_pipeline.receiver.metrics import Metrics
from salesloft_pipeline.receiver.sparing import SparingLog
from salesloft_pipeline.receiver.writer import NotLanded, Writer
from salesloft_pipeline.salesloft.webhooks import ROUTES, Unverified, WebhookEvent, signature_of

WEBHOOKS = "/webhooks/salesloft"
# SalesLoft asks again after 15 seconds, whatever we say; a proxy may listen.
RETRY_AFTER_SECONDS = "15"


_REQUEST_ID = re.compile(r"[0-9A-Za-z-]{8,64}")


class Receiver:
    """The answers. One for each process: it owns the writer."""

    def __init__(self, config: ReceiverConfig, landing: Landing) -> None:
        self._config, self._landing = config, landing
        self._metrics, self._log = Metrics(), SparingLog(__name__)
        self._room = Room(config.limits)
        self._metrics.held_bytes.set_function(lambda: self._room.held_bytes)
        self._writer = Writer(landing, config.limits, self._metrics)

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        """The writer runs for as long as there are requests; in the end it lands what it has."""
        self._writer.start()
        yield
        await self._writer.stop()

    async def deliver(self, request: Request) -> Response:
        """A delivery: 200 `accepted` or `duplicate` once it is on the disk, else why not."""
        began = time.monotonic()
        try:
            status, reason, headers = 200, await self._landed(request), {}
        except Refusal as refusal:
            status, reason, headers = refusal.status, refusal.reason, _headers(refusal)
            told = {"status": status, "reason": reason, "request_id": _id_of(request)}
            self._log.warning("refused", "a delivery was answered %s %s", status, reason, **told)
        self._metrics.answers.labels(status, reason).inc()
        self._metrics.seconds.observe(time.monotonic() - began)
        return PlainTextResponse(f"{reason}\n", status, headers)

    async def _landed(self, request: Request) -> str:
        with self._room.share() as share:
            try:
                # Before the body: whoever cannot sign does not get us to read.
                signature_of(request.headers)
            except Unverified as error:
                raise Refusal(401, f"signature_{error.reason}", close=True) from None
            body = await read_body(request, share, self._config.limits)
            try:
                event = WebhookEvent.from_http(request.headers, body, self._config.tokens)
            except Unverified as error:
                raise Refusal(401, f"signature_{error.reason}") from None
            try:
                is_new = await self._writer.land(_arrival(event, request))
            except NotLanded as error:
                raise Refusal(503, error.reason) from None
        return self._counted(event, "accepted" if is_new else "duplicate")

    def _counted(self, event: WebhookEvent, outcome: str) -> str:
        event_type = event.event_type if event.event_type in ROUTES else "other"
        self._metrics.landed.labels(event_type, event.token, outcome).inc()
        for flag in event.flags:
            self._metrics.flags.labels(flag.value).inc()
        return outcome

    async def health(self, _request: Request) -> Response:
        """200 when a delivery would land now, 503 with the reasons when not."""
        problems = self._writer.problems() + self._disk_problems()
        return JSONResponse({"well": not problems, "problems": problems}, 503 if problems else 200)

    def _disk_problems(self) -> list[str]:
        path = self._landing.path
        if path is None or not path.parent.exists():
            return []
        low = shutil.disk_usage(path.parent).free < self._config.limits.free_bytes
        return ["the disk of the landing is nearly full"] if low else []

    async def live(self, _request: Request) -> Response:
        """200 as long as there is somebody to ask."""
        return PlainTextResponse("live\n")

    async def metrics(self, _request: Request) -> Response:
        """Everything that is counted, for Prometheus."""
        return Response(generate_latest(self._metrics.registry), media_type=CONTENT_TYPE_LATEST)


def _id_of(request: Request) -> str | None:
    """The id that a proxy gave the request; anything that looks like none came from a stranger, and is not repeated."""
    given = request.headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else None


def create_app(config: ReceiverConfig, landing: Landing) -> Starlette:
    """The receiver as an ASGI application with a lifespan. `landing` is closed with it."""
    receiver = Receiver(config, landing)
    app = Starlette(
        routes=[
            Route(WEBHOOKS, receiver.deliver, methods=["POST"]),
            Route("/health", receiver.health),
            Route("/health/live", receiver.live),
            Route("/metrics", receiver.metrics),
        ],
        lifespan=receiver.lifespan,
    )
    # A sender that follows a redirect does so without its body.
    app.router.redirect_slashes = False
    return app


def _arrival(event: WebhookEvent, request: Request) -> Arrival:
    return Arrival(
        event_type=event.event_type,
        body=event.body,
        received_at=datetime.now(UTC),
        token=event.token,
        flags=frozenset(flag.value for flag in event.flags),
        content_type=request.headers.get("content-type", ""),
        content_encoding=request.headers.get("content-encoding", ""),
    )


def _headers(refusal: Refusal) -> dict[str, str]:
    headers = {"connection": "close"} if refusal.close else {}
    return headers | ({"retry-after": RETRY_AFTER_SECONDS} if refusal.status == 503 else {})
