"""One session with a mail server. It blocks, so it runs in a thread; ``stop`` ends it from another one."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from email.message import EmailMessage

from toccata.plugin import TaskFailed
from toccata.plugins.families.notifications import mail as declared

_PORTS = {"SMTP": 25, "SMTPS": 465, "SMTP_TLS": 587, "SMTP_OAUTH2": 587}


class _Plain(smtplib.SMTP):
    """Tells of itself before it connects, so that it can be stopped from then on."""

    def __init__(self, tell: Callable[[smtplib.SMTP], None], host: str, port: int, timeout: float) -> None:
        tell(self)
        super().__init__(host, port, timeout=timeout)


class _Secured(smtplib.SMTP_SSL):
    """The same, with TLS from the start."""

    def __init__(
        self,
        tell: Callable[[smtplib.SMTP], None],
        host: str,
        port: int,
        timeout: float,
        context: ssl.SSLContext,
    ) -> None:
        tell(self)
        super().__init__(host, port, timeout=timeout, context=context)


class Session:
    def __init__(self, task: declared.Mail) -> None:
        self._task = task
        self._host = task.host or ""
        self._port = task.port or _PORTS[task.transport_strategy]
        self._server: smtplib.SMTP | None = None
        self._stopped = False

    @property
    def _place(self) -> str:
        return f"mail server {self._host}:{self._port}"

    def stop(self) -> None:
        self._stopped = True
        server = self._server
        if server is not None and server.sock is not None:
            with suppress(OSError):
                # Closing alone would not wake the thread that reads.
                socket.socket.shutdown(server.sock, socket.SHUT_RDWR)

    def _reachable(self, server: smtplib.SMTP) -> None:
        self._server = server

    def send(self, message: EmailMessage, sender: str, receivers: Sequence[str]) -> dict[str, str]:
        """Give the receivers that the server refuses, with its reasons. Raise TaskFailed if it takes nothing."""
        try:
            with self._connected() as server:
                self._sign_in(server)
                refused = server.send_message(message, sender, list(receivers))
        except smtplib.SMTPRecipientsRefused as error:
            reasons = "; ".join(f"{to}: {_said(code, text)}" for to, (code, text) in error.recipients.items())
            raise TaskFailed(f"{self._place} refuses everybody: {reasons}") from None
        except smtplib.SMTPAuthenticationError as error:
            raise TaskFailed(
                f"{self._place} refuses the sign-in of `{self._task.username}`: {_said(error.smtp_code, error.smtp_error)}"
            ) from None
        except smtplib.SMTPResponseException as error:
            raise TaskFailed(f"{self._place} refuses: {_said(error.smtp_code, error.smtp_error)}") from None
        except (ssl.SSLError, smtplib.SMTPException, OSError) as error:
            raise TaskFailed(f"{self._place}: {self._explained(error)}") from None
        return {to: _said(code, text) for to, (code, text) in refused.items()}

    def _connected(self) -> smtplib.SMTP:
        seconds = self._task.session_timeout / 1000
        strategy = self._task.transport_strategy
        server: smtplib.SMTP
        if strategy == "SMTPS":
            server = _Secured(self._reachable, self._host, self._port, timeout=seconds, context=self._tls())
        else:
            server = _Plain(self._reachable, self._host, self._port, timeout=seconds)
        if self._stopped:
            raise smtplib.SMTPException("killed")
        server.ehlo_or_helo_if_needed()
        if strategy in {"SMTP_TLS", "SMTP_OAUTH2"} or (strategy == "SMTP" and server.has_extn("starttls")):
            server.starttls(context=self._tls())
            server.ehlo()
        return server

    def _sign_in(self, server: smtplib.SMTP) -> None:
        user, task = self._task.username, self._task
        if task.transport_strategy == "SMTP_OAUTH2":
            if not user or task.access_token is None:
                raise TaskFailed("`username` and `accessToken` are needed for SMTP_OAUTH2")
            text = f"user={user}\1auth=Bearer {task.access_token.get_secret_value()}\1\1"
            server.auth("XOAUTH2", lambda _=None: text, initial_response_ok=True)
        elif user:
            server.login(user, task.password.get_secret_value() if task.password else "")

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        trusted = self._task.trusted_hosts or []
        if not self._task.verify_server_identity:
            context.check_hostname = False
        if "*" in trusted or self._host in trusted:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def _explained(self, error: Exception) -> str:
        text = str(error) or type(error).__name__
        if self._stopped:
            return "killed"
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted: {error.verify_message}. `trustedHosts: [{self._host}]` accepts it"
        if isinstance(error, ssl.SSLError):
            return f"no TLS: {text}; check `port` and `transportStrategy` ({self._task.transport_strategy})"
        if isinstance(error, smtplib.SMTPNotSupportedError):
            return f"{text}; check `transportStrategy` ({self._task.transport_strategy})"
        if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
            return f"no answer within {self._task.session_timeout} ms (sessionTimeout)"
        if isinstance(error, smtplib.SMTPServerDisconnected):
            return f"it broke off: {text}; check `port` and `transportStrategy` ({self._task.transport_strategy})"
        return f"no connection: {text}"


def _said(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}"
