"""The container of one attempt, from its making to its end.

Theory of operation. A container's *name* says which attempt owns it: ``toccata-<task run>-<attempt>``. Its owner calls it only by
that name. If a worker dies, its attempt is lost, and the next attempt takes the running container over by giving it its own name.
From then on a late kill of the first attempt finds nothing, so two owners never meet. A container that is only kept
(``delete: false``, ``wait: false``) gets a name that no attempt takes over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from toccata.plugin import RunContext, TaskFailed, write_json
from toccata.plugins.families.scripts.run.docker.archive import packed, unpack
from toccata.plugins.families.scripts.run.docker.engine import Engine, EngineAway, EngineRefused
from toccata.plugins.families.scripts.run.docker.frame import Frames
from toccata.plugins.families.scripts.run.docker.image import have_image
from toccata.plugins.families.scripts.run.docker.specification import Wanted, body_of
from toccata.plugins.families.scripts.run.process import LINGER_SECONDS, Streams
from toccata.plugins.families.scripts.run.protocol import LineSplitter

TASK_RUN = "kestra.io/taskrun-id"
ATTEMPT = "kestra.io/taskrun-attempt"
WORKER = "toccata.io/worker"
"""The label with the folder of the worker that made it."""
RESUMES = "toccata.io/resume"
"""The label that says whether another attempt may take it over."""
FOLDER = "toccata.io/directory"
CLEANUP_SECONDS = 30.0
"""How long the end of an attempt waits for an engine that hangs, beside the grace period."""
REMOVAL_PAUSES = (0.1, 0.3, 1.0, 3.0)
"""Seconds before a removal that failed is tried again."""
KEPT, DETACHED, ENDING = "-ended", "-detached", "-ending"


@dataclass(frozen=True, slots=True)
class Ended:
    code: int
    container_id: str


def labels_of(run: RunContext, *, resumes: bool) -> dict[str, str]:
    """The labels that Kestra gives its containers, and ours."""
    known = run.variables

    def of(part: str, key: str) -> str:
        held = known.get(part)
        return str(held.get(key, "")) if isinstance(held, Mapping) else ""

    task_run, _, attempt = run.markers["TOCCATA_ATTEMPT"].rpartition("-")
    return {
        "kestra.io/namespace": of("flow", "namespace"),
        "kestra.io/flow-id": of("flow", "id"),
        "kestra.io/task-id": of("task", "id"),
        "kestra.io/execution-id": of("execution", "id"),
        TASK_RUN: task_run,
        ATTEMPT: attempt,
        WORKER: run.markers.get("TOCCATA_WORKER", ""),
        RESUMES: str(resumes).lower(),
    }


def name_of(labels: Mapping[str, str]) -> str:
    """The name that the attempt of these labels gives to its container."""
    return f"toccata-{labels[TASK_RUN]}-{labels[ATTEMPT]}"


class Container:
    """Call :meth:`run` once. However it ends, nothing runs any more, unless the flow wants that."""

    def __init__(self, engine: Engine, run: RunContext, wanted: Wanted) -> None:
        self._engine = engine
        self._run = run
        self._wanted = replace(wanted, labels={**wanted.labels, FOLDER: str(wanted.directory)})
        self._name = name_of(wanted.labels)
        self._inside = wanted.directory
        """The working directory in the container. One that was taken over has that of the attempt before."""

    async def run(self, streams: Streams) -> Ended:
        """Raises TaskFailed and EngineAway. Cancelling it stops the container."""
        docker = self._wanted.docker
        await self._have()
        whole = False
        try:
            container_id = (await self._ask("GET", "/json"))["Id"]
            if not docker.wait:
                await self._rename(DETACHED)
                whole = True
                return Ended(0, container_id)
            code = await self._followed(streams)
            await self._fetch()
            await self._explain(code)
            whole = True
            return Ended(code, container_id)
        finally:
            if not (whole and not docker.wait):
                await self._end()

    async def _have(self) -> None:
        """A container that runs: that of a lost attempt, or a new one."""
        if await self._taken_over():
            self._run.log(
                "INFO", "This attempt goes on with the container of the attempt before, whose worker died"
            )
            return
        await have_image(self._engine, self._wanted.image, self._wanted.docker, self._run)
        try:
            await _whole(
                self._engine.ask(
                    "POST", "/containers/create", body_of(self._wanted), params={"name": self._name}
                )
            )
            if self._wanted.docker.file_handling_strategy == "VOLUME":
                own = await self._run.directory()
                await self._engine.send(
                    f"/containers/{self._name}/archive", packed(own, self._inside), {"path": "/"}
                )
            await self._ask("POST", "/start")
        except EngineRefused as refused:
            await self._end()
            raise TaskFailed(
                f"the container of image {self._wanted.image} cannot start: {refused.message}"
            ) from None
        except BaseException:
            await self._end()
            raise

    async def _taken_over(self) -> bool:
        """Take the container of a lost attempt of this task run. Whatever else those attempts left ends now."""
        own = int(self._wanted.labels[ATTEMPT])
        taken = False
        for found in await containers(self._engine, {TASK_RUN: self._wanted.labels[TASK_RUN]}):
            if found.owner is None or found.owner > own:
                continue  # only kept, or of an attempt after this one, which is late then
            if found.owner < own and not taken and found.can_go_on and self._wanted.docker.resume:
                taken = await self._claimed(found.id)
                self._inside = PurePosixPath(found.labels.get(FOLDER, str(self._inside)))
            else:
                await removed(self._engine, found.id)
        return taken

    async def _claimed(self, container_id: str) -> bool:
        try:
            await self._engine.ask("POST", f"/containers/{container_id}/rename", params={"name": self._name})
        except EngineRefused:  # it ended, or another attempt was faster
            return False
        return True

    async def _followed(self, streams: Streams) -> int:
        """The exit code. The output is read until it ends, also while the container is being stopped."""
        reading = asyncio.create_task(self._read(streams))
        waiting = asyncio.create_task(self._code())
        try:
            await asyncio.wait({reading, waiting}, return_when=asyncio.FIRST_EXCEPTION)
            await reading
            return await waiting
        except asyncio.CancelledError:
            await self._stop()
            await asyncio.wait({reading}, timeout=LINGER_SECONDS)
            raise
        finally:
            for task in (reading, waiting):
                task.cancel()
            await asyncio.gather(reading, waiting, return_exceptions=True)

    async def _code(self) -> int:
        ended = await self._engine.ask("POST", f"/containers/{self._name}/wait", endless=True)
        return int(ended["StatusCode"])

    async def _read(self, streams: Streams) -> None:
        frames = Frames()
        splitters = {"stdout": LineSplitter(), "stderr": LineSplitter()}
        takes = {"stdout": streams.stdout, "stderr": streams.stderr}
        params = {"follow": "true", "stdout": "true", "stderr": "true"}
        async with self._engine.parts("GET", f"/containers/{self._name}/logs", params) as parts:
            async for part in parts:
                for stream, content in frames.feed(part):
                    for line in splitters[stream].feed(content):
                        takes[stream](line)
                await streams.room()
        for name, splitter in splitters.items():
            for line in splitter.close():
                takes[name](line)

    async def _fetch(self) -> None:
        """Bring the files back, so that outputs are kept, and other tasks of a shared directory see them."""
        if self._wanted.docker.file_handling_strategy == "MOUNT":
            return
        async with self._engine.parts(
            "GET", f"/containers/{self._name}/archive", {"path": str(self._inside)}
        ) as parts:
            left_out = await unpack(parts, await self._run.directory())
        if left_out:
            shown = ", ".join(left_out[:5]) + (f" and {len(left_out) - 5} more" if len(left_out) > 5 else "")
            self._run.log(
                "WARN", f"Not fetched from the container, because no files or leading elsewhere: {shown}"
            )

    async def _explain(self, code: int) -> None:
        if code and (await self._ask("GET", "/json"))["State"].get("OOMKilled"):
            self._run.log("ERROR", "The container needed more memory than its limit, and the kernel ended it")

    async def _stop(self) -> None:
        seconds = int(self._wanted.docker.kill_grace_period.total_seconds())
        with suppress(EngineAway, EngineRefused, TimeoutError):
            async with asyncio.timeout(CLEANUP_SECONDS + seconds):
                if seconds:
                    await self._engine.ask(
                        "POST", f"/containers/{self._name}/stop", params={"t": str(seconds)}, endless=True
                    )
                else:
                    await self._ask("POST", "/kill")

    async def _end(self) -> None:
        """Never raises: the attempt has its outcome already. The name goes first, so that no attempt takes over what is removed."""
        delete = self._wanted.docker.delete
        try:
            async with asyncio.timeout(CLEANUP_SECONDS):
                await self._rename(ENDING if delete else KEPT)
                if delete:
                    await removed(self._engine, self._name + ENDING)
                else:
                    with suppress(EngineRefused):  # it does not run
                        await self._engine.ask("POST", f"/containers/{self._name}{KEPT}/kill")
        except (EngineAway, TaskFailed, TimeoutError) as error:
            reason = error.message if isinstance(error, TaskFailed) else str(error) or "it does not answer"
            self._run.log("WARN", f"The container {self._name} is left on the engine: {reason}")

    async def _rename(self, ending: str) -> None:
        with suppress(EngineRefused):  # it is gone, or was renamed already
            await self._engine.ask(
                "POST", f"/containers/{self._name}/rename", params={"name": self._name + ending}
            )

    async def _ask(self, method: str, what: str) -> Any:
        return await self._engine.ask(method, f"/containers/{self._name}{what}")


async def removed(engine: Engine, name: str) -> None:
    """Stop and remove a container. One that is gone, or about to go, counts as removed."""
    for pause in (*REMOVAL_PAUSES, None):
        try:
            await engine.ask("DELETE", f"/containers/{name}", params={"force": "true", "v": "true"})
        except EngineRefused as refused:
            if refused.status in (404, 409):
                return
            if refused.status != 500 or pause is None:
                raise
            # Something still writes to its files while it is killed, and the engine gives up.
            await asyncio.sleep(pause)
        else:
            return


@dataclass(frozen=True, slots=True)
class Found:
    """A container of ours on the engine."""

    id: str
    name: str
    state: str
    labels: Mapping[str, str]

    @property
    def owner(self) -> int | None:
        """The attempt that owns it. None: it is only kept, or about to be removed."""
        number = self.name.removeprefix(f"toccata-{self.labels.get(TASK_RUN, '')}-")
        return int(number) if number.isdecimal() else None

    @property
    def can_go_on(self) -> bool:
        return self.labels.get(RESUMES) == "true" and self.state != "created"


async def containers(engine: Engine, labels: Mapping[str, str]) -> list[Found]:
    """Those with all these labels, the newest first."""
    filters = write_json({"label": [f"{name}={value}" for name, value in labels.items()]}).decode()
    listed = await engine.ask("GET", "/containers/json", params={"all": "true", "filters": filters})
    return [
        Found(
            each["Id"], each["Names"][0].lstrip("/") if each["Names"] else "", each["State"], each["Labels"]
        )
        for each in listed
    ]


async def _whole(asking: Any) -> Any:
    """Wait for the answer even if cancelled, because the engine finishes what it began, and it must be known to be removed."""
    task = asyncio.ensure_future(asking)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        with suppress(EngineAway, EngineRefused):
            await task
        raise
