"""The floor: `websockets` alone sends what a datagram brings to every client, with no scope, number or buffer.

A program of its own: `python -m scripts.benchmarks.bare PORT DATAGRAM_SOCKET`.
"""

import asyncio
import socket
import sys
from http import HTTPStatus
from pathlib import Path

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.http11 import Request, Response

clients: set[ServerConnection] = set()


async def client(connection: ServerConnection) -> None:
    clients.add(connection)
    try:
        await connection.wait_closed()
    finally:
        clients.discard(connection)


def health(connection: ServerConnection, request: Request) -> Response | None:
    return connection.respond(HTTPStatus.OK, "ok") if request.path == "/healthz" else None


async def main(port: int, address: str) -> None:
    bell = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    bell.bind(address)
    asyncio.get_running_loop().add_reader(bell, lambda: broadcast(clients, bell.recv(65536).decode()))
    async with serve(client, "127.0.0.1", port, compression=None, ping_interval=None, process_request=health) as server:
        await server.serve_forever()


if __name__ == "__main__":
    Path(sys.argv[2]).unlink(missing_ok=True)
    uvloop.run(main(int(sys.argv[1]), sys.argv[2]))
