"""The application with a hub that has less patience and smaller buffers, so that a test need not wait for half a minute."""

from gridmap.asgi import application
from gridmap.live import hub, socket

socket.BEHIND_S = 6.0
socket.WAITING_CHARS = 64 * 1024
hub.HEARTBEAT_S = 1.0

__all__ = ["application"]
