from contracts.language.encrypted import (
    ciphertext_of,
    decrypted,
    encrypted_value,
    holds_encrypted,
    reads_encrypted,
    replaced,
)

SECRET = encrypted_value("AAAA")


def test_only_the_exact_form_is_encrypted() -> None:
    assert ciphertext_of(SECRET) == "AAAA"
    assert ciphertext_of({"type": SECRET["type"]}) is None
    assert ciphertext_of({"type": "other", "value": "AAAA"}) is None
    assert ciphertext_of("AAAA") is None


def test_it_is_found_at_any_depth() -> None:
    assert holds_encrypted({"a": [{"b": SECRET}]})
    assert not holds_encrypted({"a": [{"b": "AAAA"}], "c": None})


def test_what_has_nothing_encrypted_stays_the_same_object() -> None:
    plain = {"a": [1, {"b": 2}]}
    assert replaced(plain, str.lower) is plain
    assert replaced({"a": [SECRET], "b": plain}, str.lower) == {"a": ["aaaa"], "b": plain}


def test_templates_read_texts_but_what_anybody_may_send_is_not_decrypted() -> None:
    variables = {
        "inputs": {"a": SECRET},
        "outputs": {"t": {"x": SECRET}},
        "trigger": {"body": SECRET, "outputs": {"y": SECRET}},
        "labels": {"l": SECRET},
    }
    assert decrypted(variables, str.lower) == {
        "inputs": {"a": "aaaa"},
        "outputs": {"t": {"x": "aaaa"}},
        "trigger": {"body": SECRET, "outputs": {"y": "aaaa"}},
        "labels": {"l": SECRET},
    }


def test_a_path_reads_what_is_at_it_above_it_or_below_it() -> None:
    variables = {"inputs": {"db": {"token": SECRET, "host": "h"}}, "trigger": {"body": SECRET}}
    for path in (
        ("inputs",),
        ("inputs", "db"),
        ("inputs", "db", "token"),
        ("inputs", "db", "token", "length"),
    ):
        assert reads_encrypted([path], variables), path
    for path in (("inputs", "db", "host"), ("trigger", "body"), ("vars", "x")):
        assert not reads_encrypted([path], variables), path
