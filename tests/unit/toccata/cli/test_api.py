import base64
import email
import json
import socket

import pytest

from tests.unit.toccata.cli.web_stand_in import answering
from toccata.cli.api import Api, Refusal, ServerAway, basic, form_body
from toccata.cli.errors import CommandError


def api_at(url: str) -> Api:
    return Api(url, basic("me@here", "Secret-1"))


def test_it_signs_in_and_reads_json():
    with answering(lambda _: (200, b'{"a": 1}')) as web:
        assert api_at(web.url + "/").get("/x", [("q", "a b&c")]) == {"a": 1}
    assert web.seen[0].path == "/api/v1/main/x?q=a+b%26c"
    assert base64.b64decode(web.seen[0].headers["authorization"].split()[1]) == b"me@here:Secret-1"


def test_an_empty_answer_is_none():
    with answering(lambda _: (204, b"")) as web:
        assert api_at(web.url).ask("DELETE", "/x") is None


def test_a_refusal_carries_the_violations_with_their_places():
    problem = {"detail": "Invalid entity: x", "errors": [{"detail": "x", "line": 3, "column": 7}]}
    with answering(lambda _: (422, json.dumps(problem).encode())) as web, pytest.raises(Refusal) as refused:
        api_at(web.url).get("/x")
    assert refused.value.status == 422
    assert refused.value.message == "Invalid entity: x"
    assert refused.value.errors == [{"detail": "x", "line": 3, "column": 7}]


@pytest.mark.parametrize(("status", "word"), [(401, "TOCCATA_AUTH_USERNAME"), (503, "doctor"), (429, "wait")])
def test_a_refusal_says_what_to_do(status, word):
    with answering(lambda _: (status, b"")) as web, pytest.raises(Refusal) as refused:
        api_at(web.url).get("/x")
    assert word in refused.value.advice


def test_nobody_there_is_an_error_with_advice():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ServerAway, match="cannot be reached") as away:
        api_at(f"http://127.0.0.1:{port}").get("/x")
    assert "toccata standalone" in away.value.advice


def test_another_program_on_that_port_is_recognised():
    with answering(lambda _: (200, b"<html>")) as web, pytest.raises(CommandError, match="not answer as"):
        api_at(web.url).get("/x")


@pytest.mark.parametrize("url", ["here", "ftp://x", "http://:80", "http://x:port"])
def test_an_address_that_is_none_is_misuse(url):
    with pytest.raises(CommandError, match="not the address of a web service") as wrong:
        api_at(url).get("/x")
    assert wrong.value.code == 2
    assert "TOCCATA_URL" in wrong.value.advice


def test_pages_are_read_until_enough_or_all():
    items = list(range(2500))

    def answer(seen):
        query = dict(part.split("=") for part in seen.path.partition("?")[2].split("&"))
        page, size = int(query["page"]), int(query["size"])
        return 200, json.dumps({"results": items[(page - 1) * size : page * size], "total": 2500}).encode()

    with answering(answer) as web:
        api = api_at(web.url)
        assert list(api.pages("/x", [], 10_000)) == items
        assert list(api.pages("/x", [], 1_500)) == items[:1500]
        assert list(api.pages("/x", [], 3)) == items[:3]


def test_server_sent_events_come_with_their_names():
    stream = b'id: start\ndata: {}\n\n: ping\n\nid: end\ndata: {"x": "\xc3\xa4"}\n\n'
    with answering(lambda _: (200, stream)) as web:
        assert list(api_at(web.url).events("/x")) == [("start", {}), ("ping", None), ("end", {"x": "ä"})]


def test_a_form_holds_each_value_as_it_is():
    body = form_body([("a", "1"), ("b", "line\nline ä"), ("a", "2")])
    assert body is not None
    message = email.message_from_bytes(f"Content-Type: {body.kind}\r\n\r\n".encode() + body.content)
    parts = []
    for part in message.walk():
        if not part.is_multipart():
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            parts.append((part.get_param("name", header="content-disposition"), content.decode()))
    assert parts == [("a", "1"), ("b", "line\nline ä"), ("a", "2")]
    assert form_body([]) is None
