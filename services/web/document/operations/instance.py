"""The instance: sign-in, configuration, types, health and metrics."""

from __future__ import annotations

from services.web.document.operation import (
    Answer,
    Body,
    Content,
    Operation,
    Tag,
    file_answer,
    json_answer,
    json_body,
)
from services.web.document.schema.base import JsonMap, Page
from services.web.document.schema.instance import (
    ApiToken,
    Configuration,
    Empty,
    ExpressionFunction,
    Health,
    Icon,
    InputKind,
    NewCredentials,
    NewToken,
    OneIcon,
    PluginGroup,
    PluginManifest,
    SignedIn,
    SignIn,
    SignInState,
    TokenWanted,
    TriggerKind,
    TypeDocumentation,
    TypeVersions,
    Usage,
)

_SIGN_IN = Body(
    (Content("application/json", SignIn), Content("multipart/form-data", SignIn)), "user name and password"
)
INSTANCE_TAG = Tag(
    "Instance",
    "Sign-in, configuration and health.",
    {
        ("GET", "/api/v1/configs"): Operation(
            "configuration", "Configuration", json_answer(Configuration, "What clients need to know"), open=True,
        ),
        ("GET", "/api/v1/configs/login"): Operation(
            "configurationOfSignIn", "Whether the instance has a sign-in", json_answer(SignInState, "It always has one"), open=True,
        ),
        ("GET", "/api/v1/basicAuthValidationErrors"): Operation(
            "basicAuthValidationErrors", "Errors of the configured sign-in", json_answer(list[str], "Always empty, because web does not start with a wrong sign-in"),
        ),
        ("POST", "/api/v1/main/basicAuth"): Operation(
            "createBasicAuth", "Change the sign-in",
            (Answer((), "Never happens, because the sign-in comes from the settings", 204),), "Always answers 409.",
            json_body(NewCredentials, "the new ones"), errors=(409,),
        ),
        ("POST", "/api/v1/login"): Operation(
            "login", "Sign in and get the cookies", json_answer(SignedIn, "Signed in"), "", _SIGN_IN, errors=(400, 401, 422, 429), open=True,
        ),
        ("POST", "/api/v1/logout"): Operation("logout", "End the session everywhere, and remove the cookies", json_answer(Empty, "Signed out")),
        ("GET", "/health"): Operation(
            "health", "Health",
            (
                *json_answer(Health, "Everything works"),
                Answer((Content("application/json", Health),), "Something is down", 503),
            ),
            "A server that does not answer is noticed within three seconds.",
            open=True,
        ),
        ("GET", "/api/v1/main/usages/all"): Operation(
            "allUsages", "How much is there", json_answer(Usage, "Numbers of flows, tasks, triggers and executions"),
        ),
        ("GET", "/api/v1/main/usages"): Operation(
            "usages", "How much is there, as of the tenant", json_answer(Usage, "The same, because there is one tenant"),
        ),
        ("GET", "/prometheus"): Operation(
            "prometheus", "Metrics of this process for Prometheus", file_answer("text/plain", "Prometheus' text format"),
            "The health port of each service shows the same without a sign-in.",
        ),
    },
)  # fmt: skip

TOKENS_TAG = Tag(
    "Tokens",
    "API tokens, for the header `Authorization: Bearer`. Only who signs in with the password makes and revokes them.",
    {
        ("GET", "/api/v1/main/x/tokens"): Operation(
            "listTokens", "All tokens", json_answer(Page[ApiToken], "By age; expired ones stay for a month"),
        ),
        ("POST", "/api/v1/main/x/tokens"): Operation(
            "createToken", "Make a token", json_answer(NewToken, "The token, which is shown this once"), "",
            json_body(TokenWanted, "what it may do, and for how long"), errors=(409, 422),
        ),
        ("DELETE", "/api/v1/main/x/tokens/{token_id}"): Operation(
            "revokeToken", "Revoke a token", (Answer((), "Revoked, on all replicas", 204),), errors=(404,),
        ),
    },
)  # fmt: skip

PLUGINS_TAG = Tag(
    "Plugins",
    "Types that flows may use.",
    {
        ("GET", "/api/v1/plugins"): Operation(
            "listPlugins", "All types by group", json_answer(Page[PluginGroup], "The groups"),
        ),
        ("GET", "/api/v1/pebble/functions"): Operation(
            "pebbleFunctions", "Functions of expressions", json_answer(list[ExpressionFunction], "By name"),
        ),
        ("GET", "/api/v1/pebble/filters"): Operation(
            "pebbleFilters", "Filters of expressions", json_answer(list[str], "Their names"),
        ),
        ("GET", "/api/v1/plugins/groups/subgroups"): Operation(
            "listPluginsBySubgroups", "All types, by their group, as a list", json_answer(list[PluginGroup], "The groups"),
        ),
        ("GET", "/api/v1/plugins/triggers"): Operation(
            "pluginTriggers", "Types of triggers", json_answer(Page[TriggerKind], "All of them"),
        ),
        ("GET", "/api/v1/plugins/inputs"): Operation(
            "pluginInputTypes", "Types that inputs may have", json_answer(list[InputKind], "All of them"),
        ),
        ("GET", "/api/v1/plugins/inputs/{type}"): Operation(
            "pluginInputSchema", "Documentation and schema of a type of inputs",
            json_answer(TypeDocumentation, "As Markdown and as JSON Schema"), errors=(404,),
        ),
        ("GET", "/api/v1/plugins/schemas/{type}"): Operation(
            "schemasFromType", "JSON Schema of flows, tasks or triggers",
            json_answer(JsonMap, "Draft 7, with a definition for each type of the catalog"), errors=(404,),
        ),
        ("GET", "/api/v1/plugins/properties/{type}"): Operation(
            "propertiesFromType", "JSON Schema of the keys of flows, or of those that all tasks or triggers have",
            json_answer(JsonMap, "Draft 7"), errors=(404,),
        ),
        ("GET", "/api/v1/plugins/icons"): Operation(
            "pluginIcons", "Icons of all types", json_answer(dict[str, Icon], "By type: a letter in the colour of the group"),
        ),
        ("GET", "/api/v1/plugins/icons/groups"): Operation(
            "pluginGroupIcons", "Icons of all groups of types", json_answer(dict[str, Icon], "By group"),
        ),
        ("GET", "/api/v1/plugins/icons/{cls}"): Operation(
            "pluginIcon", "Icon of a type", json_answer(OneIcon, "The icon"), errors=(404,),
        ),
        ("GET", "/api/v1/plugins/icons/{cls}/icon.svg"): Operation(
            "pluginIconSvg", "Icon of a type as SVG", file_answer("image/svg+xml", "The icon"), errors=(404,),
        ),
        ("GET", "/api/v1/plugins/{cls}/versions"): Operation(
            "pluginVersions", "Versions of a type", json_answer(TypeVersions, "The installed one"), errors=(404,),
        ),
        ("GET", "/api/v1/plugins/{cls}/versions/{version}"): Operation(
            "pluginDocumentationFromVersion", "Documentation and schema of a type, in one version",
            json_answer(TypeDocumentation, "As Markdown and as JSON Schema"), errors=(404,),
        ),
        ("POST", "/api/v1/plugins/pluginUiManifest"): Operation(
            "pluginUiManifest", "Parts of pages that types bring", json_answer(PluginManifest, "None"), "",
            json_body(list[JsonMap], "types, each with `cls`"), errors=(422,),
        ),
        ("GET", "/api/v1/plugins/{group}/pluginUi/{path}"): Operation(
            "pluginUi", "A file of a page that a type brings", file_answer("application/octet-stream", "Never happens, because no type brings one"),
            errors=(404,),
        ),
        ("POST", "/api/v1/plugins/auto-install/detect"): Operation(
            "detectMissingPlugins", "Types of a flow that are not here", json_answer(dict[str, list[str]], "By type; where its package is, nobody knows"),
            "", Body((Content("text/plain"),), "the source of a flow"), errors=(422,),
        ),
        ("POST", "/api/v1/plugins/install"): Operation(
            "installPlugins", "Install packages", json_answer(JsonMap, "Never happens"),
            "Always answers 409: packages are installed where the services run.", json_body(list[JsonMap], "packages"), errors=(409,),
        ),
        ("GET", "/api/v1/plugins/install/{job}"): Operation(
            "pluginInstallJob", "An installation of packages", json_answer(JsonMap, "Never happens"), errors=(404,),
        ),
        ("GET", "/api/v1/plugins/{cls}"): Operation(
            "pluginDocumentation", "Documentation and schema of a type", json_answer(TypeDocumentation, "As Markdown and as JSON Schema"),
            errors=(404,),
        ),
    },
)  # fmt: skip
