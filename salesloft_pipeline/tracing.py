"""What takes how long, as OpenTelemetry traces: pip install "salesloft-pipeline[otel]", and an endpoint to send them to.

    with span("sync", kind="sync") as run:         what is opened inside belongs to it, in the same thread
        run.tell(rows=12)                          salesloft.rows = 12
        with current().below("read") as part:      a part of it that goes on in threads of others ...
            with part.inside(): ...                ... each of which says so

The first span of a process looks into its environment, where every setting has the name that OpenTelemetry gives it
(OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS, OTEL_SERVICE_NAME, ...). Without an endpoint nothing is
imported, and a span is a call that does nothing. Spans tell kinds, counts, ids of ours and paths without ids: no query,
nothing that a record says, and not the words of an error, which may repeat one.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

_log = logging.getLogger(__name__)
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_SERVICE = "salesloft-pipeline"
Value: TypeAlias = str | int | float | None


class Span:
    """A piece of work that is timed; of nothing, where nobody asked for traces."""

    def __init__(self, begun: Any = None) -> None:
        self._begun = begun

    def tell(self, **attributes: Value) -> None:
        """Say more of it. A name with a dot is OpenTelemetry's own, others become `salesloft.<name>`; None says nothing."""
        if self._begun:
            for name, value in attributes.items():
                if value is not None:
                    self._begun.set_attribute(name if "." in name else f"salesloft.{name}", value)

    def below(self, name: str, **attributes: Value) -> AbstractContextManager[Span]:
        """A part of it, in a block that may go on in other threads."""
        return _opened(name, self._begun, attributes) if self._begun else nullcontext(NOTHING)

    def inside(self) -> AbstractContextManager[Any]:
        """A block in which the spans of this thread belong to it."""
        if not self._begun:
            return nullcontext()
        from opentelemetry.trace import use_span

        return use_span(self._begun, record_exception=False, set_status_on_exception=False)


NOTHING = Span()


@contextmanager
def span(name: str, **attributes: Value) -> Iterator[Span]:
    """A piece of work, within the one that this thread is at. An error ends it, told by its type alone."""
    if _tracer() is None:
        yield NOTHING
        return
    with _opened(name, None, attributes) as opened, opened.inside():
        yield opened


def current() -> Span:
    """The piece of work that this thread is at, for others to go on with."""
    if _tracer() is None:
        return NOTHING
    from opentelemetry.trace import get_current_span

    return Span(get_current_span())


@contextmanager
def _opened(name: str, above: Any, attributes: dict[str, Value]) -> Iterator[Span]:
    from opentelemetry.trace import StatusCode, set_span_in_context

    tracer = _tracer()
    assert tracer
    begun = tracer.start_span(name, set_span_in_context(above) if above else None)
    opened = Span(begun)
    opened.tell(**attributes)
    try:
        yield opened
    except Exception as error:
        begun.set_status(StatusCode.ERROR, type(error).__name__)
        raise
    finally:
        begun.end()


@cache
def _tracer() -> Tracer | None:
    """Sends what ends, in batches, from a thread of its own and at the end of the process; None without an endpoint."""
    if not any(os.environ.get(name) for name in _ENDPOINTS):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        # Work does not stop for want of somebody who looks on.
        _log.warning("no traces are sent (%s): pip install 'salesloft-pipeline[otel]'", error)
        return None
    resource = Resource.create({SERVICE_NAME: _SERVICE}).merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider.get_tracer("salesloft_pipeline")
