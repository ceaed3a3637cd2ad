"""Which headers and parameters of webhooks are kept nowhere."""

import pytest

from services.web.core.write.withheld import NothingWithheld, Withheld

DEFAULT = Withheld()


@pytest.mark.parametrize(
    "name",
    [
        "Authorization", "Proxy-Authorization", "Cookie", "X-Hub-Signature", "X-Hub-Signature-256", "Stripe-Signature",
        "X-Slack-Signature", "X-Gitlab-Token", "X-Api-Key", "apikey", "X_API_KEY", "X-Shopify-Hmac-Sha256", "Client-Secret",
        "X-Amz-Security-Token", "X-Auth-Key",
    ],
)  # fmt: skip
def test_headers_with_credentials_are_withheld(name: str):
    assert DEFAULT.header(name.lower().encode()) == ""


@pytest.mark.parametrize(
    "name", ["access_token", "token", "api_key", "apiKey", "password", "PASSWORD", "sig", "client_secret"]
)
def test_parameters_with_credentials_are_withheld(name: str):
    assert DEFAULT.parameter(name) == ""


@pytest.mark.parametrize(
    "name",
    ["content-type", "x-github-event", "x-github-delivery", "idempotency-key", "user-agent", "x-author"],
)
def test_other_headers_are_kept(name: str):
    assert DEFAULT.header(name.encode()) == name.title()


def test_settings_keep_and_drop_more():
    own = Withheld(keep=["x-gitlab-token", " *signature* "], drop=["X-Tenant", "order_*"])
    assert own.header(b"x-gitlab-token") == "X-Gitlab-Token"
    assert own.header(b"x-hub-signature-256") == "X-Hub-Signature-256"
    assert own.header(b"x-tenant") == ""
    assert own.parameter("order_id") == ""
    assert own.parameter("order") == "order"
    assert own.header(b"cookie") == ""


def test_names_that_callers_invent_fill_no_memory():
    for number in range(10_000):
        DEFAULT.parameter(f"p{number}")
    assert len(DEFAULT._known) <= 2000


def test_what_is_only_looked_at_is_whole():
    assert NothingWithheld().header(b"authorization") == "Authorization"
