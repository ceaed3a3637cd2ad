"""Tasks that run the command line of one program, each with its image: one line a program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from toccata.plugin import TaskType, dynamic, write_json
from toccata.plugins.families.scripts.types import PythonScript, ScriptOutputs, ScriptTask, ShellCommands

_RUN = "toccata.plugins.families.scripts.run"


class ToolTask(ScriptTask):
    """What a task gives its program, besides the command lines."""

    def lines(self) -> list[str]:
        """The command lines."""
        raise NotImplementedError

    def environment(self, private: Path) -> dict[str, str]:
        """Environment variables. Those that the flow gives win."""
        del private
        return {}

    def files(self) -> Mapping[str, str]:
        """Files in the working directory, for the program."""
        return {}

    def private_files(self) -> Mapping[str, str]:
        """Files in ``private``, a folder that is not kept: keys and passwords."""
        return {}


class ToolCommands(ToolTask, ShellCommands):
    """Runs command lines of a program in one shell: in a container with its image, or with the worker's own program."""

    def lines(self) -> list[str]:
        return self.commands


class AnsibleCommands(ToolCommands):
    """Runs Ansible's command lines in one shell. Playbooks and inventories are input files, or come from Git."""

    ansible_config: str | None = dynamic(None, doc="content of `ansible.cfg`")
    outputs_mode: str = dynamic("ALL", ignored="results of single hosts are not outputs; see the log")
    output_log_file: bool = dynamic(default=False, ignored="the log has the same lines")
    auto_install_python_requirements: bool = dynamic(
        default=True, ignored="install them with `beforeCommands`"
    )
    auto_install_galaxy_requirements: bool = dynamic(
        default=True, ignored="install them with `beforeCommands`"
    )

    def files(self) -> Mapping[str, str]:
        return {} if self.ansible_config is None else {"ansible.cfg": self.ansible_config}

    def environment(self, private: Path) -> dict[str, str]:
        return (
            {}
            if self.ansible_config is None
            else {"ANSIBLE_CONFIG": str(private.parent.parent / "ansible.cfg")}
        )


class Ingestion(ToolTask):
    """Brings metadata into DataHub, as a recipe says."""

    recipe: Any = dynamic(doc="the recipe: a map, or the text of one in YAML")

    def lines(self) -> list[str]:
        return ["datahub ingest -c recipe.yml"]

    def files(self) -> Mapping[str, str]:
        # JSON is YAML, too.
        text = self.recipe if isinstance(self.recipe, str) else write_json(self.recipe).decode()
        return {"recipe.yml": text}


@dataclass(frozen=True, slots=True)
class Tool:
    """The program of a type."""

    name: str
    """For people."""
    program: str
    image: str


TOOLS = {
    "ansible.cli.AnsibleCLI": Tool("Ansible", "ansible", "cytopia/ansible:latest-tools"),
    "aws.cli.AwsCLI": Tool("AWS", "aws", "amazon/aws-cli"),
    "azure.cli.AzCLI": Tool("Azure", "az", "mcr.microsoft.com/azure-cli"),
    "cloudquery.CloudQueryCLI": Tool(
        "CloudQuery", "cloudquery", "ghcr.io/cloudquery/cloudquery:latest-ubuntu"
    ),
    "databricks.cli.DatabricksCLI": Tool("Databricks", "databricks", "ghcr.io/databricks/cli:latest"),
    "dataform.cli.DataformCLI": Tool("Dataform", "dataform", "dataformco/dataform:latest"),
    "datahub.Ingestion": Tool("DataHub", "datahub", "acryldata/datahub-ingestion:head"),
    "dbt.cli": Tool("dbt", "dbt", "ghcr.io/kestra-io/dbt"),
    "dbt.cli.Setup": Tool("dbt", "python", "python"),
    "dlt.CLI": Tool("dlt", "dlt", "ghcr.io/kestra-io/dlt"),
    "dlt.Run": Tool("dlt", "python", "ghcr.io/kestra-io/dlt"),
    "gcp.cli.GCloudCLI": Tool("Google Cloud", "gcloud", "google/cloud-sdk"),
    "jdbc.clickhouse.ClickHouseLocalCLI": Tool(
        "ClickHouse", "clickhouse-local", "clickhouse/clickhouse-server:latest"
    ),
    "jdbc.snowflake.SnowflakeCLI": Tool("Snowflake", "snow", "ghcr.io/kestra-io/snowflake-cli"),
    "liquibase.CLI": Tool("Liquibase", "liquibase", "ghcr.io/kestra-io/liquibase:latest"),
    "liquibase.Diff": Tool("Liquibase", "liquibase", "ghcr.io/kestra-io/liquibase"),
    "malloy.CLI": Tool("Malloy", "malloy-cli", "ghcr.io/kestra-io/malloy"),
    "modal.cli.ModalCLI": Tool("Modal", "modal", "ghcr.io/kestra-io/modal"),
    "opentofu.cli.OpenTofuCLI": Tool("OpenTofu", "tofu", "ghcr.io/opentofu/opentofu"),
    "redis.cli.RedisCLI": Tool("Redis", "redis-cli", "redis:7-alpine"),
    "spark.SparkCLI": Tool("Spark", "spark-submit", "apache/spark:4.0.1-java21-r"),
    "sqlmesh.cli.SQLMeshCLI": Tool("SQLMesh", "sqlmesh", "ghcr.io/kestra-io/sqlmesh"),
    "terraform.cli.TerraformCLI": Tool("Terraform", "terraform", "hashicorp/terraform"),
    "terragrunt.cli.TerragruntCLI": Tool("Terragrunt", "terragrunt", "alpine/terragrunt"),
    "trivy.cli.TrivyCLI": Tool("Trivy", "trivy", "ghcr.io/aquasecurity/trivy"),
}
"""By the type, without ``io.kestra.plugin.``, or by the beginning of several types."""


def tool_of(type_name: str) -> Tool | None:
    name = type_name.removeprefix("io.kestra.plugin.")
    return TOOLS.get(name) or TOOLS.get(name.rpartition(".")[0])


def declared(  # noqa: PLR0913 - what a declaration says
    name: str,
    title: str,
    properties: type[ScriptTask],
    example: str,
    run: str = "tool:run_tool",
    outputs: type[BaseModel] = ScriptOutputs,
) -> TaskType:
    return TaskType(
        name=f"io.kestra.plugin.{name}",
        title=title,
        properties=properties,
        run=f"{_RUN}.{run}",
        outputs=outputs,
        kind="heavy",
        directory_variables=f"{_RUN}.script:directory_variables",
        examples=(f"id: tool\ntype: io.kestra.plugin.{name}\n{example}",),
    )


def _commands(
    name: str, *lines: str, properties: type[ScriptTask] = ToolCommands, more: str = ""
) -> TaskType:
    text = more + "commands:\n" + "\n".join(f"  - {line}" for line in lines)
    return declared(name, f"Run commands of {TOOLS[name].name}", properties, text)


_MAIN_TF = 'inputFiles:\n  main.tf: |\n    output "town" { value = "Berlin" }\n'
ANSIBLE = _commands(
    "ansible.cli.AnsibleCLI",
    "ansible-playbook -i localhost, -c local play.yml",
    properties=AnsibleCommands,
    more="inputFiles:\n  play.yml: |\n    - hosts: all\n      tasks: [{debug: {msg: hello}}]\n",
)
CLOUDQUERY = _commands("cloudquery.CloudQueryCLI", "cloudquery sync config.yml --log-console")
DATAFORM = _commands("dataform.cli.DataformCLI", "dataform compile")
DLT = _commands("dlt.CLI", "dlt --version")
CLICKHOUSE = _commands("jdbc.clickhouse.ClickHouseLocalCLI", 'clickhouse-local --query "SELECT 1"')
LIQUIBASE = _commands("liquibase.CLI", "liquibase --version")
MALLOY = _commands("malloy.CLI", "malloy-cli run model.malloy")
MODAL = _commands("modal.cli.ModalCLI", "modal run job.py")
OPENTOFU = _commands("opentofu.cli.OpenTofuCLI", "tofu init", "tofu apply -auto-approve", more=_MAIN_TF)
SPARK = _commands("spark.SparkCLI", "spark-submit --version")
SQLMESH = _commands("sqlmesh.cli.SQLMeshCLI", "sqlmesh plan --auto-apply")
TERRAFORM = _commands(
    "terraform.cli.TerraformCLI", "terraform init", "terraform apply -auto-approve", more=_MAIN_TF
)
TERRAGRUNT = _commands("terragrunt.cli.TerragruntCLI", "terragrunt plan")
TRIVY = _commands("trivy.cli.TrivyCLI", "trivy fs .")
DATAHUB = declared(
    "datahub.Ingestion",
    "Bring metadata into DataHub",
    Ingestion,
    "recipe:\n  source: {type: demo-data, config: {}}\n  sink: {type: console}",
)
DLT_RUN = declared(
    "dlt.Run",
    "Run a Python script with dlt",
    PythonScript,
    "dependencies: ['dlt[duckdb]']\nscript: |\n  import dlt\n  print(dlt.pipeline('orders', destination='duckdb').run([{'id': 1}], table_name='orders'))",
    run="python:run_text",
)
