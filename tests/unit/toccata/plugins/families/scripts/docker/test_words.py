"""What flows write about containers, and what the engine is told: values only."""

from __future__ import annotations

import base64
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toccata.kit.container import ContainerRules, own_host
from toccata.plugin import TaskFailed
from toccata.plugins.families.scripts.docker import DockerRunner
from toccata.plugins.families.scripts.run.docker.frame import Frames
from toccata.plugins.families.scripts.run.docker.image import Image, image_of, sign_in
from toccata.plugins.families.scripts.run.docker.python import foreign, own_version
from toccata.plugins.families.scripts.run.docker.runner import IMAGES, docker_of
from toccata.plugins.families.scripts.run.docker.size import bytes_of
from toccata.plugins.families.scripts.run.docker.specification import Wanted, body_of
from toccata.plugins.families.scripts.types import ShellCommands
from toccata.testing import problems

DOCKER = {"type": "io.kestra.plugin.scripts.runner.docker.Docker"}
PROCESS = {"type": "io.kestra.plugin.core.runner.Process"}
NONE = ContainerRules()


def task(**written: Any) -> ShellCommands:
    return ShellCommands.model_validate({"commands": ["true"], **written})


def body(**written: Any) -> dict[str, Any]:
    docker = DockerRunner.model_validate(written)
    wanted = Wanted(
        docker,
        "image:1",
        ["sh"],
        {"A": "1"},
        PurePosixPath("/tmp/w"),
        {},
        docker.volumes,
        docker.network_mode,
    )
    return body_of(wanted)


@given(st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=300)), max_size=20), st.integers(1, 50))
def test_frames_are_put_together_however_they_are_cut(frames: list[tuple[int, bytes]], size: int) -> None:
    sent = b"".join(
        bytes([kind, 0, 0, 0]) + len(content).to_bytes(4, "big") + content for kind, content in frames
    )
    reader, said = Frames(), {"stdout": b"", "stderr": b""}
    for start in range(0, len(sent), size):
        for stream, content in reader.feed(sent[start : start + size]):
            said[stream] += content
    assert said["stdout"] == b"".join(content for kind, content in frames if kind == 1)
    assert said["stderr"] == b"".join(content for kind, content in frames if kind == 2)


@pytest.mark.parametrize(
    ("text", "size"),
    [("512MB", 512 << 20), ("512Mb", 512 << 20), ("512m", 512 << 20), ("1.5g", 3 << 29), ("64 KiB", 65536), ("1024", 1024), ("-1", -1)],
)  # fmt: skip
def test_sizes(text: str, size: int) -> None:
    assert bytes_of(text) == size


@pytest.mark.parametrize("text", ["", "much", "5 apples", "MB", "1e3"])
def test_what_is_no_size_is_refused_when_the_flow_is_saved(text: str) -> None:
    from toccata.plugins.families.scripts.types import SHELL_COMMANDS

    (found,) = problems(
        SHELL_COMMANDS, {"commands": ["x"], "taskRunner": {**DOCKER, "memory": {"memory": text}}}
    )
    assert "is not a size such as 512MB" in found.message
    assert found.path == "taskRunner.memory.memory"


@pytest.mark.parametrize(
    ("text", "image"),
    [
        ("ubuntu", Image("ubuntu", "latest", "https://index.docker.io/v1/")),
        ("python:3.13-slim", Image("python", "3.13-slim", "https://index.docker.io/v1/")),
        ("ghcr.io/a/b:1", Image("ghcr.io/a/b", "1", "ghcr.io")),
        ("localhost:5000/a", Image("localhost:5000/a", "latest", "localhost:5000")),
        ("a/b@sha256:00", Image("a/b", "sha256:00", "https://index.docker.io/v1/")),
    ],
)
def test_images_are_read_as_docker_does(text: str, image: Image) -> None:
    assert image_of(text) == image


def test_the_sign_in_is_for_the_registry_of_the_image_only() -> None:
    auth = base64.b64encode(b"ada:pass:word").decode()
    options = DockerRunner.model_validate({"config": {"auths": {"https://ghcr.io/v2/": {"auth": auth}}}})
    expected = {"username": "ada", "password": "pass:word", "serveraddress": "ghcr.io"}
    assert sign_in(options, image_of("ghcr.io/a/b")) == expected
    assert sign_in(options, image_of("example.org/a/b")) == {}
    given_for = DockerRunner.model_validate(
        {"credentials": {"registry": "ghcr.io", "username": "a", "password": 1}}
    )
    assert sign_in(given_for, image_of("ghcr.io/a"))["password"] == "1"
    assert sign_in(given_for, image_of("ubuntu")) == {}
    with pytest.raises(TaskFailed, match="not a configuration"):
        sign_in(DockerRunner.model_validate({"config": "not json"}), image_of("ubuntu"))


def test_no_secret_is_in_a_representation() -> None:
    options = {
        "credentials": {"password": "planted", "auth": "planted"},
        "config": {"auths": {"a": {"auth": "planted"}}},
    }
    assert "planted" not in repr(DockerRunner.model_validate(options))


def test_the_old_words_and_the_new_ones() -> None:
    assert docker_of(task(), NONE) is None
    assert docker_of(task(), ContainerRules(is_default=True)) is not None
    assert docker_of(task(taskRunner=PROCESS), ContainerRules(is_default=True)) is None
    assert docker_of(task(taskRunner=DOCKER, runner="PROCESS"), NONE) is None
    assert docker_of(task(taskRunner=PROCESS, docker={"image": "x"}), NONE) is None
    old = docker_of(task(docker={"image": "x", "user": "1", "cpu": {"cpus": 2}}), NONE)
    assert old is not None
    assert (old.user, old.cpu.cpus if old.cpu else None, old.delete, old.resume) == ("1", 2, True, True)
    assert docker_of(task(runner="DOCKER"), NONE) == DockerRunner()
    new = docker_of(task(taskRunner={**DOCKER, "pullPolicy": "never"}), NONE)
    assert new is not None
    assert new.pull_policy == "NEVER"


def test_what_the_engine_is_told() -> None:
    found = body(
        portBindings=["127.0.0.1:8080:80/udp", "81:81"],
        deviceRequests=[{"count": -1, "capabilities": [["gpu"]]}],
        fileHandlingStrategy="MOUNT",
        volumes=["/a:/b"],
        privileged=True,
    )
    host = found["HostConfig"]
    assert found["Entrypoint"] == [""]  # removes the image's
    assert (found["Env"], found["WorkingDir"], found["Cmd"]) == (["A=1"], "/tmp/w", ["sh"])
    assert host["Binds"] == ["/tmp/w:/tmp/w:rw", "/a:/b"]
    assert host["PortBindings"]["80/udp"] == [{"HostIp": "127.0.0.1", "HostPort": "8080"}]
    assert host["PortBindings"]["81/tcp"] == [{"HostIp": "", "HostPort": "81"}]
    assert host["DeviceRequests"] == [{"Count": -1, "Capabilities": [["gpu"]]}]
    assert host["Privileged"] is True
    with pytest.raises(TaskFailed, match="portBindings"):
        body(portBindings=["nonsense"])


def test_plain_containers_get_nothing_that_was_not_asked_for() -> None:
    assert body()["HostConfig"] == {"LogConfig": {"Type": "json-file"}}


def test_packages_are_chosen_for_the_python_of_the_image() -> None:
    assert foreign(None, f"python:{own_version()}-slim", uses_uv=True) == []
    assert foreign("3.9.1", "any", uses_uv=True)[:2] == ["--python-version", "3.9"]
    assert "--python-version=3.10" in foreign(None, "ghcr.io/x/python:3.10", uses_uv=False)
    assert any("musl" in each for each in foreign(None, f"python:{own_version()}-alpine", uses_uv=False))


def test_every_script_type_has_an_image() -> None:
    from toccata.plugins.families.scripts.languages import LANGUAGES

    assert {*LANGUAGES, "shell", "python"} == set(IMAGES)


def test_the_engine_is_the_setting_then_dockers_own_variable() -> None:
    assert own_host("tcp://a:1", {"DOCKER_HOST": "tcp://b:1"}) == "tcp://a:1"
    assert own_host("", {"DOCKER_HOST": "tcp://b:1"}) == "tcp://b:1"
    assert ContainerRules(host="x").allows("x")
    assert not ContainerRules(host="x").allows("y")
    assert ContainerRules(hosts=frozenset("*")).allows("y")
