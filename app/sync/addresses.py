"""Server addresses: the browser's origin, or what the user enters in an installed app."""

import ipaddress
import re
import unicodedata
from urllib.parse import urlsplit

from app.sync.errors import SyncError


def server_address(typed: str, origin: str) -> str:
    """The server's address: the app's own origin if it has one, otherwise `typed`; the default scheme is
    https.

    Raises SyncError "insecure_address" for http outside private networks, because the registration secret
    would be sent in plain text; "no_server" for an invalid address.
    """
    if origin:
        return origin
    text = unicodedata.normalize("NFKC", typed).strip()  # also full-width characters of Japanese keyboards
    try:
        parts = urlsplit((text if "://" in text else f"https://{text}").rstrip("/"))
        host, _port = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError as error:  # invalid port or host name
        raise SyncError("no_server", {"reason": "not an address"}) from error
    whole = bool(host) and not (parts.query or parts.fragment or parts.username or re.search(r"\s", text))
    if parts.scheme not in {"http", "https"} or not whole:
        raise SyncError("no_server", {"reason": "not an address"})
    if parts.scheme == "http" and not _is_near(host):
        raise SyncError("insecure_address")
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def pairing_server(text: str) -> str:
    """The server's address in a pairing link; empty for a bare secret."""
    address, found, _key = text.strip().partition("/pair#")
    return address if found else ""


def _is_near(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local"))
