"""A certificate that nobody trusts, for servers of tests."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

_MAKE = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2")


def self_signed(folder: Path, name: str) -> ssl.SSLContext:
    """Make a key and its certificate for the host ``name`` in ``folder``, and return what a server needs."""
    key, certificate = folder / "key.pem", folder / "cert.pem"
    argv = (*_MAKE, "-subj", f"/CN={name}", "-keyout", str(key), "-out", str(certificate))
    subprocess.run(argv, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
