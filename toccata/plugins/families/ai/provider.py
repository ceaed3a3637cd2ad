"""The component ``provider`` of the tasks: which providers there are, and what each of them needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from pydantic import model_validator

from toccata.plugin import Properties, Secret, static

PREFIX = "io.kestra.plugin."
Protocol = Literal["gemini", "openai", "anthropic", "ollama"]


@dataclass(frozen=True, slots=True)
class Kind:
    protocol: Protocol
    url: str = ""
    """Where it is. Names in braces are properties."""
    needs: tuple[str, ...] = ("apiKey",)


KINDS: Mapping[str, Kind] = {
    "Anthropic": Kind("anthropic", "https://api.anthropic.com"),
    "AzureOpenAI": Kind("openai", "{endpoint}/openai/deployments/{modelName}", ("endpoint", "apiKey")),
    "DashScope": Kind("openai", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"),
    "DeepSeek": Kind("openai", "https://api.deepseek.com/v1"),
    "DockerModel": Kind("openai", "http://localhost:12434/engines/v1", ()),
    "GitHubModels": Kind("openai", "https://models.github.ai/inference", ("gitHubToken",)),
    "GoogleGemini": Kind("gemini", "https://generativelanguage.googleapis.com"),
    "HuggingFace": Kind("openai", "https://router.huggingface.co/v1"),
    "LocalAI": Kind("openai", "{baseUrl}", ("baseUrl",)),
    "MistralAI": Kind("openai", "https://api.mistral.ai/v1"),
    "Ollama": Kind("ollama", "{endpoint}", ("endpoint",)),
    "OpenAI": Kind("openai", "https://api.openai.com/v1"),
    "OpenRouter": Kind("openai", "https://openrouter.ai/api/v1"),
    "WorkersAI": Kind(
        "openai", "https://api.cloudflare.com/client/v4/accounts/{accountId}/ai/v1", ("apiKey", "accountId")
    ),
    "ZhiPuAI": Kind("openai", "https://open.bigmodel.cn/api/paas/v4"),
}


class Provider(Properties):
    """Who answers: `io.kestra.plugin.ai.provider.` with Anthropic, AzureOpenAI, DashScope, DeepSeek, DockerModel, GitHubModels,
    GoogleGemini, HuggingFace, LocalAI, MistralAI, Ollama, OpenAI, OpenRouter, WorkersAI or ZhiPuAI."""

    type: str = static(doc="the provider")
    model_name: str = static(doc="the model", min_length=1)
    api_key: Secret | None = static(None, doc="the key")
    base_url: str | None = static(None, doc="address in place of the provider's own")
    endpoint: str | None = static(None, doc="address; for Ollama and AzureOpenAI")
    git_hub_token: Secret | None = static(None, doc="token; for GitHubModels")
    account_id: str | None = static(None, doc="account; for WorkersAI")
    service_version: str | None = static(None, doc="version of the API; for AzureOpenAI")
    max_tokens: int | None = static(None, doc="most tokens of an answer", ge=1)

    @model_validator(mode="after")
    def _complete(self) -> Provider:
        name = self.type.rpartition(".")[2]
        package = self.type.removesuffix(name)
        if package not in {f"{PREFIX}ai.provider.", f"{PREFIX}langchain4j.provider."} or name not in KINDS:
            near = get_close_matches(name, KINDS, 1, 0.4)
            hint = f" Did you mean `{PREFIX}ai.provider.{near[0]}`?" if near else ""
            raise ValueError(f"there is no provider `{self.type}` here.{hint} There are {', '.join(KINDS)}")
        given = {key for key, value in self.model_dump(by_alias=True).items() if value is not None}
        missing = [each for each in KINDS[name].needs if each not in given]
        if missing:
            raise ValueError(f"`{missing[0]}` is needed for {name}")
        return self

    @property
    def kind(self) -> Kind:
        return KINDS[self.type.rpartition(".")[2]]

    @property
    def key(self) -> str:
        secret = self.git_hub_token or self.api_key
        return secret.get_secret_value() if secret else ""

    @property
    def url(self) -> str:
        """Without a slash at its end."""
        if self.base_url:
            return self.base_url.rstrip("/")
        places = {
            "endpoint": (self.endpoint or "").rstrip("/"),
            "baseUrl": "",
            "accountId": self.account_id or "",
            "modelName": self.model_name,
        }
        return self.kind.url.format(**places)


def named(name: str, model: str, key: str, url: str | None = None) -> Provider:
    """For tasks that have only one provider."""
    written = {"type": f"{PREFIX}ai.provider.{name}", "modelName": model, "apiKey": key, "baseUrl": url}
    return Provider.model_validate({k: v for k, v in written.items() if v is not None}, by_alias=True)
