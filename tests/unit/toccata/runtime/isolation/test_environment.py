"""The variables of the worker that scripts get."""

from __future__ import annotations

from toccata.runtime.isolation.environment import allowed

GIVEN = {
    "PATH": "/bin",
    "LC_ALL": "C",
    "https_proxy": "http://proxy",
    "PIP_INDEX_URL": "https://registry.example.org",
    "AWS_SECRET_ACCESS_KEY": "hush",
    "AWS_REGION": "eu",
    "GITHUB_TOKEN": "hush",
    "SECRET_TOKEN": "aHVzaA==",
    "TOCCATA_KAFKA_SASL_PASSWORD": "hush",
    "PGPASSWORD": "hush",
}
USUAL = {"PATH", "LC_ALL", "https_proxy", "PIP_INDEX_URL"}


def test_a_script_gets_what_programs_need_and_nothing_that_is_not_named() -> None:
    assert allowed(GIVEN, "").keys() == USUAL


def test_further_names_and_beginnings_are_given_but_never_ours() -> None:
    assert allowed(GIVEN, "AWS_REGION").keys() == USUAL | {"AWS_REGION"}
    assert allowed(GIVEN, " AWS_*, GITHUB_TOKEN").keys() == USUAL | {
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "GITHUB_TOKEN",
    }
    assert allowed(GIVEN, "*,SECRET_TOKEN,TOCCATA_*").keys() == GIVEN.keys() - {
        "SECRET_TOKEN",
        "TOCCATA_KAFKA_SASL_PASSWORD",
    }
