"""Command lines of programs: what each program gets. Stand-ins on the PATH say it, since the programs themselves are not here."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from contracts.execution import AttemptEnded
from tests.support.attempt import Bench
from tests.support.example import example
from toccata.plugin import TaskType
from toccata.plugins.families.scripts import dbt, tools, tools_cloud
from toccata.plugins.families.scripts.tools import TOOLS, tool_of

DECLARED = [
    each
    for module in (tools, tools_cloud, dbt)
    for each in vars(module).values()
    if isinstance(each, TaskType)
]
DBT = [each for each in DECLARED if ".dbt.cli." in each.name]
SAYS = '#!/bin/sh\necho "said: $(basename "$0") $*"\n[ -z "$SHOWN" ] || eval "echo \\"$SHOWN\\""\n'
SECRETS = {
    f"SECRET_{name}": b64encode(f"hidden-{name}".encode()).decode()
    for name in ("AWS_KEY_ID", "AWS_KEY", "AZURE", "DATABRICKS", "GCP_CREDS", "SNOWFLAKE", "DB", "REDIS")
}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, SECRETS)


def stand_in(bench: Bench, program: str, text: str = SAYS) -> dict[str, str]:
    """The environment in which a program is ours."""
    folder = bench.home / "tools"
    folder.mkdir(exist_ok=True)
    file = folder / program
    file.write_text(text)
    file.chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


async def run(bench: Bench, of: TaskType, properties: dict[str, Any]) -> AttemptEnded:
    return await bench.run(of, properties, variables={"task": {"id": "t1", "type": of.name}})


def test_every_type_has_a_program_and_an_image() -> None:
    assert {tool_of(each.name) for each in DECLARED} == set(TOOLS.values())
    assert all(each.image and each.program for each in TOOLS.values())


@pytest.mark.parametrize(
    "of",
    [each for each in DECLARED if each not in (tools.DLT_RUN, dbt.SETUP)],
    ids=lambda each: each.name[18:],
)
async def test_the_example_runs_with_the_program_on_the_path(bench: Bench, of: TaskType) -> None:
    tool = tool_of(of.name)
    assert tool is not None
    written = example(of)
    # Some examples begin with another program of the same tool.
    words = str((written.get("commands") or [tool.program])[0]).split()
    program = tool.program if of in (tools_cloud.REDIS, tools.DATAHUB) else words[0]
    env = stand_in(bench, tool.program) | stand_in(bench, program)
    ended = await run(bench, of, {**written, "env": env})
    assert ended.outcome == "succeeded", (ended.message, bench.messages)
    assert ended.outputs["exitCode"] == 0
    assert any(text.startswith(f"said: {program} ") for _, text in bench.messages), bench.messages


async def test_a_missing_program_is_named_with_the_image_that_has_it(bench: Bench) -> None:
    written = {"commands": ["terraform plan"], "env": {"PATH": "/nowhere"}}
    ended = await run(bench, tools.TERRAFORM, written)
    assert ended.outcome == "failed"
    assert "there is no `terraform` on this worker" in ended.message
    assert "hashicorp/terraform" in ended.message


async def test_exit_codes_and_output_files_are_those_of_every_script(bench: Bench) -> None:
    env = stand_in(bench, "tofu", "#!/bin/sh\necho plan > plan.txt\nexit 3\n")
    ended = await run(
        bench, tools.OPENTOFU, {"commands": ["tofu plan", "echo never"], "env": env, "outputFiles": ["*.txt"]}
    )
    assert (ended.outcome, ended.message) == ("failed", "Command failed with exit code 3")
    assert list(ended.outputs["outputFiles"]) == ["plan.txt"]


async def test_ansible_gets_its_configuration(bench: Bench) -> None:
    env = stand_in(bench, "ansible") | {"SHOWN": "$(cat $ANSIBLE_CONFIG)"}
    written = {"commands": ["ansible all"], "ansibleConfig": "[defaults]", "env": env}
    assert (await run(bench, tools.ANSIBLE, written)).outcome == "succeeded"
    assert ("INFO", "[defaults]") in bench.messages


async def test_a_recipe_is_a_file(bench: Bench) -> None:
    env = stand_in(bench, "datahub", '#!/bin/sh\ncat "$3"\n')
    written = example(tools.DATAHUB) | {"env": env}
    assert (await run(bench, tools.DATAHUB, written)).outcome == "succeeded"
    assert json.loads(bench.messages[-1][1])["sink"] == {"type": "console"}


@pytest.mark.parametrize(
    ("of", "program", "shown", "expected"),
    [
        (tools_cloud.AWS, "aws", "$AWS_DEFAULT_REGION $AWS_DEFAULT_OUTPUT", "eu-central-1 json"),
        (
            tools_cloud.AWS,
            "aws",
            '$(printf %s "$AWS_ACCESS_KEY_ID" | wc -c) $(printf %s "$AWS_SECRET_ACCESS_KEY" | wc -c)',
            "17 14",
        ),
        (
            tools_cloud.GCLOUD,
            "gcloud",
            "$CLOUDSDK_CORE_PROJECT $(wc -c < $GOOGLE_APPLICATION_CREDENTIALS)",
            "trips 16",
        ),
        (tools_cloud.GCLOUD, "gcloud", "$(stat -c %a $GOOGLE_APPLICATION_CREDENTIALS)", "600"),
        (tools_cloud.AZURE, "az", "$(wc -c < $AZURE_PASSWORD_FILE)", "12"),
        (
            tools_cloud.SNOWFLAKE,
            "snow",
            '$SNOWFLAKE_ACCOUNT $SNOWFLAKE_USER $(printf %s "$SNOWFLAKE_PASSWORD" | wc -c)',
            "shop bot 16",
        ),
        (
            tools_cloud.DATABRICKS,
            "databricks",
            '$DATABRICKS_HOST $(printf %s "$DATABRICKS_TOKEN" | wc -c)',
            "https://shop.cloud.databricks.com 17",
        ),
        (tools_cloud.LIQUIBASE_DIFF, "liquibase", "$LIQUIBASE_COMMAND_URL", "jdbc:postgresql://new/shop"),
        (tools_cloud.REDIS, "redis-cli", '$(printf %s "$REDISCLI_AUTH" | wc -c)', "12"),
    ],
)
async def test_a_sign_in_is_in_the_environment(
    bench: Bench, of: TaskType, program: str, shown: str, expected: str
) -> None:
    env = stand_in(bench, program) | {"SHOWN": shown}
    ended = await run(bench, of, {**example(of), "env": env})
    assert ended.outcome == "succeeded", bench.messages
    assert ("INFO", expected) in bench.messages
    # No secret is in a command line, or in a line of the log.
    assert "hidden-" not in repr(bench.messages)


async def test_a_role_of_aws_is_taken_on_by_a_profile(bench: Bench) -> None:
    env = stand_in(bench, "aws") | {"SHOWN": "$(grep -v secret $AWS_CONFIG_FILE | tr '\\n' ' ')"}
    role = {"stsRoleArn": "arn:aws:iam::1:role/r", "stsRoleSessionName": "night"}
    ended = await run(bench, tools_cloud.AWS, {**example(tools_cloud.AWS), **role, "env": env})
    assert ended.outcome == "succeeded", bench.messages
    said = bench.messages[-1][1]
    assert "[profile task] role_arn = arn:aws:iam::1:role/r role_session_name = night" in said
    assert "source_profile = own" in said


async def test_what_the_flow_sets_wins(bench: Bench) -> None:
    env = stand_in(bench, "aws") | {"SHOWN": "$AWS_DEFAULT_REGION", "AWS_DEFAULT_REGION": "here"}
    await run(bench, tools_cloud.AWS, {**example(tools_cloud.AWS), "env": env})
    assert ("INFO", "here") in bench.messages


PRINTS = r"""#!/bin/sh
echo "args: $*"
echo '{"info": {"level": "info", "msg": "Found 2 models", "name": "FoundStats"}, "data": {}}'
echo '{"info": {"level": "debug", "msg": "thinking", "name": "X"}, "data": {}}'
[ -z "$WARNS" ] || echo '{"info": {"level": "warn", "msg": "old syntax", "name": "W"}, "data": {}}'
echo '{"info": {"level": "info", "msg": "Done", "name": "S"}, "data": {"stats": {"pass": 2, "error": 0}}}'
mkdir -p target
echo '{"nodes": {"model.shop.orders": {}}}' > target/manifest.json
echo '{"results": []}' > target/run_results.json
exit ${FAILS:-0}
"""


async def test_lines_of_dbt_come_into_the_log_with_their_level(bench: Bench) -> None:
    env = stand_in(bench, "dbt", PRINTS)
    written = {"commands": ["dbt build --select orders", "echo done"], "env": env, "profiles": {"shop": {}}}
    ended = await run(bench, dbt.DBT_CLI, written)
    assert ended.outcome == "succeeded", bench.messages
    assert ("INFO", "args: build --select orders --log-path logs --log-format json") in bench.messages
    assert {("INFO", "Found 2 models"), ("DEBUG", "thinking"), ("INFO", "done")} <= set(bench.messages)
    assert {each.name: each.value for each in bench.points} == {"pass": 2.0, "error": 0.0}
    files = ended.outputs["outputFiles"]
    assert set(files) == {"manifest.json", "run_results.json"}
    assert json.loads(await bench.storage.get(files["run_results.json"])) == {"results": []}
    assert "warningDetected" not in ended.outputs


async def test_a_warning_of_dbt_is_one_of_the_task(bench: Bench) -> None:
    env = stand_in(bench, "dbt", PRINTS) | {"WARNS": "1"}
    ended = await run(bench, dbt.DBT_CLI, {"commands": ["dbt build"], "env": env})
    assert (ended.outcome, ended.outputs["warningDetected"]) == ("warned", True)
    assert ("WARN", "old syntax") in bench.messages


async def test_results_of_dbt_are_kept_when_it_fails(bench: Bench) -> None:
    env = stand_in(bench, "dbt", PRINTS) | {"FAILS": "1"}
    ended = await run(bench, dbt.BUILD, {"env": env, "profiles": "shop: {}"})
    assert (ended.outcome, ended.message) == ("failed", "Command failed with exit code 1")
    assert set(ended.outputs["outputFiles"]) == {"manifest.json", "run_results.json"}


async def test_a_manifest_goes_through_the_key_value_store(bench: Bench) -> None:
    env = stand_in(bench, "dbt", PRINTS)
    place = {"key": "manifest", "namespace": "company.team"}
    ended = await run(bench, dbt.DBT_CLI, {"commands": ["dbt build"], "env": env, "storeManifest": place})
    assert ended.outcome == "succeeded", bench.messages
    ended = await run(
        bench, dbt.DBT_CLI, {"commands": ["cat manifest.json"], "env": env, "loadManifest": place}
    )
    assert ("INFO", '{"nodes":{"model.shop.orders":{}}}') in bench.messages
    gone = {"key": "nothing", "namespace": "company.team"}
    ended = await run(bench, dbt.DBT_CLI, {"commands": ["echo"], "env": env, "loadManifest": gone})
    assert ended.message.startswith("loadManifest: The key 'nothing' does not exist")


async def test_properties_become_options_of_dbt(bench: Bench) -> None:
    env = stand_in(bench, "dbt", PRINTS)
    written = {
        "env": env,
        "profiles": "shop: {}",
        "projectDir": "shop",
        "inputFiles": {"shop/dbt_project.yml": ""},
        "thread": 4,
        "fullRefresh": True,
        "target": "dev",
        "select": ["a", "tag:b c"],
        "failFast": True,
    }
    ended = await run(bench, dbt.RUN, written)
    assert ended.outcome == "succeeded", bench.messages
    said = next(text for _, text in bench.messages if text.startswith("args: "))
    assert said == (
        "args: --log-format json --fail-fast run --profiles-dir .profile --project-dir shop --threads 4"
        " --target dev --full-refresh --select a tag:b c"
    )
