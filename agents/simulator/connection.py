"""HTTP/1.1 on asyncio streams, low enough to be broken on purpose."""

import asyncio
import socket
import struct
from dataclasses import dataclass

import h11

MAX_BODY_BYTES = 32 * 1024 * 1024
_READ_BYTES = 64 * 1024


@dataclass(frozen=True)
class Request:
    """One HTTP request. path: without query; headers: lower-case names; too_large: body dropped."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    too_large: bool = False


class Reply:
    """The way to answer one request, properly or not."""

    def __init__(self, connection, reader, writer):
        self._connection = connection
        self._reader = reader
        self._writer = writer
        self.started = False

    async def head(self, status, headers):
        self.started = True
        # h11 frames the body as chunks when there is no content-length.
        await self._send(h11.Response(status_code=status, headers=headers))

    async def data(self, data):
        await self._send(h11.Data(data=data))

    async def end(self):
        await self._send(h11.EndOfMessage())

    async def whole(self, status, headers, body):
        """Send a complete answer."""
        await self.head(status, [*headers, ("content-length", str(len(body)))])
        await self.data(body)
        await self.end()

    async def raw(self, data):
        """Send bytes without any framing."""
        self._writer.write(data)
        await self._writer.drain()

    def reset(self):
        """Close with RST, so the client sees a reset instead of an end."""
        link = self._writer.get_extra_info("socket")
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def until_client_leaves(self):
        """Wait, without an answer, until the client closes its side."""
        while await self._reader.read(_READ_BYTES):
            pass

    async def _send(self, event):
        await self.raw(self._connection.send(event) or b"")


async def converse(reader, writer, answer):
    """Serve one connection: `await answer(request, reply)` for each request, with keep-alive.

    A reply that was left unfinished ends the connection.
    """
    link = writer.get_extra_info("socket")
    # Without it a small last packet waits for an acknowledgement: 40 ms more a request.
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        connection = h11.Connection(h11.SERVER)
        while request := await _next_request(connection, reader):
            await answer(request, Reply(connection, reader, writer))
            if connection.our_state is not h11.DONE:
                return
            connection.start_next_cycle()
    except (ConnectionError, h11.RemoteProtocolError):
        # The client left, or does not speak HTTP.
        return
    except asyncio.CancelledError:
        writer.transport.abort()
        raise
    finally:
        writer.close()


async def _next_request(connection, reader):
    head, parts, size = None, [], 0
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_READ_BYTES))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            size += len(event.data)
            if size <= MAX_BODY_BYTES:
                parts.append(bytes(event.data))
        elif isinstance(event, h11.EndOfMessage):
            path, _, query = head.target.decode("ascii").partition("?")
            return Request(
                method=head.method.decode("ascii"),
                path=path,
                query=query,
                headers={name.decode(): value.decode("latin-1") for name, value in head.headers},
                body=b"".join(parts),
                too_large=size > MAX_BODY_BYTES,
            )
        else:
            return None
