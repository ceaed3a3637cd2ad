from pathlib import Path

from toccata.runtime.encryption import Cipher
from toccata.standalone.encryption_key import VARIABLE, kept_key


def test_the_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    made = kept_key(tmp_path, {})
    Cipher(made)
    file = tmp_path / "secrets" / "encryption-key"
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    assert kept_key(tmp_path, {}) == made
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_key_of_the_variables_is_used_and_not_kept(tmp_path: Path) -> None:
    assert kept_key(tmp_path, {VARIABLE: "given"}) == "given"
    assert not (tmp_path / "secrets").exists()
