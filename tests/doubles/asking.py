"""Ways to ask the double: through the real openai client, and over raw HTTP."""

from __future__ import annotations

import http.client
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2
from openai import OpenAI

from tests.doubles.openrouter import Fault, OpenRouterDouble

A = "nvidia/nemotron-3-super-120b-a12b:free"
B = "google/gemma-4-31b-it:free"
C = "z-ai/glm-5.2:free"
START = datetime(2026, 8, 22, 8, 0, 30, tzinfo=UTC)


def client(server: OpenRouterDouble, **more: Any) -> OpenAI:
    return OpenAI(base_url=server.base_url, api_key=server.key, max_retries=0, **more)


def ask(server: OpenRouterDouble, text: str = "怎麼準備期末報告？", model: str = A, **more: Any) -> Any:
    return client(server).chat.completions.create(model=model, messages=[{"role": "user", "content": text}], **more)


def said(server: OpenRouterDouble, text: str = "怎麼準備期末報告？", **more: Any) -> str:
    return ask(server, text, **more).choices[0].message.content


def raw(server: OpenRouterDouble, **body: Any) -> tuple[http.client.HTTPResponse, http.client.HTTPConnection]:
    link = http.client.HTTPConnection("127.0.0.1", urlsplit(server.base_url).port, timeout=10)
    full = {"model": A, "messages": [{"role": "user", "content": "你好"}], **body}
    headers = {"Authorization": f"Bearer {server.key}", "Content-Type": "application/json"}
    link.request("POST", "/api/v1/chat/completions", json.dumps(full), headers)
    return link.getresponse(), link


def get(server: OpenRouterDouble, path: str, key: str | None = None) -> httpx2.Response:
    return httpx2.get(server.base_url + path, headers={"Authorization": f"Bearer {key}"} if key else {})


def ask_outcome(server: OpenRouterDouble, model: str = A) -> Fault:
    response, link = raw(server, model=model)
    response.read()
    link.close()
    return server.requests[-1].outcome
