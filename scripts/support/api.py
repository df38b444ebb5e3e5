"""A program at the HTTP API: a bearer token, one base address, writes that are sent until they are answered."""

import asyncio
import logging
import random
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any, cast

import httpx

logging.getLogger("httpx").setLevel(logging.WARNING)  # a line per request is too much
sys.modules.setdefault("sniffio", cast(ModuleType, None))  # else httpcore looks for it on disk at every request
LATER = frozenset({408, 425, 429, 500, 502, 503, 504})  # not an answer to what was asked: ask again


class RefusedError(Exception):
    """The server answered, and the answer is no."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body

    @property
    def code(self) -> str:
        """The machine-readable code of the error, "" if the answer had none."""
        return str(self.body.get("code", "")) if isinstance(self.body, dict) else ""


class Api:
    """Calls as one user. `retry` says whether calls are repeated until they are answered: writes carry their id."""

    def __init__(self, url: str, token: str, *, client: httpx.AsyncClient, retry: bool = True) -> None:
        self.url = f"{url}/api"
        self.headers = {"Authorization": f"Bearer {token}"}
        self.client = client
        self.retry = retry
        self.retried = 0

    async def get(self, path: str, **params: Any) -> Any:
        return await self._call("GET", path, params=params)

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        return await self._call("POST", path, json=body)

    async def upload(self, path: str, fields: Mapping[str, str], jpeg: bytes) -> Any:
        return await self._call("POST", path, data=fields, files={"file": ("photo.jpg", jpeg, "image/jpeg")})

    async def _call(self, method: str, path: str, **what: Any) -> Any:
        """The body of the answer; RefusedError for a no, after as many tries as an answer takes."""
        pause = 0.1
        while True:
            try:
                answer = await self.client.request(method, self.url + path, headers=self.headers, **what)
                if answer.status_code not in LATER:
                    return _body(answer)
                failed: Exception = RefusedError(answer.status_code, answer.text[:300])
            except httpx.TransportError as broken:
                failed = broken
            if not self.retry:
                raise failed
            self.retried += 1
            await asyncio.sleep(random.uniform(0, pause))  # noqa: S311  # spreads the load, protects nothing
            pause = min(2.0, pause * 2)


def _body(answer: httpx.Response) -> Any:
    body = answer.json() if answer.content and "json" in answer.headers.get("content-type", "") else None
    if answer.is_error:
        raise RefusedError(answer.status_code, body or answer.text[:300])
    return body


def new_client(*, connections: int = 20, seconds: float = 10) -> httpx.AsyncClient:
    """A pool of connections; the environment's proxies are left alone."""
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    return httpx.AsyncClient(limits=limits, timeout=seconds, trust_env=False)
