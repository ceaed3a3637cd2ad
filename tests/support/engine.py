"""A container engine for tests: one that answers already, or a `dockerd` of their own. Where neither can be had, the tests are skipped,
and the reason says why. Its image is made of this machine's own programs, because no image registry need be reachable."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from toccata.kit.container import ContainerRules, own_host, socket_of

REPOSITORY = "toccata-tests"
TAG = hashlib.sha256(sys.version.encode() + Path(__file__).read_bytes()).hexdigest()[:12]
IMAGE = f"{REPOSITORY}:{TAG}"
PROGRAMS = ("sh", "cat", "cp", "env", "id", "ls", "mkdir", "rm", "sleep", "touch")
_START_SECONDS = 60.0
_MODULES = (
    "_struct",
    "_json",
    "math",
    "_datetime",
    "_random",
    "_bisect",
    "_heapq",
    "select",
    "fcntl",
    "zlib",
    "_contextvars",
)
"""Compiled modules of the standard library in the image. Others need libraries that make it large."""
_LEFT_OUT = (
    "/test/",
    "/idlelib/",
    "/ensurepip/",
    "/site-packages/",
    "/__pycache__/",
    "/config-",
    "/lib2to3/",
    "/tkinter/",
    "/pydoc_data/",
    "/distutils/",
)


@dataclass(frozen=True, slots=True)
class TestEngine:
    """An engine that has :data:`IMAGE`."""

    __test__ = False
    host: str
    client: httpx.Client

    @property
    def rules(self) -> ContainerRules:
        return ContainerRules(host=self.host)

    def get(self, path: str, **params: str) -> Any:
        answer = self.client.get(path, params=params)
        assert answer.is_success, answer.text
        return answer.json()

    def containers(self, task_run: str) -> list[dict[str, Any]]:
        """Those of a task run, whatever their state."""
        filters = f'{{"label":["kestra.io/taskrun-id={task_run}"]}}'
        found: list[dict[str, Any]] = self.get("/containers/json", all="true", filters=filters)
        return found

    def inspect(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"/containers/{name}/json")
        return found

    def remove(self, name: str) -> None:
        self.client.delete(f"/containers/{name}", params={"force": "true", "v": "true"})


@pytest.fixture(scope="session")
def engine() -> Iterator[TestEngine]:
    with contextlib.ExitStack() as stack:
        host = own_host("", os.environ)
        if not host or _failure(host):
            host = stack.enter_context(_own_engine())
        client = stack.enter_context(_client(host))
        if not client.get(f"/images/{IMAGE}/json").is_success:
            names = {"fromSrc": "-", "repo": REPOSITORY, "tag": TAG}
            answer = client.post("/images/create", params=names, content=an_image())
            assert answer.is_success, answer.text
        yield TestEngine(host, client)
        _tidy(client)


def _tidy(client: httpx.Client) -> None:
    """Remove what tests have pulled, and images of earlier versions of this module. The present one stays for the next run."""
    for image in client.get("/images/json").json():
        for name in image["RepoTags"] or ():
            pulled = name.startswith("127.0.0.1:") and name.endswith("/empty:1")
            if pulled or (name.startswith(f"{REPOSITORY}:") and name != IMAGE):
                client.delete(f"/images/{name}")


@contextlib.contextmanager
def _own_engine() -> Iterator[str]:
    """Its data is in a folder of its own, so no other engine of the machine sees it."""
    dockerd = shutil.which("dockerd")
    if dockerd is None or os.geteuid() != 0:
        pytest.skip("no container engine answers, and only root can start one, with `dockerd` installed")
    with tempfile.TemporaryDirectory(prefix="toccata-engine-", ignore_cleanup_errors=True) as text:
        folder = Path(text)
        host = f"unix://{folder}/docker.sock"
        argv = [
            dockerd, "--host", host, "--data-root", str(folder / "data"), "--exec-root", str(folder / "exec"),
            "--pidfile", str(folder / "pid"), "--bridge", "none", "--iptables=false", "--ip6tables=false",
        ]  # fmt: skip
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(argv, stdout=log, stderr=log, start_new_session=True)
        try:
            deadline = time.monotonic() + _START_SECONDS
            while failure := _failure(host):
                if process.poll() is not None or time.monotonic() > deadline:
                    last = (folder / "log").read_text(errors="replace").strip().splitlines()[-1:]
                    pytest.skip(
                        f"no container engine answers, and dockerd does not start here: {failure}; {last}"
                    )
                time.sleep(0.1)
            yield host
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _client(host: str) -> httpx.Client:
    socket = socket_of(host)
    transport = httpx.HTTPTransport(uds=str(socket)) if socket else httpx.HTTPTransport()
    return httpx.Client(
        transport=transport,
        base_url="http://engine" if socket else host.replace("tcp:", "http:"),
        timeout=120,
    )


def _failure(host: str) -> str:
    try:
        with _client(host) as client:
            return "" if client.get("/_ping").is_success else "it answers with an error"
    except httpx.TransportError as error:
        return str(error)


def an_image() -> bytes:
    """A tar of this machine's shell, a few programs, and Python with its standard library."""
    files: dict[str, Path] = {}
    for name in PROGRAMS:
        found = shutil.which(name)
        assert found, f"this machine has no `{name}`"
        files[f"/bin/{name}"] = Path(found)
    python = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    files[str(python)] = python
    library = Path(os.__file__).parent
    for path in library.rglob("*"):
        wanted = path.suffix != ".so" or path.name.split(".")[0] in _MODULES
        if wanted and path.is_file() and not any(part in f"{path}" for part in _LEFT_OUT):
            files[str(path)] = path
    said = subprocess.run(
        ["ldd", *map(str, filter(_is_program, files.values()))], capture_output=True, text=True, check=False
    ).stdout
    libraries = {name: Path(name) for name in re.findall(r"(/\S+) \(0x", said)}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, path in {**libraries, **files}.items():
            tar.add(path.resolve(), name.lstrip("/"))
        for name in ("python", "python3"):
            link = tarfile.TarInfo(f"bin/{name}")
            link.type, link.linkname = tarfile.SYMTYPE, str(python)
            tar.addfile(link)
        for folder in ("tmp", "work"):
            made = tarfile.TarInfo(folder)
            made.type, made.mode = tarfile.DIRTYPE, 0o1777
            tar.addfile(made)
    return buffer.getvalue()


def _is_program(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"
