"""Which server to talk to: the browser's own, or the one a person names in an installed app."""

import ipaddress
import re
import unicodedata
from urllib.parse import urlsplit

from app.sync.errors import SyncError


def server_address(typed: str, origin: str) -> str:
    """The server's address: the app's own origin if it has one, else what was typed; https unless it says.

    Raises SyncError "insecure_address" for http to anywhere but a private network, for the secret that a new
    device proves itself with would lie open; "no_server" for what is no address.
    """
    if origin:
        return origin
    text = unicodedata.normalize("NFKC", typed).strip()  # a Japanese keyboard's wide letters too
    try:
        parts = urlsplit((text if "://" in text else f"https://{text}").rstrip("/"))
        host, _port = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError as error:  # no number for a port, no name for a host
        raise SyncError("no_server", {"reason": "not an address"}) from error
    whole = bool(host) and not (parts.query or parts.fragment or parts.username or re.search(r"\s", text))
    if parts.scheme not in {"http", "https"} or not whole:
        raise SyncError("no_server", {"reason": "not an address"})
    if parts.scheme == "http" and not _is_near(host):
        raise SyncError("insecure_address")
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def pairing_server(text: str) -> str:
    """The server's address in a pairing link; empty for a bare key."""
    address, found, _key = text.strip().partition("/pair#")
    return address if found else ""


def _is_near(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local"))
