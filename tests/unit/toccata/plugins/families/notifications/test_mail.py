"""Mail against a real mail server (aiosmtpd) of this machine, with and without TLS."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.support.attempt import a_run
from tests.support.certificate import self_signed
from tests.support.example import example
from tests.unit.toccata.plugins.families.notifications.support import a_bench, told
from toccata.plugins.families.notifications.mail import ABOUT, SEND
from toccata.testing import problems


class Desk:
    """Keeps what arrives. Refuses some addresses."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.receivers: list[list[str]] = []
        self.users: list[str] = []
        self.refused: set[str] = set()

    async def handle_RCPT(  # noqa: N802 - the name that the server looks for
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.mails.append(message_from_bytes(envelope.content or b"", policy=policy.default))  # type: ignore[arg-type]
        self.receivers.append(envelope.rcpt_tos)
        return "250 OK"

    def sign_in(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.users.append(given.login.decode())
        return AuthResult(success=given.password == b"s3cret", handled=False)

    async def auth_XOAUTH2(self, server: SMTP, arguments: list[str]) -> AuthResult:  # noqa: N802
        from base64 import b64decode

        text = b64decode(arguments[1]).decode()
        self.users.append(text)
        return AuthResult(success="Bearer s3cret" in text)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    return self_signed(tmp_path_factory.mktemp("tls"), "localhost")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Server:
    def __init__(self, **options: Any) -> None:
        self.desk = Desk()
        self.controller = Controller(
            self.desk, hostname="127.0.0.1", port=free_port(), authenticator=self.desk.sign_in, **options
        )

    def __enter__(self) -> Self:
        self.controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.controller.stop()

    def place(self, strategy: str) -> dict[str, Any]:
        return {
            "host": "127.0.0.1",
            "port": self.controller.port,
            "transportStrategy": strategy,
            "trustedHosts": ["127.0.0.1"],
        }


@pytest.fixture
def plain() -> Iterator[Server]:
    with Server(auth_require_tls=False) as server:
        yield server


PEOPLE = {
    "from": "Reports <reports@example.com>",
    "to": "ann@example.com; Bob <bob@example.com>",
    "cc": "cy@example.com",
}


async def test_a_mail_has_its_people_subject_and_texts(tmp_path: Path, plain: Server) -> None:
    written = {
        **plain.place("SMTP"),
        **PEOPLE,
        "subject": "{{ flow.id }}: größer",
        "plainTextContent": "plain ü",
        "htmlTextContent": "<b>ü</b>",
    }
    ended = await told(a_bench(tmp_path), SEND, written)
    assert ended.outcome == "succeeded", ended.message
    (mail,) = plain.desk.mails
    assert mail["subject"] == "load: größer"
    assert mail["from"] == "Reports <reports@example.com>"
    assert plain.desk.receivers == [["ann@example.com", "bob@example.com", "cy@example.com"]]
    texts = [mail.get_body((kind,)).get_content().strip() for kind in ("plain", "html")]  # type: ignore[union-attr]
    assert texts == ["plain ü", "<b>ü</b>"]
    assert mail["message-id"]
    assert mail["date"]


async def test_files_are_attached_and_pictures_stand_in_the_text(tmp_path: Path, plain: Server) -> None:
    bench = a_bench(tmp_path)
    csv = await bench.storage.put("kestra:///company/team/rows.csv", b"a,b\n")
    png = await bench.storage.put("kestra:///company/team/chart.png", b"\x89PNG")
    written = {
        **plain.place("SMTP"), **PEOPLE, "htmlTextContent": "<img src='cid:chart'>",
        "attachments": f'[{{"uri": "{csv}", "name": "Zeilen ü.csv", "contentType": "text/csv"}}]',
        "embeddedImages": [{"uri": png, "name": "chart", "contentType": "image/png"}],
    }  # fmt: skip
    ended = await told(bench, SEND, written)
    assert ended.outcome == "succeeded", ended.message
    (mail,) = plain.desk.mails
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content_type(), file.get_payload(decode=True)) == (
        "Zeilen ü.csv",
        "text/csv",
        b"a,b\n",
    )
    (picture,) = [part for part in mail.walk() if part["content-id"]]
    assert (picture["content-id"], picture.get_payload(decode=True)) == ("<chart>", b"\x89PNG")


@pytest.mark.parametrize("strategy", ["SMTPS", "SMTP_TLS", "SMTP"])
async def test_each_way_of_tls_signs_in(tmp_path: Path, tls: ssl.SSLContext, strategy: str) -> None:
    options = {"ssl_context": tls, "auth_require_tls": False} if strategy == "SMTPS" else {"tls_context": tls}
    with Server(**options) as server:
        written = {
            **server.place(strategy),
            **PEOPLE,
            "username": "me",
            "password": "{{ p }}",
            "plainTextContent": "x",
        }
        ended = await told(a_bench(tmp_path), SEND, written, p="s3cret")
        assert ended.outcome == "succeeded", ended.message
        assert server.desk.users == ["me"]
        wrong = await told(a_bench(tmp_path), SEND, {**written, "password": "wr0ng"})
        assert "refuses the sign-in of `me`: 535" in wrong.message
        assert "wr0ng" not in wrong.message


async def test_a_token_signs_in(tmp_path: Path, tls: ssl.SSLContext) -> None:
    with Server(tls_context=tls) as server:
        written = {**server.place("SMTP_OAUTH2"), **PEOPLE, "username": "me", "accessToken": "s3cret"}
        ended = await told(a_bench(tmp_path), SEND, written)
        assert ended.outcome == "succeeded", ended.message
        assert server.desk.users == ["user=me\1auth=Bearer s3cret\1\1"]
        missing = await told(a_bench(tmp_path), SEND, {**server.place("SMTP_OAUTH2"), **PEOPLE})
        assert "`username` and `accessToken` are needed" in missing.message


async def test_a_certificate_that_nobody_knows_is_refused_before_the_sign_in(
    tmp_path: Path, tls: ssl.SSLContext
) -> None:
    with Server(ssl_context=tls) as server:
        written = {
            **server.place("SMTPS"),
            "trustedHosts": [],
            **PEOPLE,
            "username": "me",
            "password": "s3cret",
        }
        ended = await told(a_bench(tmp_path), SEND, written)
        assert "its certificate is not trusted" in ended.message
        assert "`trustedHosts: [127.0.0.1]`" in ended.message
        assert server.desk.users == []


async def test_no_password_leaves_without_the_tls_that_was_asked_for(tmp_path: Path, plain: Server) -> None:
    signing = {"username": "me", "password": "s3cret"}
    ended = await told(a_bench(tmp_path), SEND, {**plain.place("SMTP_TLS"), **PEOPLE, **signing})
    assert "STARTTLS" in ended.message
    assert "check `transportStrategy` (SMTP_TLS)" in ended.message
    ended = await told(a_bench(tmp_path), SEND, {**plain.place("SMTPS"), **PEOPLE, **signing})
    assert "no TLS" in ended.message
    assert plain.desk.users == []


async def test_who_does_not_get_the_mail_is_named(tmp_path: Path, plain: Server) -> None:
    plain.desk.refused = {"cy@example.com"}
    bench = a_bench(tmp_path)
    ended = await told(bench, SEND, {**plain.place("SMTP"), **PEOPLE})
    assert ended.outcome == "warned"
    assert ("WARN", "cy@example.com does not get the mail: 550 no such person") in bench.messages
    plain.desk.refused |= {"ann@example.com", "bob@example.com"}
    ended = await told(bench, SEND, {**plain.place("SMTP"), **PEOPLE})
    assert "refuses everybody: ann@example.com: 550 no such person" in ended.message


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ({"host": None}, "host: the mail server is missing"),
        ({"from": None}, "from: one address is needed"),
        ({"to": "", "cc": None}, "to: nobody gets the mail"),
        ({"to": "ann"}, "to: `ann` is no mail address"),
        (
            {"attachments": [{"uri": "kestra:///company/none", "name": "x"}]},
            "attachments: file `kestra:///company/none` does not exist",
        ),
        ({"attachments": "no list"}, "must be a list of {uri, name, contentType}"),
        ({"host": "no-such-host.invalid"}, "no connection"),
    ],
)
async def test_what_cannot_be_sent_says_why(
    tmp_path: Path, plain: Server, written: dict[str, Any], says: str
) -> None:
    ended = await told(a_bench(tmp_path), SEND, {**plain.place("SMTP"), **PEOPLE, **written})
    assert ended.outcome == "failed"
    assert says in ended.message
    assert plain.desk.mails == []


async def test_a_subject_adds_no_header(tmp_path: Path, plain: Server) -> None:
    await told(
        a_bench(tmp_path), SEND, {**plain.place("SMTP"), **PEOPLE, "subject": "a\r\nBcc: eve@example.com"}
    )
    assert plain.desk.mails[0]["subject"] == "a Bcc: eve@example.com"
    assert plain.desk.mails[0]["bcc"] is None


async def test_a_server_that_says_nothing_is_left_and_a_kill_does_not_wait_for_it(tmp_path: Path) -> None:
    came = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.set()
        await reader.read()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    place = {"host": "127.0.0.1", "port": server.sockets[0].getsockname()[1], "transportStrategy": "SMTP"}
    ended = await told(a_bench(tmp_path), SEND, {**place, **PEOPLE, "sessionTimeout": 50})
    assert "no answer within 50 ms (sessionTimeout)" in ended.message
    came.clear()
    runner = a_bench(tmp_path).runner(
        SEND, a_run(SEND.name, {**place, **PEOPLE, "sessionTimeout": 3_600_000})
    )
    running = asyncio.create_task(runner.run())
    await came.wait()
    runner.stop("cancelled")
    running.cancel()
    await running
    assert runner.outcome == "cancelled"
    server.close()


async def test_a_mail_about_an_execution_has_a_table_and_no_markup_of_others(
    tmp_path: Path, plain: Server
) -> None:
    written = {**plain.place("SMTP"), **PEOPLE, "customMessage": "<script>", "customFields": {"Rows": "<b>"}}
    ended = await told(a_bench(tmp_path), ABOUT, written)
    assert ended.outcome == "succeeded", ended.message
    (mail,) = plain.desk.mails
    assert mail["subject"] == "Execution of company.team.load is FAILED"
    page = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "<td>load</td>" in page
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert "&lt;b&gt;" in page


async def test_the_examples_are_sent(tmp_path: Path, tls: ssl.SSLContext) -> None:
    with Server(ssl_context=tls, auth_require_tls=False) as server:
        bench = a_bench(tmp_path, MAIL="s3cret")
        uri = await bench.storage.put("kestra:///company/team/report.csv", b"a\n")
        for task_type in (SEND, ABOUT):
            written = {
                **example(task_type, 0, {"mail.example.com": "127.0.0.1", "465": str(server.controller.port)})
            }
            ended = await told(
                bench, task_type, {**written, "trustedHosts": ["*"]}, outputs={"report": {"uri": uri}}
            )
            assert ended.outcome == "succeeded", ended.message
        assert [mail["subject"] for mail in server.desk.mails] == ["Report of load", "load failed"]


def test_a_wrong_strategy_is_refused_when_the_flow_is_saved() -> None:
    assert [each.path for each in problems(SEND, {"transportStrategy": "TLS"})] == ["transportStrategy"]
