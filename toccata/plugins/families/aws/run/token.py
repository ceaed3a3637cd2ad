"""``aws.ecr.GetAuthToken`` and ``aws.auth.EksToken``: tokens, which are encrypted as outputs."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.signers import RequestSigner

from toccata.plugin import Outputs, RunContext, TaskFailed
from toccata.plugins.families.aws import compute as declared
from toccata.plugins.families.aws.run.client import connected


async def run_get_auth_token(task: declared.GetAuthToken, run: RunContext) -> Outputs:
    async with connected(task, "ecr") as aws:
        answer = await aws.call("ECR", lambda client: client.get_authorization_token())
    token = base64.b64decode(answer["authorizationData"][0]["authorizationToken"]).decode()
    return {"token": run.encrypted(token.removeprefix("AWS:"))}


async def run_eks_token(task: declared.EksToken, run: RunContext) -> Outputs:
    async with connected(task, "sts") as aws:
        url = await aws.call("EKS", _signed, task)
    token = "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")
    end = datetime.now(UTC) + timedelta(seconds=task.expiration_duration)
    return {
        "token": {
            "tokenValue": run.encrypted(token),
            "expirationTime": end.isoformat(timespec="seconds").replace("+00:00", "Z"),
        }
    }


def _signed(client: Any, task: declared.EksToken) -> str:
    """A signed question who is asking, with the cluster in it. The cluster sends it on, and so learns who came."""
    if task.region is None:
        raise TaskFailed("region: is needed")
    signer = RequestSigner(
        client.meta.service_model.service_id,
        task.region,
        "sts",
        "v4",
        client._request_signer._credentials,  # noqa: SLF001 - the client has no other way
        client.meta.events,
    )
    return str(
        signer.generate_presigned_url(
            {
                "method": "GET",
                "url": f"https://sts.{task.region}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15",
                "body": {},
                "headers": {"x-k8s-aws-id": task.cluster_name},
                "context": {},
            },
            region_name=task.region,
            expires_in=task.expiration_duration,
            operation_name="",
        )
    )
