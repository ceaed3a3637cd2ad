"""The commands that a person copies from README match the files."""

import re
from pathlib import Path

import yaml

WRITABLE = {"kafka"}
"""Its image writes its configuration at each start."""
ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text()


def test_the_first_flow_of_readme_is_the_file_that_it_names():
    """There were two flows of one name, and one lacked the trigger, so a published event started nothing."""
    shown = re.search(r"\[flows/hello\.yaml\]\(flows/hello\.yaml\):\n\n```yaml\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    assert shown[1] == (ROOT / "flows" / "hello.yaml").read_text()


def test_no_two_example_flows_have_one_name():
    heads = [re.search(r"^id: (\S+)$", file.read_text(), re.MULTILINE) for file in ROOT.glob("flows/*.yaml")]
    names = [head[1] for head in heads if head is not None]
    assert len(names) == len(set(names)) == len(heads)


def test_every_variable_that_compose_needs_is_in_the_example_of_its_settings():
    compose = (ROOT / "compose.yaml").read_text()
    example = (ROOT / ".env.example").read_text()
    needed = set(re.findall(r"\$\{(TOCCATA_\w+):\?", compose))
    assert needed == set(re.findall(r"^(TOCCATA_\w+)=$", example, re.MULTILINE))
    optional = set(re.findall(r"\$\{(TOCCATA_\w+):-", compose))
    assert optional == set(re.findall(r"^#(TOCCATA_\w+)=", example, re.MULTILINE))
    assert ".env\n" in (ROOT / ".gitignore").read_text()


def test_compose_publishes_kafka_and_web_to_this_machine_alone():
    compose = (ROOT / "compose.yaml").read_text()
    published = re.findall(r'^\s+ports: \["(.*)"\]$', compose, re.MULTILINE)
    assert len(published) == 2
    assert all(each.startswith("127.0.0.1:") for each in published)


def test_no_service_of_compose_has_more_rights_than_it_needs():
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    assert len(services) >= 7
    for name, service in services.items():
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert service["mem_limit"], name
        assert service["pids_limit"], name
        assert service.get("read_only") or name in WRITABLE, name
