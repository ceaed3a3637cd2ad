"""The HTTP of tasks against a real server: sign-in, redirects, retries, proxies, TLS, the guard, and every failure with its text."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import re
import socket
import ssl
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.certificate import self_signed
from tests.support.http_server import Give, Got, always, http_server
from toccata.kit.failure import HttpFailed, TaskFailed
from toccata.kit.http.client import opened
from toccata.kit.http.options import HttpOptions
from toccata.kit.http.port import HttpRequest
from toccata.kit.http.reach import EVERYWHERE, Reach, reach_of

LOG: list[tuple[str, str]] = []


async def text_of(
    uri: str, options: dict[str, Any] | None = None, reach: Reach = EVERYWHERE, **more: Any
) -> str:
    LOG.clear()
    request = HttpRequest(**{"method": "GET", "uri": uri, **more})
    async with (
        opened(HttpOptions.model_validate(options or {}), reach, lambda *line: LOG.append(line)) as http,
        http.send(request) as answer,
    ):
        return await answer.text()


async def test_a_request_carries_what_it_was_given() -> None:
    async with http_server(always(Give(body="fine"))) as server:
        said = await text_of(
            f"{server.url}/a b?x=1",
            {"headers": {"X-One": "1"}},
            method="post",
            params={"y": "ü", "z": [1, 2], "none": None, "map": {"k": 1}},
            headers={"X-Two": "2"},
            body=b"content",
            content_type="text/plain",
        )
    assert said == "fine"
    (got,) = server.got
    assert (got.method, got.path, got.body) == ("POST", "/a%20b", b"content")
    assert got.query == [("x", "1"), ("y", "ü"), ("z", "1"), ("z", "2"), ("map", '{"k": 1}')]
    expected = {"x-one": "1", "x-two": "2", "content-type": "text/plain", "user-agent": "Kestra"}
    assert expected.items() <= got.headers.items()


async def test_a_body_in_parts_is_sent_again_after_a_redirect_and_a_retry() -> None:
    class Parts:
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"one "
            yield b"two"

    def answer(got: Got) -> Give:
        if got.path == "/start":
            return Give(307, headers={"Location": "/there"})
        return Give(503 if len(server.got) < 3 else 200, b"end")

    async with http_server(answer) as server:
        retry = {"type": "constant", "interval": "PT0.01S", "maxAttempts": 3}
        said = await text_of(
            f"{server.url}/start",
            {"retry": retry, "retryOnStatusCodes": [503]},
            method="POST",
            body=Parts(),
            length=7,
        )
    assert said == "end"
    assert [(got.path, got.body) for got in server.got] == [
        ("/start", b"one two"),
        ("/there", b"one two"),
    ] * 2
    assert [level for level, _ in LOG] == ["WARN"]


@pytest.mark.parametrize(
    ("options", "header"),
    [
        ({"auth": {"type": "basic", "username": "me", "password": 123}}, "Basic bWU6MTIz"),
        ({"auth": {"type": "BEARER", "token": "t0ken"}}, "Bearer t0ken"),
        ({"basicAuthUser": "me", "basicAuthPassword": "123"}, "Basic bWU6MTIz"),
    ],
)
async def test_it_signs_in(options: dict[str, Any], header: str) -> None:
    async with http_server(always(Give())) as server:
        await text_of(server.url, options)
    assert server.got[0].headers["authorization"] == header


async def test_it_signs_in_with_a_digest() -> None:
    def answer(got: Got) -> Give:
        fields = dict(re.findall(r'(\w+)="?([^",]+)"?', got.headers.get("authorization", "")))
        if not fields:
            challenge = 'Digest realm="here", nonce="n1", qop="auth", algorithm=MD5'
            return Give(401, headers={"WWW-Authenticate": challenge})
        ha1 = hashlib.md5(b"me:here:secret").hexdigest()
        ha2 = hashlib.md5(f"{got.method}:{got.target}".encode()).hexdigest()
        text = f"{ha1}:n1:{fields['nc']}:{fields['cnonce']}:auth:{ha2}"
        return Give(200 if fields["response"] == hashlib.md5(text.encode()).hexdigest() else 403, b"in")

    async with http_server(answer) as server:
        auth = {"type": "DIGEST", "username": "me", "password": "secret"}
        assert await text_of(f"{server.url}/x?y=1", {"auth": auth}) == "in"


async def test_a_sign_in_is_not_sent_to_another_host_by_a_redirect() -> None:
    async with http_server(always(Give(body="other"))) as other:
        there = other.url.replace("127.0.0.1", "localhost")
        async with http_server(always(Give(302, headers={"Location": there}))) as server:
            assert await text_of(server.url, {"auth": {"type": "BEARER", "token": "t"}}) == "other"
    assert "authorization" not in other.got[0].headers


async def test_redirects_can_be_answers() -> None:
    async with http_server(always(Give(302, b"moved", {"Location": "/x"}))) as server:
        assert await text_of(server.url, {"followRedirects": False}) == "moved"


async def test_packed_bodies_are_unpacked() -> None:
    async with http_server(
        always(Give(body=gzip.compress(b"text"), headers={"Content-Encoding": "gzip"}))
    ) as server:
        assert await text_of(server.url) == "text"


@pytest.mark.parametrize(
    ("options", "status", "fails"),
    [
        ({}, 404, True), ({}, 399, False), ({"allowFailed": True}, 500, False), ({"allowedResponseCodes": [404]}, 404, False),
        ({"allowedResponseCodes": [404]}, 200, True),
    ],
)  # fmt: skip
async def test_which_answers_are_failures(options: dict[str, Any], status: int, fails: bool) -> None:
    async with http_server(always(Give(status, b"the body"))) as server:
        if not fails:
            assert await text_of(server.url, options) == "the body"
            return
        with pytest.raises(HttpFailed, match=f"response code '{status}' and body:\nthe body") as caught:
            await text_of(f"{server.url}/p?key=hidden", options)
    assert caught.value.status == status
    assert "hidden" not in str(caught.value)


async def test_retries_end_and_the_last_answer_counts() -> None:
    async with http_server(always(Give(503))) as server:
        retry = {"type": "constant", "interval": "PT0.01S", "maxAttempts": 3}
        with pytest.raises(HttpFailed, match="503"):
            await text_of(server.url, {"retry": retry, "retryOnStatusCodes": [503]})
    assert len(server.got) == 3


async def test_other_answers_are_not_repeated() -> None:
    async with http_server(always(Give(400))) as server:
        retry = {"type": "constant", "interval": "PT0.01S", "maxAttempts": 3}
        with pytest.raises(HttpFailed, match="400"):
            await text_of(server.url, {"retry": retry, "retryOnStatusCodes": [503]})
    assert len(server.got) == 1


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("http://no-such-host.invalid/", "nobody knows this host name"),
        ("ftp://host/x", "is no address"),
        ("/path", "is no address"),
        ("http://", "is no address"),
        ("http://[::1", "this is no address"),
    ],
)
async def test_addresses_that_lead_nowhere(uri: str, says: str) -> None:
    with pytest.raises(HttpFailed, match=says):
        await text_of(uri)


async def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(HttpFailed, match="no connection"):
            await text_of(f"http://127.0.0.1:{taken.getsockname()[1]}/")


async def test_a_server_that_says_nothing_is_left() -> None:
    silent = asyncio.Event()

    async def wait(got: Got) -> Give:
        await silent.wait()
        return Give()

    async with http_server(wait) as server:
        with pytest.raises(HttpFailed, match=r"no bytes of an answer for 0\.05 s"):
            await text_of(server.url, {"timeout": {"readIdleTimeout": "PT0.05S"}})
        silent.set()


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "broke off"),
        (b"SSH-2.0-x\r\n\r\n", "does not speak HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "broke off"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", "not packed"),
    ],
    ids=["nothing", "another protocol", "half a body", "not gzip"],
)
async def test_servers_that_answer_badly(raw: bytes, says: str) -> None:
    async with http_server(always(Give(raw=raw))) as server:
        with pytest.raises(HttpFailed, match=says):
            await text_of(server.url)


async def test_redirects_in_a_circle_end() -> None:
    async with http_server(always(Give(302, headers={"Location": "/"}))) as server:
        with pytest.raises(HttpFailed, match="too many redirects"):
            await text_of(server.url)


async def test_an_answer_that_is_no_text_or_too_long_names_the_task_that_takes_it() -> None:
    async with http_server(always(Give(body=b"\xff\xfe\x00"))) as server:
        with pytest.raises(TaskFailed, match=r"no text in UTF-8: .*Download"):
            await text_of(server.url)
    async with http_server(always(Give(body=bytes(11 * 1024 * 1024)))) as server:
        with pytest.raises(TaskFailed, match=r"more than 10,485,760 bytes: .*Download"):
            await text_of(server.url)


async def test_texts_come_in_their_own_charset_or_that_of_the_options() -> None:
    body = "Ä".encode("latin-1")
    async with http_server(
        always(Give(body=body, headers={"Content-Type": "text/plain; charset=ISO-8859-1"}))
    ) as server:
        assert await text_of(server.url) == "Ä"
    async with http_server(always(Give(body=body))) as server:
        assert await text_of(server.url, {"defaultCharset": "ISO-8859-1"}) == "Ä"


async def test_logs_show_what_is_asked_for_and_never_what_signs_in() -> None:
    parts = ["REQUEST_HEADERS", "REQUEST_BODY", "RESPONSE_HEADERS", "RESPONSE_BODY"]
    async with http_server(
        always(Give(body="answered", headers={"X-Kept": "yes", "Set-Cookie": "s3cret"}))
    ) as server:
        auth = {"type": "BASIC", "username": "me", "password": "s3cret"}
        await text_of(
            server.url, {"logs": parts, "auth": auth}, headers={"X-Api-Key": "s3cret"}, body=b"asked"
        )
    said = "\n".join(line for _, line in LOG)
    assert all(each in said for each in ("asked", "answered", "x-kept: yes"))
    assert "s3cret" not in said


# The guard


async def test_the_guard_refuses_this_machine_by_address_and_by_name() -> None:
    async with http_server(always(Give(body="inside"))) as server:
        for uri in (
            server.url,
            server.url.replace("127.0.0.1", "localhost"),
            f"http://[::ffff:127.0.0.1]:{server.port}",
        ):
            with pytest.raises(HttpFailed, match="not a public address"):
                await text_of(uri, reach=Reach())
        assert server.connections == 0
        assert await text_of(server.url, reach=reach_of("public", "127.0.0.0/8")) == "inside"


async def test_the_guard_refuses_what_a_redirect_leads_to() -> None:
    async with http_server(always(Give(body="inside"))) as inside:
        there = inside.url.replace("127.0.0.1", "127.0.0.2")
        async with http_server(always(Give(302, headers={"Location": there}))) as server:
            with pytest.raises(HttpFailed, match=r"127\.0\.0\.2 is not a public address"):
                await text_of(server.url, reach=reach_of("public", "127.0.0.1"))
    assert inside.connections == 0


async def test_a_name_that_changes_its_address_is_judged_by_the_address_that_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DNS rebinding: the first answer of the name server is public, the next one is not."""
    asked: list[str] = []

    async def resolve(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "127.0.0.2"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    async with http_server(always(Give(body="right", headers={"Connection": "close"}))) as server:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve, raising=False)
        reach = reach_of("public", "127.0.0.1")
        assert await text_of(f"http://changes.example:{server.port}", reach=reach) == "right"
        assert asked == ["changes.example"]
        with pytest.raises(HttpFailed, match=r"changes\.example \(127\.0\.0\.2\) is not a public address"):
            await text_of(f"http://changes.example:{server.port}", reach=reach)
    assert server.connections == 1


async def test_the_guard_judges_the_proxy_and_what_the_proxy_is_to_call() -> None:
    async with http_server(always(Give(body="through"))) as proxy:
        options = {"proxy": {"type": "HTTP", "address": "127.0.0.1", "port": proxy.port}}
        with pytest.raises(HttpFailed, match=r"127\.0\.0\.1 is not a public address"):
            await text_of("http://8.8.8.8/", options, Reach())
        with pytest.raises(HttpFailed, match=r"10\.0\.0\.1 is not a public address"):
            await text_of("http://10.0.0.1/", options, reach_of("public", "127.0.0.1"))
        assert proxy.connections == 0


# Proxies and TLS


async def test_a_proxy_gets_the_request_and_its_sign_in() -> None:
    async with http_server(always(Give(body="through"))) as proxy:
        place = {
            "type": "HTTP",
            "address": "127.0.0.1",
            "port": proxy.port,
            "username": "me",
            "password": "pw",
        }
        assert await text_of("http://far.example/x", {"proxy": place}) == "through"
        old = {"proxyType": "HTTP", "proxyAddress": "127.0.0.1", "proxyPort": proxy.port}
        assert await text_of("http://far.example/x", old) == "through"
    assert proxy.got[0].target == "http://far.example/x"
    assert proxy.got[0].headers["proxy-authorization"] == "Basic bWU6cHc="


async def test_a_socks_proxy_gets_the_host_and_the_port() -> None:
    asked: list[bytes] = []

    async def socks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        count = (await reader.readexactly(2))[1]
        await reader.readexactly(count)
        writer.write(b"\x05\x00")
        asked.append(await reader.readexactly(4 + 1 + len("far.example") + 2))
        writer.write(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
        await reader.readuntil(b"\r\n\r\n")
        writer.write(Give(body="through").encoded())
        writer.close()

    server = await asyncio.start_server(socks, "127.0.0.1", 0)
    place = {"type": "SOCKS", "address": "127.0.0.1", "port": server.sockets[0].getsockname()[1]}
    assert await text_of("http://far.example:81/x", {"proxy": place}) == "through"
    assert asked == [b"\x05\x01\x00\x03\x0bfar.example\x00\x51"]
    server.close()


async def test_a_proxy_that_is_away_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        place = {"type": "HTTP", "address": "127.0.0.1", "port": port}
        with pytest.raises(HttpFailed, match=f"through the proxy 127.0.0.1:{port}"):
            await text_of("http://far.example/", {"proxy": place})


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    return self_signed(tmp_path_factory.mktemp("tls"), "127.0.0.1")


async def test_certificates_are_checked_unless_the_flow_says_otherwise(certificate: ssl.SSLContext) -> None:
    async with http_server(always(Give(body="private")), certificate) as server:
        with pytest.raises(HttpFailed, match=r"certificate is not trusted: .*SSL_CERT_FILE"):
            await text_of(server.url)
        assert await text_of(server.url, {"ssl": {"insecureTrustAllCertificates": True}}) == "private"
        with pytest.raises(HttpFailed, match="certificate is not trusted"):
            await text_of(server.url, {"ssl": {"insecureTrustAllCertificates": False}})


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"auth": {"type": "BEARER"}}, "`token` is needed"),
        ({"auth": {"type": "BASIC", "username": "me"}}, "`username` and `password` are needed for BASIC"),
        ({"proxy": {"type": "HTTP"}}, "`address` and `port` of the proxy are needed"),
        ({"retry": {"type": "constant", "interval": "PT1S"}}, "`maxAttempts` or `maxDuration`"),
        ({"retryOnStatusCodes": [503]}, "needs `retry`"),
        ({"defaultCharset": "klingon"}, "nobody knows `klingon`"),
        ({"followRedirect": True}, "Extra inputs"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        HttpOptions.model_validate(options)


@pytest.mark.parametrize(
    "name", ["readIdleTimeout", "connectionPoolIdleTimeout", "maxContentLength", "logLevel"]
)
def test_old_names_that_mean_nothing_are_accepted(name: str) -> None:
    HttpOptions.model_validate({name: "PT5S"})
