"""A bare repository on this machine, and a server for it over HTTP."""

from __future__ import annotations

import asyncio
import os
import subprocess
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.http_server import Give, Got, HttpServer, http_server

_WHO = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Ada"), ("EMAIL", "ada@example.com"))
}


def git(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, **_WHO, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class Repository:
    """``path`` is the bare repository, ``work`` a clone that tests write to."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path, self.work = folder / "flows.git", folder / "work"
        git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self.path))
        git(folder, "clone", "--quiet", str(self.path), str(self.work))
        git(self.work, "symbolic-ref", "HEAD", "refs/heads/main")
        self.url = f"file://{self.path}"

    def commit(self, files: dict[str, str], branch: str = "main") -> str:
        if git(self.work, "branch", "--show-current") != branch:
            git(self.work, "checkout", "--quiet", "-B", branch)
        for name, text in files.items():
            (self.work / name).parent.mkdir(parents=True, exist_ok=True)
            (self.work / name).write_text(text)
        git(self.work, "add", "--all")
        git(self.work, "commit", "--quiet", "--allow-empty", "--message", "a change")
        git(self.work, "push", "--quiet", "origin", branch, "--tags")
        return git(self.work, "rev-parse", "HEAD")

    def tag(self, name: str) -> None:
        git(self.work, "tag", name)
        git(self.work, "push", "--quiet", "origin", name)

    def files(self, branch: str = "main") -> dict[str, str]:
        names = git(self.path, "ls-tree", "-r", "--name-only", "-z", branch).split("\0")
        return {name: git(self.path, "show", f"{branch}:{name}") for name in names if name}

    def last(self, what: str, branch: str = "main") -> str:
        """``what`` is a format of ``git log``."""
        return git(self.path, "log", "-1", f"--format={what}", branch)


@asynccontextmanager
async def git_server(folder: Path, user: str, password: str) -> AsyncIterator[HttpServer]:
    """Serve the repositories of a folder with Git's own program, to whoever signs in."""

    async def answer(got: Got) -> Give:
        if got.headers.get("authorization", "").partition(" ")[2] == "":
            return Give(401, headers={"WWW-Authenticate": 'Basic realm="git"'})
        if b64decode(got.headers["authorization"].partition(" ")[2]).decode() != f"{user}:{password}":
            return Give(401, headers={"WWW-Authenticate": 'Basic realm="git"'})
        path, _, query = got.target.partition("?")
        process = await asyncio.create_subprocess_exec(
            *("git", "http-backend"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={
                **os.environ,
                "GIT_PROJECT_ROOT": str(folder),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": got.method,
                "REMOTE_USER": user,
                "REMOTE_ADDR": "127.0.0.1",
                "CONTENT_TYPE": got.headers.get("content-type", ""),
                "CONTENT_LENGTH": str(len(got.body)),
                "HTTP_CONTENT_ENCODING": got.headers.get("content-encoding", ""),
                "GIT_PROTOCOL": got.headers.get("git-protocol", ""),
                "GIT_CONFIG_COUNT": "2",
                "GIT_CONFIG_KEY_0": "http.receivepack",
                "GIT_CONFIG_VALUE_0": "true",
                "GIT_CONFIG_KEY_1": "safe.directory",
                "GIT_CONFIG_VALUE_1": "*",
            },
        )
        said, _ = await process.communicate(got.body)
        head, _, body = said.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        return Give(int(headers.pop("Status", "200").partition(" ")[0]), body, headers)

    async with http_server(answer) as server:
        yield server
