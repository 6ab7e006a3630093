"""Links to the conversation with a client: an address, and the text to send there.

A link opens a program on the device or the service's own site. Only addresses of the known kinds become
links: typed text is validated against the expected form and percent-encoded, never used as is.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

from .codes import ChannelKind
from .column_types import Channel

LONGEST_LINK = 2_000
"""In characters. Some mail programs and systems truncate or reject longer links."""


@dataclass(frozen=True)
class ContactLink:
    """A link to open. `carries_text`: the link contains the text; otherwise the user pastes it."""

    address: str
    carries_text: bool = False


_MAIL = re.compile(r"[^\s@,;:<>()\[\]\"\\]+@[^\s@,;:<>()\[\]\"\\]+")
_WORD = re.compile(r"[\w.\-]+", re.ASCII)
_ROOM = re.compile(r"\d{4,15}", re.ASCII)
_MEETING = re.compile(r"\d{9,11}", re.ASCII)

_HOSTS: dict[str, tuple[str, ...]] = {
    ChannelKind.CHATWORK: ("chatwork.com",),
    ChannelKind.SLACK: ("slack.com",),
    ChannelKind.LINE: ("line.me", "lin.ee"),
    ChannelKind.WHATSAPP: ("wa.me", "whatsapp.com"),
    ChannelKind.TEAMS: ("teams.microsoft.com", "teams.live.com", "teams.cloud.microsoft"),
    ChannelKind.MESSENGER: ("m.me", "messenger.com", "facebook.com"),
    ChannelKind.ZOOM: ("zoom.us", "zoom.com"),
    ChannelKind.GOOGLE_CHAT: ("chat.google.com", "mail.google.com"),
    ChannelKind.CROWDWORKS: ("crowdworks.jp",),
    ChannelKind.LANCERS: ("lancers.jp",),
}
"""Hosts of each service: a web address noted for a service is opened only on these."""

_HOMES = {
    ChannelKind.CHATWORK: "https://www.chatwork.com/",
    ChannelKind.SLACK: "https://app.slack.com/client",
    ChannelKind.TEAMS: "https://teams.microsoft.com/",
    ChannelKind.GOOGLE_CHAT: "https://chat.google.com/",
    ChannelKind.MESSENGER: "https://www.messenger.com/",
    ChannelKind.CROWDWORKS: "https://crowdworks.jp/",
    ChannelKind.LANCERS: "https://www.lancers.jp/",
}
"""The service's start page, used when only the service is known."""


def reply_link(channel: Channel, text: str = "", subject: str = "") -> ContactLink | None:
    """Return the link to the conversation on this channel; None if there is nothing to open.

    `subject` applies to e-mail only.
    """
    kind, handle = channel["kind"], unicodedata.normalize("NFKC", channel["handle"]).strip()
    if kind == ChannelKind.EMAIL:
        return _mail(handle, text, subject)
    if kind == ChannelKind.PHONE:
        digits = phone_number(handle)
        return ContactLink(f"tel:{digits}") if digits else None
    if noted := _web_address(kind, handle):
        return ContactLink(noted)
    made = _MAKERS[kind](handle, text) if kind in _MAKERS else None
    return made or (ContactLink(_HOMES[ChannelKind(kind)]) if kind in _HOMES else None)


def text_message_link(channel: Channel, text: str = "") -> ContactLink | None:
    """Return an SMS link to a telephone number; None for other channels or without a number."""
    digits = phone_number(channel["handle"]) if channel["kind"] == ChannelKind.PHONE else ""
    if not digits:
        return None
    # "?&": Android reads what follows "?", iOS what follows "&".
    return _with_text(f"sms:{digits}", f"?&body={_encoded(text)}") if text else ContactLink(f"sms:{digits}")


def phone_number(handle: str) -> str:
    """Return the digits to dial, with "+" before an international number; empty if it is not a number."""
    plain = unicodedata.normalize("NFKC", handle).strip()
    plain = re.sub(r"(?<=\d)\s*\(0\)", "", plain) if plain.startswith("+") else plain
    digits = re.sub(r"[\s().\-‐‑–/]", "", plain)
    return digits if re.fullmatch(r"\+?\d{2,15}", digits, re.ASCII) else ""


def _mail(handle: str, text: str, subject: str) -> ContactLink | None:
    if not _MAIL.fullmatch(handle):
        return None
    address = f"mailto:{quote(handle, safe='@')}"
    headed = f"{address}?subject={_encoded(subject)}" if subject else address
    if not text:
        return ContactLink(headed)
    return _with_text(headed, f"{'&' if subject else '?'}body={_encoded(text)}")


def _whatsapp(handle: str, text: str) -> ContactLink | None:
    """Return a WhatsApp link; without an international number, a text opens the contact chooser."""
    number = phone_number(handle)
    number = number[1:] if number.startswith("+") else number[2:] if number.startswith("00") else ""
    address = f"https://wa.me/{number}"
    if text:
        return _with_text(address, f"?text={_encoded(text)}")
    return ContactLink(address) if number else None


def _teams(handle: str, text: str) -> ContactLink | None:
    if not _MAIL.fullmatch(handle):
        return None
    address = f"https://teams.microsoft.com/l/chat/0/0?users={quote(handle, safe='@')}"
    return _with_text(address, f"&message={_encoded(text)}") if text else ContactLink(address)


def _messenger(handle: str, _text: str) -> ContactLink | None:
    name = handle.removeprefix("@")
    return ContactLink(f"https://m.me/{name}") if _WORD.fullmatch(name) else None


def _line(handle: str, _text: str) -> ContactLink | None:
    name = handle.removeprefix("@")
    if not _WORD.fullmatch(name):
        return None
    return ContactLink(f"https://line.me/R/ti/p/{'%40' if name != handle else '~'}{name}")


def _chatwork(handle: str, _text: str) -> ContactLink | None:
    return ContactLink(f"https://www.chatwork.com/#!rid{handle}") if _ROOM.fullmatch(handle) else None


def _zoom(handle: str, _text: str) -> ContactLink | None:
    meeting = re.sub(r"[\s-]", "", handle)
    return ContactLink(f"https://zoom.us/j/{meeting}") if _MEETING.fullmatch(meeting) else None


_MAKERS: dict[str, Callable[[str, str], ContactLink | None]] = {
    ChannelKind.WHATSAPP: _whatsapp,
    ChannelKind.TEAMS: _teams,
    ChannelKind.MESSENGER: _messenger,
    ChannelKind.LINE: _line,
    ChannelKind.CHATWORK: _chatwork,
    ChannelKind.ZOOM: _zoom,
}
"""Link builders by service; each returns None if the handle is not a valid name there."""


def _web_address(kind: str, handle: str) -> str:
    """Return a typed web address, re-encoded: on the service's own hosts or, for generic chats, on any."""
    try:
        parts = urlsplit(handle)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.scheme.lower() != "https" or not host or parts.username is not None or port is not None:
        return ""
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", host):
        return ""
    hosts = _HOSTS.get(ChannelKind(kind)) if kind in set(ChannelKind) else ()
    anywhere = kind in (ChannelKind.CHAT, ChannelKind.OTHER)
    if not anywhere and not any(host == own or host.endswith(f".{own}") for own in hosts or ()):
        return ""
    path, query, fragment = (
        quote(part, safe="/!$&'()*+,;=:@~%?-._") for part in (parts.path, parts.query, parts.fragment)
    )
    return urlunsplit(("https", host, path, query, fragment))


def _with_text(address: str, addition: str) -> ContactLink:
    whole = address + addition
    return ContactLink(whole, carries_text=True) if len(whole) <= LONGEST_LINK else ContactLink(address)


def _encoded(text: str) -> str:
    """Percent-encode as RFC 6068 requires: CRLF line ends, unreserved characters only."""
    return quote(text.replace("\r\n", "\n").replace("\n", "\r\n"), safe="")
