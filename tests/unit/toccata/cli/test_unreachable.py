"""A system that cannot be reached: each reason in words, with what to do."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.unit.toccata.cli.web_stand_in import answering
from toccata.cli.api import Api, ServerAway, basic
from toccata.cli.errors import CommandError
from toccata.cli.kafka_away import why_away
from toccata.cli.target.reach import kafka_of
from toccata.cli.target.resolve import Defaults, resolve
from toccata.cli.target.value import Given
from toccata.runtime.errors import Transient
from toccata.runtime.settings import KafkaSettings


@contextmanager
def hanging_up() -> Iterator[int]:
    """A server that closes each connection at the first bytes, as one that speaks TLS does to plain HTTP."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(1)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def away(url: str) -> ServerAway:
    with pytest.raises(ServerAway) as error:
        Api(url, basic("a@b", "c")).get("/x")
    return error.value


def test_a_host_that_does_not_resolve():
    error = away("http://nowhere.invalid:80")
    assert error.message == "Toccata cannot be reached at http://nowhere.invalid:80: that name is not known."
    assert "Check the host" in error.advice


def test_tls_where_none_is_spoken():
    with answering(lambda _: (200, b"{}")) as web:
        error = away(web.url.replace("http:", "https:"))
    assert "does not speak TLS" in error.message
    assert "http://" in error.advice


def test_plain_http_where_something_else_is_spoken():
    with hanging_up() as port:
        error = away(f"http://127.0.0.1:{port}")
    assert "closed the connection" in error.message or "reset" in error.message


def test_a_certificate_that_is_not_trusted():
    from toccata.cli.api import _why_away

    refused = ssl.SSLCertVerificationError(1, "x")
    refused.verify_message = "self-signed certificate"
    reason, advice = _why_away(refused)
    assert "not trusted (self-signed certificate)" in reason
    assert "SSL_CERT_FILE" in advice


def test_a_sign_in_within_the_address_is_refused_and_not_repeated():
    with pytest.raises(CommandError) as refused:
        Api("http://me:geheim@127.0.0.1:1", basic("a@b", "c")).get("/x")
    assert "geheim" not in refused.value.message + refused.value.advice


@pytest.mark.parametrize(
    ("servers", "reason"),
    [
        ("nowhere.invalid:9092", "that name is not known"),
        ("127.0.0.1:1", "Connection refused"),
        ("localhost", "that is no host:port"),
        ("localhost:many", "that is no host:port"),
    ],
)
def test_a_kafka_that_is_away(servers, reason):
    found, advice = why_away(KafkaSettings(bootstrap_servers=servers), Transient("x"))
    assert found == reason
    assert "TOCCATA_KAFKA_BOOTSTRAP_SERVERS" in advice


def test_a_kafka_with_another_protocol():
    with hanging_up() as port:
        reason, advice = why_away(
            KafkaSettings(bootstrap_servers=f"127.0.0.1:{port}"), Transient("no answer")
        )
    assert reason == "the server there does not answer like Kafka over PLAINTEXT (no answer)"
    assert "TOCCATA_KAFKA_SECURITY_PROTOCOL" in advice


def test_a_file_of_the_tls_settings_that_is_not_there(monkeypatch):
    monkeypatch.setenv("TOCCATA_KAFKA_SECURITY_PROTOCOL", "SSL")
    monkeypatch.setenv("TOCCATA_KAFKA_SSL_CA_FILE", "/nowhere/ca.pem")
    target = resolve({}, Given(kafka="k:1"), None, Defaults("a"), Path())
    with pytest.raises(CommandError, match="No such file") as refused:
        kafka_of(target)
    assert "TOCCATA_KAFKA_SSL_CA_FILE" in refused.value.advice
