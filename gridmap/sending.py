"""One message to another system, signed as Standard Webhooks has it, to an address that was resolved, looked at and pinned.

An administrator names the address, so the server could be sent into its own network: only public addresses are opened and those
of networks that the operator allowed (`inside`), each name is resolved once and the connection goes to what was looked at, no
redirect is followed, nothing of the answer but its status is read, and all together has a time. Pure: no Django, no database.
"""

import asyncio
import base64
import hashlib
import hmac
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

import httpx

SECONDS = 10.0  # for all of one message
GIVE_UP = timedelta(days=3)  # of failing in a row
# How long to wait after the first failure, the second, …; the last one goes on.
WAITS = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600, 1800, 3600, 7200, 21_600))
PREFIX = "whsec_"  # of a secret, as the standard writes it
NAT64 = ip_network("64:ff9b::/96")
GONE = 410
Address = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network]


class AddressError(ValueError):
    """The address is none that is told of anything."""


@dataclass(frozen=True)
class Told:
    """What became of one message: the status of HTTP if one came, else what was in the way."""

    status: int | None
    trouble: str  # "", refused, timeout, unreachable, forbidden_address
    took_ms: int

    @property
    def ok(self) -> bool:
        return not self.trouble


def new_secret() -> str:
    """A secret of 32 random bytes in the standard's form."""
    return PREFIX + base64.b64encode(os.urandom(32)).decode()


def signature(secrets: Iterable[str], message: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 over id, time and body, joined by full stops; one for each secret, which a receiver may have any of."""
    return " ".join(_signature(base64.b64decode(s.removeprefix(PREFIX)), message, timestamp, body) for s in secrets)


def _signature(key: bytes, message: str, timestamp: int, body: bytes) -> str:
    signed = hmac.new(key, f"{message}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(signed).decode()


def wait_after(tries: int) -> timedelta:
    """How long to wait after so many failures in a row (at least one)."""
    return WAITS[min(tries, len(WAITS)) - 1]


def is_public(address: Address) -> bool:
    """Whether an address is one of the internet at large, also behind the forms in which IPv6 hides one of IPv4."""
    if isinstance(address, IPv6Address):
        inside = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in NAT64:
            inside.append(IPv4Address(int(address) & 0xFFFF_FFFF))
        if address.is_site_local or not all(is_public(hidden) for hidden in inside if hidden):
            return False
        if address.ipv4_mapped or address in NAT64:
            return True
    return address.is_global and not address.is_multicast and not address.is_reserved


def _is_inside(address: Address, inside: Networks) -> bool:
    return any(address in network for network in inside)


def checked(url: str, inside: Networks = ()) -> SplitResult:
    """The parts of an address that may be told, as far as that can be seen without resolving its name; AddressError else.

    Networks that the operator allowed may be told too: unencrypted where the address itself is given, or "localhost".
    """
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
        host.encode("ascii")
    except (ValueError, UnicodeError) as error:
        raise AddressError(str(error)) from error
    literal = ip_address("127.0.0.1") if host == "localhost" else _literal(host)
    here = literal is not None and _is_inside(literal, inside)
    plain = parts.username is None and parts.password is None and not parts.fragment
    if not host or port == 0 or not plain or parts.scheme not in (("http", "https") if here else ("https",)):
        raise AddressError(url)
    if any(ord(letter) <= 32 or ord(letter) == 127 for letter in url) or (
        literal and not here and not is_public(literal)
    ):
        raise AddressError(url)
    return parts


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


async def _pinned(parts: SplitResult, inside: Networks) -> str:
    """The one address to connect to; AddressError if any that the name has is neither public nor allowed."""
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    found = await asyncio.get_running_loop().getaddrinfo(host, port, proto=6)  # TCP
    addresses = [ip_address(str(entry[4][0]).split("%")[0]) for entry in found]
    encrypted = parts.scheme == "https"
    if not addresses or not all(_is_inside(one, inside) or (encrypted and is_public(one)) for one in addresses):
        raise AddressError(host)
    first = addresses[0]
    return f"[{first}]" if first.version == 6 else str(first)


async def _post(url: str, headers: dict[str, str], body: bytes, inside: Networks) -> int:
    parts = checked(url, inside)
    address = await _pinned(parts, inside)
    port = f":{parts.port}" if parts.port else ""
    host = parts.netloc
    target = parts._replace(netloc=address + port).geturl()
    extensions = {"sni_hostname": parts.hostname}  # the certificate is that of the name, not of the pinned address
    async with (
        httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=SECONDS) as client,
        client.stream(
            "POST", target, content=body, headers=headers | {"Host": host}, extensions=extensions
        ) as response,
    ):
        return response.status_code


async def _within_time(url: str, headers: dict[str, str], body: bytes, inside: Networks) -> int:
    async with asyncio.timeout(SECONDS):
        return await _post(url, headers, body, inside)


def send(url: str, *, secrets: Iterable[str], message: str, body: bytes, inside: Networks = ()) -> Told:
    """Send one message, signed with each of the secrets; only a status of 2xx counts as told.

    Never raises for what the other side does.
    """
    timestamp, started = int(time.time()), time.monotonic()
    headers = {
        "Content-Type": "application/json", "User-Agent": "gridmap-webhooks", "webhook-id": message,
        "webhook-timestamp": str(timestamp), "webhook-signature": signature(secrets, message, timestamp, body),
    }  # fmt: skip
    status, trouble = None, ""
    try:
        status = asyncio.run(_within_time(url, headers, body, inside))
        trouble = "" if 200 <= status < 300 else "refused"
    except AddressError:
        trouble = "forbidden_address"
    except (TimeoutError, httpx.TimeoutException):
        trouble = "timeout"
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError):
        trouble = "unreachable"
    return Told(status, trouble, round((time.monotonic() - started) * 1000))
