"""The secrets that web finds for webhooks."""

import base64
from pathlib import Path

import pytest

from contracts.language.expression.errors import ExpressionError
from services.web.adapters.secret import Secrets


def test_a_file_is_read_again_when_it_changes(tmp_path: Path):
    secrets = Secrets(tmp_path, {})
    (tmp_path / "GITHUB").write_text("one\n")
    assert secrets.get("GITHUB") == "one"
    assert secrets.get("github") == "one"
    (tmp_path / "GITHUB").write_text("another")
    assert secrets.get("GITHUB") == "another"
    (tmp_path / "GITHUB").unlink()
    with pytest.raises(ExpressionError, match="Cannot find secret for key 'GITHUB'"):
        secrets.get("GITHUB")


def test_a_file_counts_before_a_variable(tmp_path: Path):
    variables = {"SECRET_A": base64.b64encode(b"variable").decode(), "SECRET_BAD": "%"}
    secrets = Secrets(tmp_path, variables)
    assert secrets.get("a") == "variable"
    (tmp_path / "A").write_text("file")
    assert secrets.get("a") == "file"
    with pytest.raises(ExpressionError, match="not base64"):
        secrets.get("bad")


@pytest.mark.parametrize(
    "name", ["../outside", "/etc/hostname", "a/../../outside", "", ".", "..", "a\x00b", "sub"]
)
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str):
    (tmp_path / "outside").write_text("never")
    (tmp_path / "in" / "sub").mkdir(parents=True)
    with pytest.raises(ExpressionError):
        Secrets(tmp_path / "in", {}).get(name)


def test_a_file_that_is_no_text_is_refused_without_its_content(tmp_path: Path):
    (tmp_path / "A").write_bytes(b"\xff\xfe secret")
    (tmp_path / "B").write_bytes(b"x" * 100_000)
    for name in ("A", "B"):
        with pytest.raises(ExpressionError) as refused:
            Secrets(tmp_path, {}).get(name)
        assert "xxx" not in str(refused.value)
        assert "secret" not in str(refused.value).replace("The file of the secret", "").replace(
            "The secret", ""
        )


def test_names_of_secrets_come_from_files_and_variables_and_carry_no_values(tmp_path):
    for name in ("token", ".hidden", "with space"):
        (tmp_path / name).write_text("private")
    (tmp_path / "folder").mkdir()
    held = Secrets(tmp_path, {"SECRET_KEY": "cHJpdmF0ZQ==", "OTHER": "x"})
    assert held.names() == ["KEY", "token"]
    assert Secrets(tmp_path / "none", {}).names() == []
