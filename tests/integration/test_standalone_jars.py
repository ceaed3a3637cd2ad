"""Kafka's jars: changes on disk are noticed, and a failed download says what to do."""

from pathlib import Path

import pytest

from toccata.standalone.child import ChildSpec, Output, run_to_end
from toccata.standalone.errors import StandaloneError
from toccata.standalone.kafka import EmbeddedKafka
from toccata.standalone.kafka_jars import (
    cache_directory,
    checksums,
    class_path,
    fetch_jars,
    jars_are_verified,
)

# A port of loopback where nothing listens.
NO_PROXY_HERE = "http://127.0.0.1:9"


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, NO_PROXY_HERE)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


def test_the_list_names_the_broker_and_the_log_backend() -> None:
    names = checksums().keys()
    assert {"kafka_2.13-4.3.1.jar", "kafka-clients-4.3.1.jar", "slf4j-simple-1.7.36.jar"} <= names


@pytest.mark.servers
def test_a_jar_that_was_changed_on_disk_is_noticed(kafka: str, tmp_path: Path) -> None:
    original = class_path(cache_directory())
    if not original[0].exists():
        pytest.skip("the Kafka of the environment is used, so none was downloaded")
    copies = class_path(tmp_path)
    copies[0].parent.mkdir()
    for jar, copy in zip(original, copies, strict=True):
        copy.symlink_to(jar)
    assert jars_are_verified(tmp_path)
    copies[3].unlink()
    copies[3].write_bytes(original[3].read_bytes() + b"\0")
    assert not jars_are_verified(tmp_path)


@pytest.mark.usefixtures("offline")
def test_a_download_that_fails_says_what_to_do(tmp_path: Path) -> None:
    said: list[str] = []
    with pytest.raises(StandaloneError) as failure:
        fetch_jars(tmp_path, said.append)
    for advice in ("HTTPS_PROXY", "TOCCATA_KAFKA_BOOTSTRAP_SERVERS", "Offline"):
        assert advice in str(failure.value)
    assert "Downloading Apache Kafka 4.3.1" in said[0]


@pytest.mark.anyio
@pytest.mark.usefixtures("offline")
async def test_the_embedded_broker_passes_the_advice_on(tmp_path: Path) -> None:
    kafka = EmbeddedKafka(tmp_path / "kafka", cache=tmp_path / "cache")
    with pytest.raises(StandaloneError, match="TOCCATA_KAFKA_BOOTSTRAP_SERVERS"):
        await kafka.start()
    assert kafka.pid is None


@pytest.mark.anyio
async def test_a_child_past_its_deadline_is_killed_and_its_last_lines_are_kept(tmp_path: Path) -> None:
    argv = ["/bin/sh", "-c", "echo before; exec sleep 600"]
    code, tail = await run_to_end(ChildSpec("sleeper", argv, Output(tmp_path / "log")), 0.5)
    assert code < 0
    assert "did not end within" in tail
    assert "before" in tail
    assert (tmp_path / "log").read_text() == "before\n"
