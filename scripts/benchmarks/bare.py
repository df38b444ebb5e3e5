"""The floor: `websockets` alone sends what a datagram brings to every client, with no scope, number or buffer.

A program of its own: `python -m scripts.benchmarks.bare PORT DATAGRAM_SOCKET`.
"""

import asyncio
import sys
from http import HTTPStatus

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


class Doorbell(asyncio.DatagramProtocol):
    def datagram_received(self, data: bytes, addr: object) -> None:
        broadcast(clients, data.decode())


async def main(port: int, address: str) -> None:
    await asyncio.get_running_loop().create_datagram_endpoint(Doorbell, local_addr=address, family=1)
    async with serve(client, "127.0.0.1", port, compression=None, ping_interval=None, process_request=health) as server:
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2]))
