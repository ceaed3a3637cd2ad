"""Where settings come from: the environment, files with secrets, and the descriptor of the parent."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from toccata.runtime.errors import Fatal
from toccata.runtime.postgres import PostgresSettings
from toccata.runtime.variables import variables
from toccata.standalone.child import Child, ChildSpec, Output

SHOW = """
import os
from pathlib import Path
from toccata.runtime.variables import DESCRIPTOR, variables
number = int(os.environ[DESCRIPTOR])
print("handed", len(variables()["TOCCATA_AUTH_PASSWORD"]))
print("again", variables()["TOCCATA_AUTH_PASSWORD"] == "x" * 200_000)
try:
    os.fstat(number)
except OSError:
    print("closed")
own = Path("/proc/self/environ")
print("environment", own.exists() and b"AUTH_PASSWORD" in own.read_bytes(), os.environ.get(DESCRIPTOR))
"""


async def _lines(log: Path) -> list[str]:
    spec = ChildSpec(
        "shower",
        [sys.executable, "-c", SHOW],
        Output(log),
        environment={"TOCCATA_AUTH_PASSWORD": "from-the-shell"},
        secrets={"TOCCATA_AUTH_PASSWORD": "x" * 200_000},
    )
    child = await Child.spawn(spec)
    async with asyncio.timeout(60):
        await child.wait()
    return (await child.last_lines()).splitlines()


def test_a_child_is_handed_its_secrets_without_a_trace_in_its_environment(tmp_path: Path) -> None:
    lines = asyncio.run(_lines(tmp_path / "log"))
    assert lines == ["handed 200000", "again True", "closed", "environment False None"]


def test_a_secret_setting_is_read_from_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "password").write_text("s3cret\n")
    monkeypatch.setenv("TOCCATA_DATABASE_PASSWORD_FILE", str(tmp_path / "password"))
    assert PostgresSettings().password.get_secret_value() == "s3cret"


def test_secrets_of_flows_are_read_from_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "flows").write_text("# for flows\n\nSECRET_TOKEN=dG9rZW4=\n")
    monkeypatch.setenv("TOCCATA_FLOW_SECRETS_FILE", str(tmp_path / "flows"))
    assert variables()["SECRET_TOKEN"] == "dG9rZW4="


@pytest.mark.parametrize(
    ("name", "content", "also", "reason"),
    [
        ("TOCCATA_AUTH_PASSWORD_FILE", None, {}, "cannot be read: No such file"),
        ("TOCCATA_AUTH_PASSWORD_FILE", "x", {"TOCCATA_AUTH_PASSWORD": "y"}, "are both set: unset one"),
        ("TOCCATA_FLOW_SECRETS_FILE", "SECRET_A=eA==\nTOKEN=eA==\n", {}, "line 2 of"),
    ],
)
def test_a_file_that_does_not_serve_is_named_and_its_content_is_not_shown(
    name: str,
    content: str | None,
    also: dict[str, str],
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if content is not None:
        (tmp_path / "secret").write_text(content)
    monkeypatch.setenv(name, str(tmp_path / "secret"))
    for variable, value in also.items():
        monkeypatch.setenv(variable, value)
    with pytest.raises(Fatal, match=reason) as raised:
        variables()
    assert "eA==" not in str(raised.value)
