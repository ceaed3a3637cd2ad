"""Command lines of services that need a sign-in. Secrets go into the environment or a file, and never into a command line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import Literal

from toccata.plugin import Duration, Secret, dynamic
from toccata.plugins.families.scripts.tools import ToolCommands, ToolTask, declared

_CHAIN = "without it, what the program finds by itself"


def _given(values: Mapping[str, Secret | str | None]) -> dict[str, str]:
    return {
        name: value if isinstance(value, str) else value.get_secret_value()
        for name, value in values.items()
        if value is not None
    }


class AwsCommands(ToolCommands):
    """Runs command lines of Amazon's program in one shell, with the sign-in in its environment."""

    region: str | None = dynamic(None, doc="region, such as `eu-central-1`")
    endpoint_override: str | None = dynamic(None, doc="address of a service that is not Amazon's")
    access_key_id: str | None = dynamic(None, doc=f"id of the access key; {_CHAIN}")
    secret_key_id: Secret | None = dynamic(None, doc="the access key")
    session_token: Secret | None = dynamic(None, doc="token of a temporary access key")
    output_format: Literal["JSON", "TEXT", "TABLE", "YAML"] = dynamic("JSON", doc="form of what it prints")
    compatibility_mode: bool = dynamic(default=False, ignored="the program has its own settings")
    force_path_style: bool = dynamic(default=False, ignored="the program has its own settings")
    sts_role_arn: str | None = dynamic(None, doc="role that is taken on, by the program itself")
    sts_role_external_id: str | None = dynamic(None, doc="id that the owner of the role asks for")
    sts_role_session_name: str | None = dynamic(None, doc="name under which the role is used")
    sts_endpoint_override: str | None = dynamic(None, doc="address of the service that gives roles")
    sts_role_session_duration: Duration = dynamic(
        "PT15M", doc="how long the role is taken on", validate_default=True
    )
    sts_credential_source: Literal["ENVIRONMENT", "EC2_INSTANCE_METADATA", "ECS_CONTAINER"] | None = dynamic(
        None, doc="whose the role is taken on as, without an access key"
    )

    def environment(self, private: Path) -> dict[str, str]:
        found = {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_key_id,
            "AWS_SESSION_TOKEN": self.session_token,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ENDPOINT_URL": self.endpoint_override,
            "AWS_ENDPOINT_URL_STS": self.sts_endpoint_override,
            "AWS_DEFAULT_OUTPUT": self.output_format.lower(),
        }
        if self.sts_role_arn is not None:
            # With a key in the environment the program takes on no role, so the key is in the same file as the role.
            found = {name: value for name, value in found.items() if not name.startswith("AWS_A")}
            del found["AWS_SECRET_ACCESS_KEY"], found["AWS_SESSION_TOKEN"]
            found |= {"AWS_CONFIG_FILE": str(private / "aws"), "AWS_PROFILE": "task"}
        return _given(found)

    def private_files(self) -> Mapping[str, str]:
        if self.sts_role_arn is None:
            return {}
        keys = _given(
            {
                "aws_access_key_id": self.access_key_id,
                "aws_secret_access_key": self.secret_key_id,
                "aws_session_token": self.session_token,
            }
        )
        sources = {"ENVIRONMENT": "Environment", "EC2_INSTANCE_METADATA": "Ec2InstanceMetadata"}
        source = sources.get(self.sts_credential_source or "", "EcsContainer")
        role = _given(
            {
                "role_arn": self.sts_role_arn,
                "role_session_name": self.sts_role_session_name,
                "external_id": self.sts_role_external_id,
            }
        )
        role["duration_seconds"] = str(int(self.sts_role_session_duration.total_seconds()))
        role |= {"source_profile": "own"} if keys else {"credential_source": source}
        return {"aws": _ini("profile own", keys) + _ini("profile task", role)}


def _ini(section: str, values: Mapping[str, str]) -> str:
    return f"[{section}]\n" + "".join(f"{name} = {value}\n" for name, value in values.items())


class GoogleCommands(ToolCommands):
    """Runs command lines of `gcloud` in one shell."""

    project_id: str | None = dynamic(None, doc="the project")
    service_account: Secret | None = dynamic(None, doc=f"key of a service account, as text in JSON; {_CHAIN}")

    def environment(self, private: Path) -> dict[str, str]:
        key = None if self.service_account is None else str(private / "google.json")
        return _given(
            {
                "CLOUDSDK_CORE_PROJECT": self.project_id,
                "GOOGLE_APPLICATION_CREDENTIALS": key,
                "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE": key,
            }
        )

    def private_files(self) -> Mapping[str, str]:
        return _given({"google.json": self.service_account})


class AzureCommands(ToolCommands):
    """Runs command lines of `az` in one shell, after a sign-in."""

    username: str | None = dynamic(None, doc="who signs in; with `servicePrincipal`, its id")
    password: Secret | None = dynamic(None, doc="their password")
    tenant: str | None = dynamic(None, doc="the tenant")
    service_principal: bool = dynamic(default=False, doc="sign in as a service")

    def lines(self) -> list[str]:
        if self.username is None:
            return self.commands
        words = [
            "az login --output none --username",
            quote(self.username),
            '--password @"$AZURE_PASSWORD_FILE"',
        ]
        words += ["--service-principal"] if self.service_principal else []
        words += ["--tenant", quote(self.tenant)] if self.tenant else []
        return [" ".join(words), *self.commands]

    def environment(self, private: Path) -> dict[str, str]:
        return {"AZURE_CONFIG_DIR": str(private), "AZURE_PASSWORD_FILE": str(private / "password")}

    def private_files(self) -> Mapping[str, str]:
        return _given({"password": self.password})


class SnowflakeCommands(ToolCommands):
    """Runs command lines of `snow` in one shell."""

    account: str = dynamic(doc="the account")
    username: str = dynamic(doc="who signs in")
    password: Secret | None = dynamic(None, doc="their password")
    private_key: Secret | None = dynamic(None, doc="their private key, in place of a password")
    private_key_password: Secret | None = dynamic(None, doc="password of that key")

    def environment(self, private: Path) -> dict[str, str]:
        key = (
            {}
            if self.private_key is None
            else {
                "SNOWFLAKE_PRIVATE_KEY_FILE": str(private / "snowflake.p8"),
                "SNOWFLAKE_AUTHENTICATOR": "SNOWFLAKE_JWT",
            }
        )
        return _given(
            {
                "SNOWFLAKE_ACCOUNT": self.account,
                "SNOWFLAKE_USER": self.username,
                "SNOWFLAKE_PASSWORD": self.password,
                "PRIVATE_KEY_PASSPHRASE": self.private_key_password,
                **key,
            }
        )

    def private_files(self) -> Mapping[str, str]:
        return _given({"snowflake.p8": self.private_key})


class DatabricksCommands(ToolCommands):
    """Runs command lines of `databricks` in one shell."""

    databricks_host: str = dynamic(doc="address of the workspace")
    databricks_token: Secret | None = dynamic(None, doc="token of a person")
    client_id: str | None = dynamic(None, doc="id of a service, in place of a token")
    client_secret: Secret | None = dynamic(None, doc="its secret")

    def environment(self, private: Path) -> dict[str, str]:
        del private
        return _given(
            {
                "DATABRICKS_HOST": self.databricks_host,
                "DATABRICKS_TOKEN": self.databricks_token,
                "DATABRICKS_CLIENT_ID": self.client_id,
                "DATABRICKS_CLIENT_SECRET": self.client_secret,
            }
        )


class RedisCommands(ToolCommands):
    """Sends commands to a server of Redis, each with a program of its own."""

    host: str = dynamic(doc="host of the server")
    port: int = dynamic(6379, doc="its port")
    database: int = dynamic(0, doc="number of the database")
    username: str | None = dynamic(None, doc="who signs in")
    password: Secret | None = dynamic(None, doc="their password")
    tls: bool = dynamic(default=False, doc="encrypt the connection")
    json_output: bool = dynamic(default=False, doc="print answers as JSON")

    def lines(self) -> list[str]:
        words = ["redis-cli", "-h", quote(self.host), "-p", str(self.port), "-n", str(self.database)]
        words += ["--user", quote(self.username)] if self.username else []
        words += ["--tls"] if self.tls else []
        words += ["--json"] if self.json_output else []
        return [" ".join([*words, each]) for each in self.commands]

    def environment(self, private: Path) -> dict[str, str]:
        del private
        return _given({"REDISCLI_AUTH": self.password})


class Diff(ToolTask):
    """Compares two databases with Liquibase."""

    url: str = dynamic(doc="JDBC URL of the database that is looked at")
    reference_url: str = dynamic(doc="JDBC URL of the database that it should be like")
    username: str | None = dynamic(None, doc="who signs in")
    password: Secret | None = dynamic(None, doc="their password")
    reference_username: str | None = dynamic(None, doc="who signs in at the reference")
    reference_password: Secret | None = dynamic(None, doc="their password")
    changelog_file: str | None = dynamic(None, doc="file that gets the differences as changes")
    commands: list[str] = dynamic([], doc="further lines, after that")

    def lines(self) -> list[str]:
        file = self.changelog_file
        first = (
            "liquibase diff" if file is None else f"liquibase diff-changelog --changelog-file={quote(file)}"
        )
        return [first, *self.commands]

    def environment(self, private: Path) -> dict[str, str]:
        del private
        found = {
            "URL": self.url,
            "USERNAME": self.username,
            "PASSWORD": self.password,
            "REFERENCE_URL": self.reference_url,
            "REFERENCE_USERNAME": self.reference_username,
            "REFERENCE_PASSWORD": self.reference_password,
        }
        return _given({f"LIQUIBASE_COMMAND_{name}": value for name, value in found.items()})


AWS = declared(
    "aws.cli.AwsCLI",
    "Run commands of AWS",
    AwsCommands,
    "region: eu-central-1\naccessKeyId: \"{{ secret('AWS_KEY_ID') }}\"\nsecretKeyId: \"{{ secret('AWS_KEY') }}\"\ncommands: [aws s3 ls]",
)
AZURE = declared(
    "azure.cli.AzCLI",
    "Run commands of Azure",
    AzureCommands,
    "username: bot\npassword: \"{{ secret('AZURE') }}\"\ntenant: shop\nservicePrincipal: true\ncommands: [az group list]",
)
DATABRICKS = declared(
    "databricks.cli.DatabricksCLI",
    "Run commands of Databricks",
    DatabricksCommands,
    "databricksHost: https://shop.cloud.databricks.com\ndatabricksToken: \"{{ secret('DATABRICKS') }}\"\ncommands: [databricks jobs list]",
)
GCLOUD = declared(
    "gcp.cli.GCloudCLI",
    "Run commands of Google Cloud",
    GoogleCommands,
    "projectId: trips\nserviceAccount: \"{{ secret('GCP_CREDS') }}\"\ncommands: [gcloud storage ls]",
)
SNOWFLAKE = declared(
    "jdbc.snowflake.SnowflakeCLI",
    "Run commands of Snowflake",
    SnowflakeCommands,
    "account: shop\nusername: bot\npassword: \"{{ secret('SNOWFLAKE') }}\"\ncommands: [snow sql -x -q 'SELECT 1']",
)
LIQUIBASE_DIFF = declared(
    "liquibase.Diff",
    "Compare two databases with Liquibase",
    Diff,
    "url: jdbc:postgresql://new/shop\nreferenceUrl: jdbc:postgresql://old/shop\nusername: bot\npassword: \"{{ secret('DB') }}\"",
)
REDIS = declared(
    "redis.cli.RedisCLI",
    "Send commands to Redis",
    RedisCommands,
    "host: localhost\npassword: \"{{ secret('REDIS') }}\"\ncommands: [SET town Berlin, GET town]",
)
