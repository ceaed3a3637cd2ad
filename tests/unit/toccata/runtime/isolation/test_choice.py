"""Which isolation is chosen, and what is said if none works."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from shutil import which

import pytest
import yaml

from toccata.runtime.errors import Fatal
from toccata.runtime.isolation.choice import BEST_FIRST, choose, why_not
from toccata.runtime.isolation.mechanism import Mechanism
from toccata.runtime.isolation.place import Place

ROOT = Path(__file__).parents[5]
NOTHING_HIDDEN = Place(())


@pytest.fixture
def no_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without bwrap, unshare and setpriv."""
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("no_programs")
def test_a_machine_without_any_means_runs_scripts_without_and_says_why() -> None:
    chosen = choose("auto", NOTHING_HIDDEN)
    assert chosen.mechanism.name == "none"
    assert chosen.refusals.keys() == {each.name for each in BEST_FIRST}
    assert "bwrap" in chosen.refusals["bubblewrap"]


@pytest.mark.usefixtures("no_programs")
def test_an_isolation_that_was_asked_for_and_does_not_work_stops_the_worker() -> None:
    with pytest.raises(Fatal, match=r"TOCCATA_WORKER_ISOLATION=namespaces .*It needs unshare"):
        choose("namespaces", NOTHING_HIDDEN)


@pytest.mark.usefixtures("no_programs")
def test_a_network_that_cannot_be_taken_away_stops_the_worker() -> None:
    for wanted in ("auto", "none"):
        with pytest.raises(Fatal, match="TOCCATA_WORKER_SCRIPT_NETWORK=false does not work here"):
            choose(wanted, Place((), network=False))


def test_none_is_taken_when_asked_for() -> None:
    assert choose("none", NOTHING_HIDDEN).mechanism.name == "none"


@pytest.mark.parametrize("mechanism", BEST_FIRST, ids=lambda each: each.name)
def test_auto_takes_the_first_that_works(mechanism: Mechanism) -> None:
    reason = why_not(mechanism, NOTHING_HIDDEN)
    if reason is not None:
        pytest.skip(f"{mechanism.name} does not work on this machine: {reason}")
    better = BEST_FIRST[: BEST_FIRST.index(mechanism)]
    if all(why_not(each, NOTHING_HIDDEN) for each in better):
        assert choose("auto", NOTHING_HIDDEN).mechanism is mechanism
    assert choose(mechanism.name, NOTHING_HIDDEN).mechanism is mechanism


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become another user")
@pytest.mark.parametrize("name", ["Bubblewrap", "Namespaces"])
def test_it_works_for_a_user_without_rights(name: str) -> None:
    """The wrong environment, the wrong Python: only the mechanism is tried."""
    refusal = refusal_of(name, ["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups"])
    if refusal != "None":
        pytest.skip(f"{name} does not work for users of this machine: {refusal}")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become another user")
def test_accounts_work_for_the_worker_of_compose_which_is_not_root() -> None:
    """Its command gives the user's program the capabilities that compose.yaml names, and no others."""
    worker = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["worker"]
    front = worker["command"][: worker["command"].index("--")]
    names = [name.lower() for name in worker["cap_add"]]
    bounds = f"--bounding-set=-all,{','.join(f'+{name}' for name in names)}"
    container = ["setpriv", "--no-new-privs", bounds, "--"]
    assert refusal_of("Account", [*container, *front]) == "None"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become another user")
def test_accounts_do_not_work_for_a_user_without_rights() -> None:
    assert "Operation not permitted" in refusal_of(
        "Account", ["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups"]
    )


def refusal_of(name: str, front: list[str]) -> str:
    """What another process says, which the program ``front`` starts: why the mechanism does not work for it."""
    python = which("python3", path="/usr/bin:/usr/local/bin")
    if python is None:
        pytest.skip("no Python that every user can run")
    line = (
        "from toccata.runtime.isolation.choice import why_not\n"
        f"from toccata.runtime.isolation.mechanism import {name}\n"
        "from toccata.runtime.isolation.place import Place\n"
        f"print(why_not({name}(), Place(())))"
    )
    argv = [*front, "--", python, "-B", "-c", line]
    ran = subprocess.run(argv, cwd=ROOT, capture_output=True, check=False)
    if ran.returncode:
        pytest.skip(f"that Python cannot run it: {ran.stderr.decode()[-200:]}")
    return ran.stdout.decode().strip()
