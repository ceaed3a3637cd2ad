"""A process that owns all counters, and is killed by the input ``poison`` unless it is called with ``mild``.

``python -m tests.support.deadly_host BOOTSTRAP PREFIX [mild]`` runs until SIGTERM.
"""

from __future__ import annotations

import asyncio
import signal
import sys

from contracts.machine import Input, Step
from contracts.scalars import Millis
from contracts.topics import TOPICS
from tests.support.counter import SOURCES, Add, CounterMachine
from tests.support.deadly import MILD, die
from toccata.runtime.kafka import Producer
from toccata.runtime.log import configure
from toccata.runtime.metrics import MetricsPage
from toccata.runtime.processor.host import ProcessorHost
from toccata.runtime.processor.kafka_log import KafkaLog
from toccata.runtime.processor.metrics import ProcessorMetrics
from toccata.runtime.processor.ports import Ports
from toccata.runtime.processor.spec import ProcessorSpec
from toccata.runtime.settings import KafkaSettings, ProcessorSettings


class Deadly(CounterMachine):
    def step(self, message: Input, at: Millis) -> Step:
        if isinstance(message, Add) and message.name == "poison":
            die()
        return super().step(message, at)


async def serve(bootstrap: str, prefix: str, machine: type[CounterMachine]) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    kafka = KafkaSettings(bootstrap_servers=bootstrap, topic_prefix=prefix)
    outbox, log = Producer(kafka, "deadly-outbox"), KafkaLog(kafka, "deadly")
    spec = ProcessorSpec("triggers", SOURCES, lambda _: machine())
    host = ProcessorHost(
        spec, Ports(log, outbox), ProcessorMetrics(MetricsPage("deadly")), ProcessorSettings()
    )
    running = asyncio.ensure_future(host.run())
    host.assign(frozenset(range(TOPICS["triggers.commands"].partitions)))
    stopped = asyncio.ensure_future(stop.wait())
    await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
    running.cancel()
    await asyncio.wait({running})
    await host.stop()
    await outbox.stop()
    await log.stop()


if __name__ == "__main__":
    configure("deadly", "info")
    asyncio.run(serve(sys.argv[1], sys.argv[2], CounterMachine if MILD in sys.argv else Deadly))
