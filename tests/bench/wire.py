"""A browser as small as can be: a thousand of them must leave the machine to the server."""

import asyncio
from urllib.parse import urlencode, urlsplit


class Site:
    """The server at that address, as one person sees it."""

    def __init__(self, url, cookies):
        address = urlsplit(url)
        self.host, self.port = address.hostname, address.port
        self._cookies = cookies

    async def open_stream(self, path):
        """Ask for a live stream and return its reader and writer, behind the head of the answer."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        writer.write(self._head("GET", path).encode() + b"\r\n")
        status = await _head_of(reader)
        assert status == 200, status
        return reader, writer

    async def post(self, path, data):
        """Send a form, read the whole answer and return its status."""
        body = urlencode(data).encode()
        head = self._head("POST", path)
        head += f"X-CSRFToken: {self._cookies['csrftoken']}\r\nHX-Request: true\r\n"
        head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        return await self._whole(head.encode() + b"\r\n" + body)

    async def get(self, path):
        """Read a page and return its status."""
        return await self._whole(self._head("GET", path).encode() + b"\r\n")

    def _head(self, method, path):
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        return f"{method} {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nCookie: {cookies}\r\n"

    async def _whole(self, request):
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            # The answer then ends with the connection.
            writer.write(request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
            status = await _head_of(reader)
            await reader.read()
        finally:
            writer.close()
        return status


async def _head_of(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    return int(head.split(maxsplit=2)[1])


async def frames(reader):
    """Yield (event name, id, data) of each frame of a live stream until it ends."""
    name, seq, data = "", None, None
    # Chunk sizes stand on lines of their own and look like no field; a frame is never split by a chunk's end.
    async for line in reader:
        if line.startswith(b"event: "):
            name = line[7:].strip().decode()
        elif line.startswith(b"id: "):
            seq = int(line[4:])
        elif line.startswith(b"data: "):
            data = line[6:].strip().decode()
        elif line == b"\n":
            if data is not None:  # a comment keeps the connection alive
                yield name, seq, data
            name, seq, data = "", None, None
