"""A connection of SSH, with paramiko. All functions block."""

from __future__ import annotations

import io
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_ssh_private_key,
)
from pydantic import SecretStr

CONNECT_SECONDS = 30.0
_KINDS: Mapping[type[Any], type[paramiko.PKey]] = {
    Ed25519PrivateKey: paramiko.Ed25519Key,
    EllipticCurvePrivateKey: paramiko.ECDSAKey,
    RSAPrivateKey: paramiko.RSAKey,
}


def connect(host: str, port: int, exchange: Sequence[str] = ()) -> paramiko.Transport:
    """Raise OSError with a text for people."""
    try:
        sock = socket.create_connection((host, port), CONNECT_SECONDS)
    except OSError as error:
        raise OSError(f"{host}:{port} cannot be reached: {error.strerror or error}") from None
    try:
        transport = paramiko.Transport(sock)
    except paramiko.SSHException as error:
        sock.close()
        raise OSError(f"{host}:{port} does not speak SSH: {error}") from None
    transport.daemon = True
    transport.banner_timeout = transport.auth_timeout = CONNECT_SECONDS
    try:
        if exchange:
            transport.get_security_options().kex = tuple(exchange)
        transport.start_client(timeout=CONNECT_SECONDS)
    except (paramiko.SSHException, EOFError, OSError) as error:
        transport.close()
        raise OSError(f"{host}:{port}: no connection of SSH: {error or 'it was closed'}") from None
    except ValueError as error:
        transport.close()
        raise OSError(f"keyExchangeAlgorithm: {error}") from None
    return transport


def sign_in(
    transport: paramiko.Transport, user: str, password: SecretStr | None, key: paramiko.PKey | None
) -> None:
    """Raise OSError, and close the connection, if the server does not let the user in."""
    try:
        if key is not None:
            transport.auth_publickey(user, key)
        if not transport.is_authenticated() and password is not None:
            transport.auth_password(user, password.get_secret_value())
        if not transport.is_authenticated():
            raise OSError(f"the server does not let `{user}` in without a password or a key")
    except (paramiko.SSHException, EOFError) as error:
        raise OSError(f"the server does not let `{user}` in: {error}") from None
    finally:
        if not transport.is_authenticated():
            transport.close()


def key_of(text: SecretStr | None, passphrase: SecretStr | None, name: str) -> paramiko.PKey | None:
    """Read a key in OpenSSH's form or in PEM. Raise OSError for what is no key, or needs a passphrase."""
    if text is None:
        return None
    content = text.get_secret_value().strip().encode() + b"\n"
    secret = passphrase.get_secret_value().encode() if passphrase is not None else None
    is_openssh = content.startswith(b"-----BEGIN OPENSSH")
    try:
        # paramiko reads fewer forms, and not each of its own.
        key = (load_ssh_private_key if is_openssh else load_pem_private_key)(content, secret)
    except TypeError:
        reason = "needs a passphrase" if secret is None else "has no passphrase, but one is given"
        raise OSError(f"{name}: the private key {reason}") from None
    except (ValueError, UnsupportedAlgorithm) as error:
        raise OSError(f"{name}: the private key cannot be read: {error}") from None
    for kind, reader in _KINDS.items():
        if isinstance(key, kind):
            form = PrivateFormat.OpenSSH if kind is Ed25519PrivateKey else PrivateFormat.TraditionalOpenSSL
            plain = key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()
            return reader.from_private_key(io.StringIO(plain))
    raise OSError(f"{name}: the private key is none of Ed25519, ECDSA and RSA")


def check_host(transport: paramiko.Transport, host: str, port: int) -> None:
    """Raise OSError if the worker does not know the server's key."""
    known = paramiko.HostKeys()
    path = Path("~/.ssh/known_hosts").expanduser()
    if path.is_file():
        known.load(str(path))
    name = host if port == 22 else f"[{host}]:{port}"
    if not known.check(name, transport.get_remote_server_key()):
        transport.close()
        raise OSError(f"strictHostKeyChecking: the key of {name} is not in the worker's known_hosts")
