"""Encrypts and decrypts texts as Kestra does: AES-GCM with a nonce of 12 bytes before the ciphertext, all in base64. Knows no flow.

The library is loaded with the first cipher, because most processes need none.
"""

from __future__ import annotations

import base64
import binascii
import os

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from toccata.runtime.errors import Fatal
from toccata.runtime.variables import VariableSettings

_NONCE_BYTES = 12
_TAG_BYTES = 16
_KEY_BYTES = (16, 24, 32)


class EncryptionSettings(VariableSettings):
    """The key of inputs and outputs of type SECRET. Web encrypts with it, workers encrypt and decrypt."""

    model_config = SettingsConfigDict(env_prefix="TOCCATA_ENCRYPTION_", frozen=True)

    secret_key: SecretStr = Field(
        SecretStr(""),
        description="key of inputs and outputs of type SECRET: 32 random bytes in base64 (`openssl rand -base64 32`), the same for"
        " web and all workers; without it they are refused",
    )

    def cipher(self) -> Cipher | None:
        """Return None without a key. Raise Fatal for one that cannot be used."""
        key = self.secret_key.get_secret_value()
        try:
            return Cipher(key) if key else None
        except ValueError as error:
            raise Fatal(f"TOCCATA_ENCRYPTION_SECRET_KEY: {error}") from None


class Undecipherable(ValueError):
    """The text was not encrypted with this key, or was changed."""


class Cipher:
    """One key. Its ``repr`` shows nothing of it."""

    def __init__(self, key: str) -> None:
        """Raise ValueError if the key is not 16, 24 or 32 bytes in base64."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        raw = _from_base64(key, "the key")
        if len(raw) not in _KEY_BYTES:
            raise ValueError(f"the key has {len(raw)} bytes, but AES needs 16, 24 or 32")
        self._cipher = AESGCM(raw)

    def encrypt(self, text: str) -> str:
        """Return base64. The same text gives another one each time."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed: bytes = self._cipher.encrypt(nonce, text.encode("utf-8", "surrogatepass"), None)
        return base64.b64encode(nonce + sealed).decode()

    def decrypt(self, ciphertext: str) -> str:
        """Raise Undecipherable."""
        from cryptography.exceptions import InvalidTag

        try:
            raw = _from_base64(ciphertext, "the encrypted text")
        except ValueError as error:
            raise Undecipherable(str(error)) from None
        if len(raw) < _NONCE_BYTES + _TAG_BYTES:
            raise Undecipherable("the encrypted text is too short")
        try:
            text: bytes = self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], None)
        except InvalidTag:
            raise Undecipherable("the text was encrypted with another key, or has been changed") from None
        return text.decode("utf-8", "surrogatepass")


def new_key() -> str:
    return base64.b64encode(os.urandom(_KEY_BYTES[-1])).decode()


def _from_base64(text: str, what: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"{what} is not base64") from None
