"""Decides which push endpoints the server may call: known push services at public addresses only.

Clients supply endpoints, so an endpoint must not let them reach addresses that only this server can (SSRF).
Names are checked on subscription, addresses on every connect: a name may resolve to another address at any
time, so the checked address itself is connected to.
"""

import asyncio
import re
import socket
from dataclasses import dataclass
from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from app.server.settings import ServerSettings

ENDPOINT_LENGTH = 1_000  # characters; the longest in use (WNS, FCM) have about 400
DEFAULT_PORTS = {"https": 443, "http": 80}
NAT64 = ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address

# RFC 1123, 2.1: letters, digits and hyphens, none at an end, at most 63 in a label and 253 in all.
LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
NAME_LENGTH = 253


class UnknownServiceError(Exception):
    """The endpoint doesn't belong to a push service that this server may call."""


class ForbiddenAddressError(OSError):
    """A push service's name resolves to an address that is not public."""


@dataclass(frozen=True)
class Endpoint:
    """A parsed push endpoint."""

    scheme: str
    host: str
    port: int
    path: str  # including the query

    @classmethod
    def read(cls, url: str) -> "Endpoint":
        """Parse an endpoint. Raises UnknownServiceError for a URL that no push service issues."""
        if len(url) > ENDPOINT_LENGTH or not url.isascii() or not url.isprintable() or " " in url:
            raise UnknownServiceError
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise UnknownServiceError from None
        default = DEFAULT_PORTS.get(parts.scheme)
        if default is None or not parts.hostname or "@" in parts.netloc or parts.fragment:
            raise UnknownServiceError
        if not (is_name(parts.hostname) or is_literal(parts.hostname)):
            raise UnknownServiceError
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        return cls(parts.scheme, parts.hostname, port or default, path)

    def __str__(self) -> str:
        return f"{self.service}{self.path}"

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def service(self) -> str:
        """The push service: its origin (RFC 6454)."""
        return f"{self.scheme}://{self.authority}"


class Allowed:
    """The push services that the settings permit."""

    def __init__(self, settings: ServerSettings) -> None:
        self._patterns = [pattern.strip().lower() for pattern in settings.push_services.split(",")]
        self._testing = settings.push_testing

    @property
    def any(self) -> bool:
        """Whether push is enabled at all."""
        return self._patterns != ["none"]

    def endpoint(self, url: str) -> Endpoint:
        """Parse an endpoint of a permitted service. Raises UnknownServiceError."""
        endpoint = Endpoint.read(url)
        if not self.service(endpoint):
            raise UnknownServiceError
        return endpoint

    def service(self, endpoint: Endpoint) -> bool:
        """Whether the endpoint belongs to a permitted push service."""
        secure = endpoint.scheme == "https" and endpoint.port == 443
        known = any(fnmatchcase(endpoint.host, pattern) for pattern in self._patterns)
        if not known or not (secure or self._testing):
            return False
        return self._testing or not is_address(endpoint.host)

    async def addresses(self, host: str, port: int) -> list[str]:
        """Resolve a name to its permitted addresses. Raises OSError (ForbiddenAddressError if none)."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except UnicodeError:
            # Python's IDNA encoding for the resolver rejects the name.
            raise ForbiddenAddressError(f"{host} is no host's name") from None
        addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
        permitted = [address for address in addresses if self._testing or is_public(address)]
        if not permitted:
            raise ForbiddenAddressError(f"{host} is at an address that may not be called")
        return permitted


def is_name(host: str) -> bool:
    """Whether it is a valid host name."""
    return len(host) <= NAME_LENGTH and all(map(LABEL.fullmatch, host.split(".")))


def is_literal(host: str) -> bool:
    """Whether it is an IP address, as in a URL but without brackets."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_address(host: str) -> bool:
    """Whether it is an IP address, including spellings that only resolvers accept (127.1, 0x7f000001)."""
    # No top-level domain starts with a digit.
    return is_literal(host) or host.rsplit(".", 1)[-1][:1].isdigit()


def is_public(address: str) -> bool:
    """Whether the address is public. For an IPv6 address that embeds an IPv4 one, that one is checked."""
    parsed = ip_address(address.partition("%")[0])
    if isinstance(parsed, IPv6Address):
        if parsed.is_site_local:
            return False
        parsed = embedded_ipv4(parsed) or parsed
    return parsed.is_global and not (parsed.is_multicast or parsed.is_reserved)


def embedded_ipv4(address: IPv6Address) -> IPv4Address | None:
    """Return the embedded IPv4 address that packets are routed to: mapped, NAT64, 6to4 or Teredo."""
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
