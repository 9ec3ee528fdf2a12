"""Faults of the line: between the pipeline and SalesLoft, its senders and the receiver, the pipeline and Postgres."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from urllib.parse import urlsplit

import httpx

from salesloft_pipeline.salesloft import client
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.chaos.fault import Fault, Ground, until_done
from salesloft_pipeline_tests.conftest import Scene
from salesloft_pipeline_tests.ingest.truth import assert_equals_truth
from salesloft_pipeline_tests.receiver.killed import survivors
from salesloft_pipeline_tests.receiver.load import sending
from salesloft_pipeline_tests.receiver.proxy import Harm, LineBroken, before
from salesloft_pipeline_tests.receiver.stand import Process

LISTS = ("emails", "people", "calls")
# More than one answer in five, so that five attempts in a row fail now and then.
ODDS = 0.25
MOST_LATE_SECONDS = 0.05
TRICKLE_BYTES = 2_000
NOISE_BYTES = 48
PATIENCE = httpx.Timeout(0.3)


def late(data: bytes, dice: random.Random) -> Iterable[bytes]:
    """After a while."""
    time.sleep(dice.uniform(0, MOST_LATE_SECONDS))
    yield data


def trickling(data: bytes, dice: random.Random) -> Iterable[bytes]:
    """In small pieces, one after the other."""
    for start in range(0, len(data), TRICKLE_BYTES):
        time.sleep(dice.uniform(0, 0.001))
        yield data[start : start + TRICKLE_BYTES]


def cut(data: bytes, dice: random.Random, *, reset: bool) -> Iterable[bytes]:
    """Some of it, and then the end of the connection."""
    yield data[: dice.randrange(len(data))]
    raise LineBroken(reset=reset)


def noisy(data: bytes, dice: random.Random) -> Iterable[bytes]:
    """With a stretch of it written over."""
    start = dice.randrange(len(data))
    yield data[:start] + dice.randbytes(NOISE_BYTES) + data[start + NOISE_BYTES :]


def silent(_data: bytes, _dice: random.Random) -> Iterable[bytes]:
    """Never."""
    return ()


def sometimes(
    harm: Callable[[bytes, random.Random], Iterable[bytes]],
    dice: random.Random,
    odds: float,
    struck: Counter[str],
) -> Harm:
    """That harm, by these odds, counted."""

    def perhaps(data: bytes) -> Iterable[bytes]:
        if dice.random() >= odds:
            return (data,)
        struck["struck"] += 1
        return harm(data, dice)

    return perhaps


def to_salesloft(harm: Callable[[bytes, random.Random], Iterable[bytes]], ground: Ground) -> Counter[str]:
    """Two syncs by way of that line, with a day between them."""
    stage, figures = ground.scene(people=100, emails=1_500), Counter[str]()
    ground.patch.setattr(client, "TIMEOUT", PATIENCE)
    door = urlsplit(stage.url)
    with before(
        f"host={door.hostname} port={door.port}", answered=sometimes(harm, ground.dice, ODDS, figures)
    ) as line:
        line.open()
        stage.url = f"http://127.0.0.1:{line.port}/v2"
        for _ in range(2):
            figures["failed runs"] += until_done(partial(stage.sync, *LISTS))
            stage.world.advance(86_400)
            stage.world.touch("people", ground.dice.sample(stage.world.ids("people"), 20))
        figures["failed runs"] += until_done(partial(stage.sync, *LISTS))
    return figures + compared(stage)


def compared(stage: Scene) -> Counter[str]:
    """The lists, row by row with SalesLoft's."""
    for name in LISTS:
        assert_equals_truth(stage.warehouse, stage.world, name)
    return Counter({"records compared": sum(len(stage.world.ids(name)) for name in LISTS)})


def to_the_receiver(ground: Ground) -> Counter[str]:
    """Deliveries by way of a line that breaks off, in both directions."""
    figures = Counter[str]()

    def broken(data: bytes, dice: random.Random) -> Iterable[bytes]:
        return cut(data, dice, reset=dice.random() < 0.5)

    harm = sometimes(broken, ground.dice, 0.05, figures)
    with Process(ground.landing_url) as receiver:
        with before(f"host=127.0.0.1 port={receiver.port}", asked=harm, answered=harm) as line:
            line.open()
            with sending([line.port], 4) as load:
                for _ in range(10):
                    load.wait_for_more(30)
        rows = survivors(ground.landing_url)
    lost = load.acknowledged - set(rows)
    assert not lost, f"{len(lost)} of {len(load.acknowledged)} acknowledged deliveries are lost"
    assert len(rows) == len(set(rows)), "a delivery is there twice"
    figures["deliveries acknowledged"] += len(load.acknowledged)
    return figures


def to_postgres(ground: Ground) -> Counter[str]:
    """Two syncs into a Postgres behind a line that is reset now and then."""
    stage, figures = ground.scene(people=100, emails=600), Counter[str]()
    direct = stage.warehouse
    harm = sometimes(partial(cut, reset=True), ground.dice, 0.01, figures)
    with before(ground.warehouse_url, answered=harm) as line:
        line.open()
        stage.warehouse = Warehouse(line.url)
        for _ in range(2):
            figures["failed runs"] += until_done(partial(stage.sync, *LISTS), Exception)
            stage.world.advance(86_400)
    stage.warehouse = direct
    stage.sync(*LISTS)
    return figures + compared(stage)


_HARMS: tuple[tuple[str, str, Callable[[bytes, random.Random], Iterable[bytes]]], ...] = (
    ("late answers", "every fourth answer of SalesLoft comes up to 50 ms late", late),
    ("slow trickle", "every fourth answer comes in pieces of 2,000 bytes", trickling),
    ("connections reset", "every fourth answer is reset at a random byte", partial(cut, reset=True)),
    ("truncated bodies", "every fourth answer ends at a random byte", partial(cut, reset=False)),
    ("garbage", "every fourth answer has 48 random bytes written over it, headers included", noisy),
    ("silence", "every fourth answer never comes", silent),
)
FAULTS = (
    *(Fault(name, done, partial(to_salesloft, harm)) for name, done, harm in _HARMS),
    Fault(
        "senders on a bad line",
        "what senders and the receiver say ends or is reset at a random byte, one piece in twenty",
        to_the_receiver,
    ),
    Fault(
        "Postgres on a bad line",
        "one answer of Postgres in a hundred is reset at a random byte, during two syncs",
        to_postgres,
        ("postgres",),
    ),
)
