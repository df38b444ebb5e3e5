"""The ASGI application of the reference "plain Channels groups": settings are scripts.benchmarks.layers."""

from gridmap.wsgi import application as wsgi  # isort: skip  # sets Django up before anything else is imported

from typing import Any, cast

from a2wsgi import WSGIMiddleware
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path

GROUP = "incidents"


class Grouped(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels ships no types
    async def connect(self) -> None:
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def event(self, message: dict[str, Any]) -> None:
        await self.send(text_data=message["text"])


application = ProtocolTypeRouter(
    {"http": WSGIMiddleware(cast(Any, wsgi), workers=1), "websocket": URLRouter([path("ws/live", Grouped.as_asgi())])}
)
