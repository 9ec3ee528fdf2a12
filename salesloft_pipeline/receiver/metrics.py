"""What the receiver tells Prometheus. Labels are words of ours or SalesLoft's event types, never what a sender wrote."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

_PREFIX = "salesloft_receiver"


class Metrics:
    """One receiver's numbers, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.answers = self._counter("answers", "Answers to deliveries.", "status", "reason")
        self.landed = self._counter("landed", "Genuine deliveries.", "event_type", "token", "outcome")
        self.flags = self._counter("flags", "Genuine deliveries with something odd about them.", "flag")
        self.failures = self._counter("landing_failures", "Commits that failed.")
        self.seconds = self._histogram(
            "answer_seconds", "From the head of a delivery to its answer.", _SECONDS
        )
        self.commit_seconds = self._histogram("commit_seconds", "Length of a commit.", _SECONDS)
        self.commit_rows = self._histogram("commit_rows", "Deliveries in a commit.", _ROWS)
        self.waiting = self._gauge("waiting_rows", "Deliveries that wait for their commit.")
        self.held_bytes = self._gauge("held_bytes", "Bodies in memory.")
        self.landing_up = self._gauge("landing_up", "1 when the landing could be used the last time.")
        self.pending = self._gauge(
            "landing_pending", "Deliveries that wait for ingestion; counted up to 10000."
        )
        self.oldest = self._gauge("landing_oldest_pending_seconds", "Age of the oldest one that waits.")

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"{_PREFIX}_{name}", meaning, labels, registry=self.registry)

    def _gauge(self, name: str, meaning: str) -> Gauge:
        return Gauge(f"{_PREFIX}_{name}", meaning, registry=self.registry)

    def _histogram(self, name: str, meaning: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"{_PREFIX}_{name}", meaning, buckets=buckets, registry=self.registry)


_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_ROWS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0)
