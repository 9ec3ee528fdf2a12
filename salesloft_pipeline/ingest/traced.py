"""Reading, as spans of a round: it goes on in dlt's threads, which know nothing of the thread that began the round."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace

from salesloft_pipeline.ingest.memory import State
from salesloft_pipeline.ingest.reader import Reader, Row
from salesloft_pipeline.tracing import Span


def pages(reader: Reader, state: State, enough: Callable[[int], bool], round_: Span) -> Iterator[list[Row]]:
    """What `reader.read` gives, and a span of it, with what this reading gave and took."""
    before = replace(reader.tally)
    with round_.below(f"read {reader.endpoint.name}", resource=reader.endpoint.name) as reader.reading:
        yield from reader.read(state, enough)
        taken = {name: count - getattr(before, name) for name, count in asdict(reader.tally).items()}
        failure = type(reader.failure).__name__ if reader.failure else None
        reader.reading.tell(**taken, **{"error.type": failure})
