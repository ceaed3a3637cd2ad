"""A server that speaks the protocols of all providers. It answers with what it was told to say, and embeds words by counting."""

from __future__ import annotations

from typing import Any

from tests.support.http_server import Give, Got

TOPICS = ("kafka", "order", "cat", "dog")


def vector(text: str) -> list[float]:
    """How often each topic is named: texts about the same things are near to each other."""
    return [1.0 + 10 * text.lower().count(topic) for topic in TOPICS]


class Models:
    def __init__(self, *says: str, finish: str = "stop") -> None:
        self.says = list(says)
        self.finish = finish
        self.asked: list[Any] = []

    def __call__(self, got: Got) -> Give:
        body: Any = got.json()
        self.asked.append(body)
        path = got.path
        if path.endswith(":batchEmbedContents"):
            texts = [each["content"]["parts"][0]["text"] for each in body["requests"]]
            return Give(body={"embeddings": [{"values": vector(text)} for text in texts]})
        if path.endswith("/embeddings"):
            data = [{"index": n, "embedding": vector(text)} for n, text in enumerate(body["input"])]
            return Give(body={"data": data[::-1], "usage": {"total_tokens": 7}})
        if path.endswith("/api/embed"):
            return Give(body={"embeddings": [vector(text) for text in body["input"]], "prompt_eval_count": 5})
        return Give(body=self._said(path))

    def _said(self, path: str) -> Any:
        text = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        if path.endswith(":generateContent"):
            reason = {"stop": "STOP", "length": "MAX_TOKENS", "refused": "SAFETY"}[self.finish]
            parts = [{"text": "hm", "thought": True}, {"text": text}] if text else []
            usage = {"promptTokenCount": 3, "candidatesTokenCount": 4, "totalTokenCount": 7}
            return {
                "candidates": [{"content": {"parts": parts}, "finishReason": reason}],
                "usageMetadata": usage,
            }
        if path.endswith("/v1/messages"):
            reason = {"stop": "end_turn", "length": "max_tokens", "refused": "refusal"}[self.finish]
            blocks = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": text}]
            return {
                "content": blocks,
                "stop_reason": reason,
                "usage": {"input_tokens": 3, "output_tokens": 4},
            }
        if path.endswith("/api/chat"):
            message = {"role": "assistant", "content": text, "thinking": "hm"}
            return {"message": message, "done_reason": self.finish, "prompt_eval_count": 3, "eval_count": 4}
        reason = {"stop": "stop", "length": "length", "refused": "content_filter"}[self.finish]
        message = {"role": "assistant", "content": text, "reasoning_content": "hm"}
        usage = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
        choice = {"index": 0, "message": message, "finish_reason": reason}
        return {"id": "c1", "object": "chat.completion", "model": "m", "choices": [choice], "usage": usage}
