"""``git.*``"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from toccata.plugin import Files, Properties, Secret, TaskType, Texts, WantedFiles, dynamic

_NAME = "io.kestra.plugin.git"
_RUN = "toccata.plugins.families.git.run"
_URL = "url: https://git.example.com/team/flows.git\n"
_SIGN_IN = f"{_URL}username: bot\npassword: \"{{{{ secret('GIT_TOKEN') }}}}\"\n"
_SERVER = "auth: {username: admin@kestra.io, password: \"{{ secret('SERVER_PASSWORD') }}\"}\n"


class Repository(Properties):
    """Which repository, and as whom."""

    url: str | None = dynamic(
        None, doc="address of the repository: `https://…`, `ssh://…` or `git@host:path`"
    )
    username: str | None = dynamic(None, doc="user, for HTTPS")
    password: Secret | None = dynamic(None, doc="password or token, for HTTPS")
    private_key: Secret | None = dynamic(None, doc="private key in PEM, for SSH")
    passphrase: Secret | None = dynamic(None, doc="passphrase of that key")
    trusted_ca_pem_path: str | None = dynamic(
        None, doc="file of the working directory with further certificates of authorities, in PEM"
    )
    no_proxy: bool | None = dynamic(None, doc="use no proxy, whatever the worker's environment says")
    connect_timeout: int = dynamic(10_000, doc="for SSH: milliseconds to wait for a connection", ge=1)
    read_timeout: int = dynamic(
        60_000, doc="for HTTP: milliseconds without a byte after which it fails", ge=1000
    )
    git_config: dict[str, Any] = dynamic({}, doc="settings of Git, such as `core.autocrlf: false`")


class ServerAuth(Properties):
    """Signs in to the server whose flows are meant."""

    username: str | None = dynamic(None, doc="user")
    password: Secret | None = dynamic(None, doc="password")
    api_token: Secret | None = dynamic(None, doc="token, in place of user and password")
    auto: bool = dynamic(default=True, ignored="a worker has no sign-in of its own")


class Cloning(Repository):
    kestra_url: str | None = dynamic(
        None, doc="address of the server whose flows are meant; default: this one"
    )
    clone_submodules: bool | None = dynamic(None, doc="also get the submodules")
    auth: ServerAuth | None = dynamic(None, doc="signs in to that server")


class Clone(Cloning):
    """Gets a repository into the working directory: use it in `WorkingDirectory`, whose next tasks see the files."""

    directory: str | None = dynamic(
        None, doc="folder of the working directory; default: the directory itself"
    )
    branch: str | None = dynamic(None, doc="branch; default: the one that the repository names")
    depth: int = dynamic(1, doc="commits of history; all with `commit` or `tag`", ge=1)
    commit: str | None = dynamic(None, doc="commit, by its whole hash or its beginning")
    tag: str | None = dynamic(None, doc="tag")
    clone_all_branches: bool = dynamic(default=True, doc="also get what other branches have")
    no_tags: bool = dynamic(default=False, doc="get no tags")


class Author(Properties):
    name: str | None = dynamic(None, doc="name")
    email: str | None = dynamic(None, doc="address")


class FlowFiles(Properties):
    """Flows of the server that are written into the repository."""

    enabled: bool = dynamic(default=True, doc="write flows")
    child_namespaces: bool = dynamic(default=True, doc="also those of namespaces below")
    git_directory: str = dynamic("_flows", doc="folder for them")


class Push(Cloning):
    """Commits files of the working directory, and the namespace's flows, and pushes them."""

    branch: str = dynamic(doc="branch; it is created if there is none")
    commit_message: str = dynamic(doc="text of the commit")
    directory: str | None = dynamic(
        None, doc="folder of the working directory that a task before has cloned and changed"
    )
    namespace_files: WantedFiles | None = dynamic(None, doc="files of namespaces that are written")
    flows: FlowFiles = dynamic(FlowFiles(enabled=False), doc="flows of this namespace that are written")
    input_files: Files = dynamic({}, doc="files to write: name and text, or name and URI")
    add_files_pattern: Texts = dynamic(["."], doc="what is committed: paths and globs of Git")
    author: Author = dynamic(Author(), doc="author of the commit")


class Pushing(Cloning):
    commit_message: str | None = dynamic(None, doc="text of the commit")
    dry_run: bool = dynamic(default=False, doc="only say what would change")
    author_email: str | None = dynamic(None, doc="address of the commit's author")
    author_name: str | None = dynamic(None, doc="name of the commit's author; default: `username`")
    delete: bool = dynamic(default=True, doc="remove files of the folder that are not here")
    branch: str = dynamic("main", doc="branch; it is created if there is none")


class PushFlows(Pushing):
    """Commits and pushes the flows of a namespace, one file each."""

    git_directory: str = dynamic("_flows", doc="folder of the repository")
    source_namespace: str | None = dynamic(None, doc="whose flows; default: those of this namespace")
    target_namespace: str | None = dynamic(None, doc="namespace that the files name instead")
    flows: Texts | None = dynamic(None, doc="globs of flow ids; default: all")
    include_child_namespaces: bool = dynamic(
        default=False, doc="also the flows of namespaces below, in subfolders"
    )


class PushNamespaceFiles(Pushing):
    """Commits and pushes the files of a namespace."""

    namespace: str | None = dynamic(None, doc="whose files; default: those of this namespace")
    git_directory: str = dynamic("_files", doc="folder of the repository")
    files: Texts | None = dynamic(None, doc="globs of paths; default: all")
    error_on_missing: bool = dynamic(default=False, doc="fail if no file matches")


class PushExecutionFiles(Pushing):
    """Commits and pushes files that tasks of this execution wrote."""

    git_directory: str = dynamic("_outputs", doc="folder of the repository")
    files: Texts | None = dynamic(
        None, doc="globs of files: of the working directory, otherwise of all `outputFiles` of the execution"
    )
    files_map: Files = dynamic({}, doc="names in the repository, and URIs")
    error_on_missing: bool = dynamic(default=False, doc="fail if there is no file")


class Syncing(Cloning):
    dry_run: bool = dynamic(default=False, doc="only say what would change")
    fail_on_missing_directory: bool = dynamic(
        default=True, doc="fail if the repository does not have the folder; otherwise it counts as empty"
    )
    branch: str = dynamic("main", doc="branch")
    delete: bool = dynamic(default=False, doc="delete what the repository does not have")


class SyncFlows(Syncing):
    """Makes the flows of a namespace those of a folder of the repository."""

    git_directory: str = dynamic("_flows", doc="folder of the repository")
    target_namespace: str = dynamic(doc="namespace; it takes the place of the one that the files name")
    include_child_namespaces: bool = dynamic(default=False, doc="also subfolders: each is a namespace below")
    ignore_invalid_flows: bool = dynamic(default=False, doc="leave out flows that cannot be saved")


class SyncNamespaceFiles(Syncing):
    """Makes the files of a namespace those of a folder of the repository."""

    namespace: str | None = dynamic(None, doc="whose files; default: those of this namespace")
    git_directory: str = dynamic("_files", doc="folder of the repository")


class SyncFlow(Repository):
    """Saves one flow of the repository."""

    auth: ServerAuth = dynamic(doc="signs in to the server")
    kestra_url: str | None = dynamic(None, doc="address of the server; default: this one")
    target_namespace: str = dynamic(doc="namespace; it takes the place of the one that the file names")
    flow_path: str = dynamic(doc="path of the file in the repository")
    branch: str = dynamic("main", doc="branch")
    dry_run: bool = dynamic(default=False, doc="only check the flow")


class CloneOutputs(BaseModel):
    directory: str
    """Where the files are, for scripts of the same working directory."""


class PushOutputs(BaseModel):
    commitId: str | None = None  # noqa: N815 - the name in flows
    """None if nothing changed."""


class PushedOutputs(PushOutputs):
    commitURL: str | None = None  # noqa: N815
    """Its page, on hosts that have one."""


class PushedFlows(PushedOutputs):
    flows: str
    """URI of a file with a row for each changed file: file, additions, deletions, changes."""


class PushedFiles(PushedOutputs):
    files: str
    """URI of a file with a row for each changed file: file, additions, deletions, changes."""


class SyncFlowsOutputs(BaseModel):
    flows: str
    """URI of a file with a row for each flow: gitPath, syncState, flowId, namespace, revision."""


class SyncFilesOutputs(BaseModel):
    files: str
    """URI of a file with a row for each file: gitPath, syncState, kestraPath."""


class SyncFlowOutputs(BaseModel):
    flowId: str  # noqa: N815
    namespace: str
    revision: int


def _type(
    title: str, properties: type[Properties], outputs: type[BaseModel], run: str, example: str
) -> TaskType:
    name = properties.__name__
    return TaskType(
        name=f"{_NAME}.{name}",
        title=title,
        properties=properties,
        run=f"{_RUN}.{run}",
        outputs=outputs,
        kind="heavy",
        examples=(f"id: git\ntype: {_NAME}.{name}\n{example}",),
    )


CLONE = _type("Clone a repository", Clone, CloneOutputs, "clone:run", f"{_URL}branch: main")
PUSH = _type(
    "Commit and push files",
    Push,
    PushOutputs,
    "push:run",
    f"{_SIGN_IN}branch: main\ncommitMessage: 'Add a report'\ninputFiles: {{report.txt: All is well}}",
)
PUSH_FLOWS = _type(
    "Push flows",
    PushFlows,
    PushedFlows,
    "push_flows:run",
    f"{_SIGN_IN}{_SERVER}sourceNamespace: company.team\ntargetNamespace: prod",
)
PUSH_NAMESPACE_FILES = _type(
    "Push files of a namespace",
    PushNamespaceFiles,
    PushedFiles,
    "push_files:namespace",
    f"{_SIGN_IN}namespace: company.team\nfiles: '*.py'",
)
PUSH_EXECUTION_FILES = _type(
    "Push files of an execution",
    PushExecutionFiles,
    PushedFiles,
    "push_files:execution",
    f'{_SIGN_IN}filesMap: {{report.csv: "{{{{ inputs.file }}}}"}}\ncommitMessage: Keep the report',
)
SYNC_FLOWS = _type(
    "Save flows of a repository",
    SyncFlows,
    SyncFlowsOutputs,
    "sync_flows:run",
    f"{_SIGN_IN}{_SERVER}targetNamespace: prod\ngitDirectory: _flows\ndelete: true",
)
SYNC_NAMESPACE_FILES = _type(
    "Store files of a repository",
    SyncNamespaceFiles,
    SyncFilesOutputs,
    "sync_files:run",
    f"{_SIGN_IN}namespace: company.team\ngitDirectory: _files",
)
SYNC_FLOW = _type(
    "Save one flow of a repository",
    SyncFlow,
    SyncFlowOutputs,
    "sync_flows:one",
    f"{_SIGN_IN}{_SERVER}targetNamespace: prod\nflowPath: _flows/load.yml",
)
