from contracts.language.encrypted import encrypted_value
from contracts.language.types.input.secret import SECRET, SecretInput


def test_a_text_must_match_and_an_encrypted_value_was_checked_before() -> None:
    declared = SecretInput(id="a", type="SECRET", validator="[a-z]+")
    assert SECRET.check(declared, SECRET.parse("abc")) == []
    assert SECRET.check(declared, SECRET.parse(1)) == ["it must match the pattern `[a-z]+`"]
    assert SECRET.check(declared, SECRET.parse(encrypted_value("AAAA"))) == []
