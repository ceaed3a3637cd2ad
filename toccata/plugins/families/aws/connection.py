"""How tasks reach Amazon."""

from __future__ import annotations

from toccata.plugin import Duration, Properties, Secret, dynamic

SIGN_IN = "region: eu-central-1\naccessKeyId: \"{{ secret('AWS_KEY_ID') }}\"\nsecretKeyId: \"{{ secret('AWS_KEY') }}\"\n"
"""What examples begin with."""
_CHAIN = "without it, what the worker has: environment, profile, or the role of its container or machine"


class Connection(Properties):
    """Which service is called, and as whom."""

    region: str | None = dynamic(None, doc="region, such as `eu-central-1`")
    endpoint_override: str | None = dynamic(None, doc="address of a service that is not Amazon's")
    compatibility_mode: bool = dynamic(
        default=False, doc="send and expect no checksums that only Amazon's service knows"
    )
    force_path_style: bool = dynamic(
        default=False, doc="the bucket is part of the path, and not of the host's name"
    )
    access_key_id: str | None = dynamic(None, doc=f"id of the access key; {_CHAIN}")
    secret_key_id: Secret | None = dynamic(None, doc="the access key")
    session_token: Secret | None = dynamic(None, doc="token of a temporary access key")
    sts_role_arn: str | None = dynamic(None, doc="role that is taken on for the task")
    sts_role_external_id: str | None = dynamic(None, doc="id that the owner of the role asks for")
    sts_role_session_name: str | None = dynamic(None, doc="name under which the role is used")
    sts_endpoint_override: str | None = dynamic(None, doc="address of the service that gives roles")
    sts_role_session_duration: Duration = dynamic(
        "PT15M", doc="how long the role is taken on", validate_default=True
    )
