"""One server, one port: HTTP in a fixed pool of threads, each with its own database connection; sockets on Channels."""

from typing import Any, cast

from gridmap.wsgi import application as wsgi  # isort: skip  # sets Django up before anything else is imported

from a2wsgi import WSGIMiddleware
from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.conf import settings
from django.urls import path

from gridmap import body
from gridmap.http import TokenAuthMiddleware, bearer_of
from gridmap.live.consumer import LiveConsumer

http: Any = WSGIMiddleware(cast(Any, wsgi), workers=settings.HTTP_THREADS)  # two typings of one protocol
sockets = URLRouter([path("ws/live", LiveConsumer.as_asgi())])
of_browsers = AllowedHostsOriginValidator(AuthMiddlewareStack(sockets))
of_programs = TokenAuthMiddleware(sockets)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Route by kind of connection; a socket with a bearer token is a program's and has no origin to check."""
    if scope["type"] == "http":
        try:
            whole = await body.collect(receive)
        except body.TooLargeError:
            await body.refuse(scope, send)
        except body.GoneError:
            return
        else:
            await http(scope, whole, send)
    elif scope["type"] == "websocket":
        # The hub sends past all middleware, so the server's own `send` goes along.
        await (of_programs if bearer_of(scope) else of_browsers)({**scope, "gridmap.send": send}, receive, send)
