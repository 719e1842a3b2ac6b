"""The only door to other servers: guarded HTTP, for the provider's SDK and for single questions.

The guard keeps requests on the one host a client was made for, refuses addresses that are not public, pins
the checked address (no second look-up between check and connect), and cuts off answers that grow too large.
"""

import asyncio
import functools
import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx2
from django.conf import settings

CONNECT_SECONDS = 5
READ_SECONDS = 60
MAX_ANSWER_BYTES = 4 * 1024 * 1024
RESOLVER_THREADS = 4
LIMITS = httpx2.Limits(max_connections=1000, max_keepalive_connections=100, keepalive_expiry=30)
LOOPBACK_NAMES = {"localhost"}
NOT_PUBLIC = [
    # is_global lets these through: protocol assignments, Teredo and kin, 6to4, documentation.
    ipaddress.ip_network(net)
    for net in ("192.0.0.0/24", "2001::/23", "2002::/16", "3fff::/20")
]
UNICAST_6 = ipaddress.ip_network("2000::/3")  # leaves out NAT64 and fec0::, which is_global lets through

# What httpx2 raises by itself, for code that may not import it.
TRANSPORT_ERRORS = (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError)


class OutboundError(Exception):
    """A request to another server did not work. Carries no address, header or body."""


class Refused(OutboundError):
    """The guard did not let the request out: wrong scheme, host or address."""


class TooBig(OutboundError):
    """The answer passed the byte cap and was cut off."""


class Unreachable(OutboundError):
    """No usable answer: not in time, refused, no such name, broken off, bad certificate, too big."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. headers: lower-case names."""

    status: int
    body: bytes
    headers: dict[str, str]


def is_public(address):
    """Return whether the address (text or object) belongs to the public internet."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if ip.version == 6 and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if (
        not ip.is_global
        or ip.is_multicast
        or any(ip.version == net.version and ip in net for net in NOT_PUBLIC)
    ):
        return False
    return ip.version == 4 or ip in UNICAST_6


def async_transport(base_url, *, max_bytes=MAX_ANSWER_BYTES):
    """Return an httpx2 transport that serves base_url's host alone.

    max_bytes: cap on the raw bytes of one answer; over it, reading raises TooBig. Make it after a fork.
    Raises Refused when base_url itself is not allowed.
    """
    return _Guard(base_url, max_bytes=max_bytes)


def async_client(base_url, *, max_bytes=MAX_ANSWER_BYTES, read_seconds=READ_SECONDS):
    """Return an httpx2.AsyncClient on the guarded transport, for an SDK's `http_client`.

    No redirects (they would send the request again elsewhere), no proxy settings from the environment.
    """
    return httpx2.AsyncClient(
        transport=async_transport(base_url, max_bytes=max_bytes),
        follow_redirects=False,
        trust_env=False,
        timeout=httpx2.Timeout(read_seconds, connect=CONNECT_SECONDS),
    )


def get(url, *, headers, base_url, timeout_seconds=10, max_bytes=1_000_000):
    """Ask once and return the whole Answer, whatever its status; redirects are not followed.

    timeout_seconds: wall clock for name look-up, connection and body together.
    Raises Unreachable; Refused when the guard does not let it out. Call it outside any transaction.
    """
    # A thread of its own: the caller's may have an event loop that runs.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="http-get") as pool:
        return pool.submit(asyncio.run, _get(url, headers, base_url, timeout_seconds, max_bytes)).result()


async def _get(url, headers, base_url, timeout_seconds, max_bytes):
    try:
        async with (
            asyncio.timeout(timeout_seconds),
            async_client(base_url, max_bytes=max_bytes, read_seconds=timeout_seconds) as client,
        ):
            response = await client.get(url, headers=headers)
            return Answer(response.status_code, response.content, dict(response.headers))
    except (*TRANSPORT_ERRORS, TooBig, TimeoutError, OSError, UnicodeError):
        # The cause holds the request with its headers: it must not reach a traceback.
        raise Unreachable("no usable answer") from None


class _Guard(httpx2.AsyncBaseTransport):
    def __init__(self, base_url, *, max_bytes):
        url = _parse(base_url)
        self._origin = _origin(url)
        self._loopback = _is_exempt(base_url, url)
        self._max_bytes = max_bytes
        if not self._loopback:
            listed = _parse(settings.ANTHROPIC_BASE_URL).host
            if url.scheme != "https" or self._origin[2] != 443 or url.host != listed:
                raise Refused("only https to a listed host on port 443")
        self._transport = httpx2.AsyncHTTPTransport(verify=_certificates(), trust_env=False, limits=LIMITS)
        self._resolver = ThreadPoolExecutor(RESOLVER_THREADS, thread_name_prefix="resolve")

    async def handle_async_request(self, request):
        if request.url.userinfo or _origin(request.url) != self._origin:
            raise Refused("this client serves one host")
        addresses = await self._checked_addresses(request)
        # A compressed answer would pass the cap small and grow behind it.
        headers = request.headers.copy()
        headers["accept-encoding"] = "identity"
        while True:
            pinned = httpx2.Request(
                request.method,
                request.url.copy_with(host=addresses.pop(0)),
                headers=headers,
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": request.url.host},
            )
            try:
                response = await self._transport.handle_async_request(pinned)
                break
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                # Nothing was sent yet: the next checked address may do.
                if not addresses:
                    raise
        if response.headers.pop("content-encoding", "identity").lower() != "identity":
            await response.aclose()
            raise httpx2.RemoteProtocolError("compressed answer", request=request)
        # One client serves many workspaces: the SDK must not carry cookies from one to the other.
        response.headers.pop("set-cookie", None)
        response.stream = _Capped(response.stream, self._max_bytes)
        return response

    async def aclose(self):
        self._resolver.shutdown(wait=False, cancel_futures=True)
        await self._transport.aclose()

    async def _checked_addresses(self, request):
        """Return the host's addresses, looked up once; raise Refused unless every one may be reached."""
        host, port = request.url.host, self._origin[2]
        try:
            addresses = [str(ipaddress.ip_address(host))]
        except ValueError:
            loop = asyncio.get_running_loop()
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    found = await loop.run_in_executor(
                        self._resolver, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                    )
            except (OSError, TimeoutError, UnicodeError):
                raise httpx2.ConnectError("name not found", request=request) from None
            addresses = list(dict.fromkeys(entry[4][0] for entry in found))
        allowed = _is_loopback if self._loopback else is_public
        if not addresses or not all(map(allowed, addresses)):
            raise Refused("an address of the host is not public")
        return addresses


class _Capped(httpx2.AsyncByteStream):
    def __init__(self, stream, max_bytes):
        self._stream = stream
        self._left = max_bytes

    async def __aiter__(self):
        async for chunk in self._stream:
            self._left -= len(chunk)
            if self._left < 0:
                raise TooBig("answer over the cap")
            yield chunk

    async def aclose(self):
        await self._stream.aclose()


@functools.cache
def _certificates():
    # Reading the machine's list of authorities takes longer than a request.
    return httpx2.create_ssl_context(trust_env=False)


def _parse(url):
    try:
        parsed = httpx2.URL(url)
    except (httpx2.InvalidURL, TypeError, ValueError):
        raise Refused("not an address") from None
    if not parsed.host or parsed.userinfo:
        raise Refused("not an address")
    return parsed


def _origin(url):
    return url.scheme, url.host, url.port or {"https": 443, "http": 80}.get(url.scheme)


def _is_exempt(base_url, url):
    """Return whether this is our simulator, or a test's server: loopback, without TLS."""
    named = str(base_url).rstrip("/") == settings.SIMULATOR_URL
    return (named or settings.TESTING) and (url.host in LOOPBACK_NAMES or _is_loopback(url.host))


def _is_loopback(address):
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
