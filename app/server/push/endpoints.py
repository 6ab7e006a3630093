"""Which addresses the server may call to ring a device: those of known push services, none inside a network.

An endpoint is what a client says, so it must not make this server reach what only this server can (SSRF).
Names are looked at when a device subscribes, addresses whenever a connection is made: a name can come to
mean another address at any time, so the very address that was looked at is connected to.
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
    """The endpoint is not one of a push service that this server may call."""


class ForbiddenAddressError(OSError):
    """A push service's name means an address inside a network."""


@dataclass(frozen=True)
class Endpoint:
    """Where a device is rung, taken apart."""

    scheme: str
    host: str
    port: int
    path: str  # with the query

    @classmethod
    def read(cls, url: str) -> "Endpoint":
        """Raises UnknownServiceError for what no push service gives out."""
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
    """What the settings allow."""

    def __init__(self, settings: ServerSettings) -> None:
        self._patterns = [pattern.strip().lower() for pattern in settings.push_services.split(",")]
        self._testing = settings.push_testing

    @property
    def any(self) -> bool:
        """Whether devices can be rung at all."""
        return self._patterns != ["none"]

    def endpoint(self, url: str) -> Endpoint:
        """Raises UnknownServiceError."""
        endpoint = Endpoint.read(url)
        if not self.service(endpoint):
            raise UnknownServiceError
        return endpoint

    def service(self, endpoint: Endpoint) -> bool:
        """Whether it is one of a push service that may be called."""
        secure = endpoint.scheme == "https" and endpoint.port == 443
        known = any(fnmatchcase(endpoint.host, pattern) for pattern in self._patterns)
        if not known or not (secure or self._testing):
            return False
        return self._testing or not is_address(endpoint.host)

    async def addresses(self, host: str, port: int) -> list[str]:
        """Those of a name that may be connected to. Raises OSError, ForbiddenAddressError if none may."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except UnicodeError:
            # Python encodes the name for the resolver, and finds that it is none.
            raise ForbiddenAddressError(f"{host} is no host's name") from None
        addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
        fit = [address for address in addresses if self._testing or is_public(address)]
        if not fit:
            raise ForbiddenAddressError(f"{host} is at an address that may not be called")
        return fit


def is_name(host: str) -> bool:
    """Whether it can be a host's name."""
    return len(host) <= NAME_LENGTH and all(map(LABEL.fullmatch, host.split(".")))


def is_literal(host: str) -> bool:
    """Whether it is an IP address as a URL has it, without the brackets."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_address(host: str) -> bool:
    """Whether it is no name: also in the spellings that only a resolver takes for one (127.1, 0x7f000001)."""
    # No top-level domain begins with a digit.
    return is_literal(host) or host.rsplit(".", 1)[-1][:1].isdigit()


def is_public(address: str) -> bool:
    """Whether it is a machine's on the internet. An IPv6 address that stands for an IPv4 one is that one."""
    parsed = ip_address(address.partition("%")[0])
    if isinstance(parsed, IPv6Address):
        if parsed.is_site_local:
            return False
        parsed = embedded(parsed) or parsed
    return parsed.is_global and not (parsed.is_multicast or parsed.is_reserved)


def embedded(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that packets to this one end up at: mapped, NAT64, 6to4, Teredo."""
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
