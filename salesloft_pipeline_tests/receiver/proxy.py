"""Between a client and its server: a port on loopback that can be shut, frozen, and harm what passes, as networks do."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

from psycopg.conninfo import conninfo_to_dict

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class LineBroken(Exception):
    """The connection ends here, by a reset or as if all were said."""

    def __init__(self, *, reset: bool) -> None:
        super().__init__("reset" if reset else "ended")
        self.reset = reset


# What becomes of bytes on their way, piece by piece; LineBroken ends their connection.
Harm = Callable[[bytes], Iterable[bytes]]


def unharmed(data: bytes) -> Iterable[bytes]:
    """All of it, at once."""
    return (data,)


class Proxy:
    """Hands bytes on between `url` and the server behind it while it is open and thawed. It begins shut.

    server_url: as Postgres writes them, "host=127.0.0.1 port=80" included. asked: what happens to the client's bytes;
    answered: to the server's.
    """

    def __init__(self, server_url: str, *, asked: Harm = unharmed, answered: Harm = unharmed) -> None:
        self._server = conninfo_to_dict(server_url)
        self._asked, self._answered = asked, answered
        self._open: list[socket.socket] = []
        self._flowing = threading.Event()
        self._flowing.set()
        self._door: socket.socket | None = None
        # Nobody else gets this port while it is shut.
        self._reserved = socket.socket()
        self._reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._reserved.bind(("127.0.0.1", 0))
        self.port = self._reserved.getsockname()[1]

    @property
    def url(self) -> str:
        """The same database, by way of this."""
        return f"postgresql://{self._server['user']}@127.0.0.1:{self.port}/{self._server['dbname']}"

    def open(self) -> None:
        """Connections are taken from now on."""
        self._door = socket.socket()
        self._door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._door.bind(("127.0.0.1", self.port))
        self._door.listen()
        threading.Thread(target=self._serve, args=[self._door], daemon=True).start()

    def shut(self) -> None:
        """All connections end, and new ones are refused."""
        doors = [] if self._door is None else [self._door]
        for each in [*doors, *self._open]:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._open.clear()
        self._door = None

    def freeze(self) -> None:
        """Nothing is handed on, and nobody is told."""
        self._flowing.clear()

    def thaw(self) -> None:
        """It is, again, with all that came meanwhile."""
        self._flowing.set()

    def close(self) -> None:
        """For good."""
        self.thaw()
        self.shut()
        self._reserved.close()

    def _serve(self, door: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = door.accept()
                far = self._to_server()
                self._open += [near, far]
                for source, sink, harm in ((near, far, self._asked), (far, near, self._answered)):
                    threading.Thread(target=self._hand_on, args=[source, sink, harm], daemon=True).start()

    def _to_server(self) -> socket.socket:
        host, port = str(self._server.get("host")), self._server.get("port") or 5432
        if not host.startswith("/"):
            return socket.create_connection((host, int(port)))
        far = socket.socket(socket.AF_UNIX)
        far.connect(f"{host}/.s.PGSQL.{port}")
        return far

    def _hand_on(self, source: socket.socket, sink: socket.socket, harm: Harm) -> None:
        with suppress(OSError):
            try:
                while data := source.recv(65_536):
                    self._flowing.wait()
                    for piece in harm(data):
                        sink.sendall(piece)
                sink.shutdown(socket.SHUT_WR)
            except LineBroken as broken:
                _end((source, sink), broken.reset)


def _end(both: tuple[socket.socket, socket.socket], reset: bool) -> None:
    for each in both:
        with suppress(OSError):
            if reset:
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            # Wakes the thread that reads from it, which would keep it open.
            each.shutdown(socket.SHUT_RD if reset else socket.SHUT_RDWR)
            each.close()


@contextmanager
def before(server_url: str, *, asked: Harm = unharmed, answered: Harm = unharmed) -> Iterator[Proxy]:
    """A proxy before this server, shut at first; its parameters as of `Proxy`."""
    proxy = Proxy(server_url, asked=asked, answered=answered)
    try:
        yield proxy
    finally:
        proxy.close()
