import base64

import pytest

from toccata.runtime.encryption import Cipher, EncryptionSettings, Undecipherable, new_key
from toccata.runtime.errors import Fatal


def test_a_text_comes_back_and_looks_different_each_time() -> None:
    cipher = Cipher(new_key())
    first, second = cipher.encrypt("hé 🔑"), cipher.encrypt("hé 🔑")
    assert first != second
    assert cipher.decrypt(first) == cipher.decrypt(second) == "hé 🔑"


def test_the_form_is_the_nonce_then_ciphertext_and_tag_in_base64() -> None:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    key, nonce = bytes(range(32)), bytes(12)
    written = base64.b64encode(nonce + AESGCM(key).encrypt(nonce, b"text", None)).decode()
    assert Cipher(base64.b64encode(key).decode()).decrypt(written) == "text"


@pytest.mark.parametrize("text", ["", "no base64!", "AAAA", base64.b64encode(bytes(60)).decode()])
def test_what_this_key_did_not_encrypt_is_refused(text: str) -> None:
    with pytest.raises(Undecipherable):
        Cipher(new_key()).decrypt(text)


@pytest.mark.parametrize(("key", "reason"), [("x", "not base64"), ("AAAA", "3 bytes")])
def test_a_key_that_cannot_be_used_is_named_without_being_shown(
    monkeypatch: pytest.MonkeyPatch, key: str, reason: str
) -> None:
    monkeypatch.setenv("TOCCATA_ENCRYPTION_SECRET_KEY", key)
    with pytest.raises(Fatal, match=reason):
        EncryptionSettings().cipher()


def test_without_a_key_there_is_no_cipher(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOCCATA_ENCRYPTION_SECRET_KEY", raising=False)
    assert EncryptionSettings().cipher() is None
