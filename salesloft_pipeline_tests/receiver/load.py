"""Senders that never stop: every delivery is sent until it is answered 200, and some are sent again afterwards."""

from __future__ import annotations

import http.client
import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from salesloft_pipeline_tests.receiver.stand import PATH, PATIENCE, signed

AGAIN_EVERY = 3


class Load:
    """What `senders` threads were told: bodies answered 200, and how often each was called new."""

    def __init__(self, ports: Sequence[int]) -> None:
        self.ports = list(ports)
        self.acknowledged: set[bytes] = set()
        self.accepted: Counter[bytes] = Counter()
        self.refused: Counter[int] = Counter()
        self.ended = False
        self._changed = threading.Condition()

    def wait_for_more(self, count: int) -> None:
        """Until so many more are acknowledged."""
        with self._changed:
            goal = len(self.acknowledged) + count
            assert self._changed.wait_for(lambda: len(self.acknowledged) >= goal, PATIENCE), self.refused

    def wait_for_refusal(self) -> None:
        """Until one is answered otherwise than 200."""
        with self._changed:
            assert self._changed.wait_for(lambda: bool(self.refused), PATIENCE), "nothing was refused"

    def send(self, sender: int) -> None:
        """One sender, until `ended`."""
        connection: http.client.HTTPConnection | None = None
        earlier = b""
        for number in itertools.count():
            body = b'{"id": %d, "sender": %d, "filler": "%s"}' % (number, sender, b"x" * 500)
            for each in (body, earlier) if earlier and number % AGAIN_EVERY == 0 else (body,):
                while not self.ended:
                    connection = self._tried(connection, sender, each)
                    if connection is not None:
                        break
            if self.ended:
                return
            earlier = body

    def _tried(
        self, connection: http.client.HTTPConnection | None, sender: int, body: bytes
    ) -> http.client.HTTPConnection | None:
        """The connection, for as long as it is good; None when the delivery has to be sent again."""
        connection = connection or http.client.HTTPConnection(
            "127.0.0.1", self.ports[sender % len(self.ports)], timeout=PATIENCE
        )
        try:
            connection.request("POST", PATH, body, signed(body))
            response = connection.getresponse()
            outcome = response.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            # Until somebody gets through, or a moment: to spin would keep the receiver from starting again.
            with self._changed:
                self._changed.wait(0.05)
            return None
        with self._changed:
            if response.status != 200:
                self.refused[response.status] += 1
                self._changed.notify_all()
                return None
            self.acknowledged.add(body)
            self.accepted[body] += outcome == b"accepted\n"
            self._changed.notify_all()
        return connection


@contextmanager
def sending(ports: Sequence[int], senders: int) -> Iterator[Load]:
    """So many senders, turn about to these ports, for the length of the block. `load.ports` may be changed meanwhile."""
    load = Load(ports)
    with at_once(load.send, senders) as join:
        try:
            yield load
        finally:
            load.ended = True
            join()


@contextmanager
def at_once(work: Callable[[int], object], count: int) -> Iterator[Callable[[], None]]:
    """Call work(0) ... work(count - 1), each in a thread; yields how to wait for them."""
    threads = [threading.Thread(target=work, args=[number], daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()

    def join() -> None:
        for thread in threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()

    yield join
    join()
