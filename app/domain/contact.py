"""Links back to the conversation: an address of the client's, and the text to send there.

A link opens a program of the device or a service's own site. Only addresses of the known kinds become one:
what was typed is checked against the form of such an address and percent-encoded, never taken over as it is.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

from .codes import ChannelKind
from .column_types import Channel

LONGEST_LINK = 2_000
"""Characters: longer ones are cut off, or not opened at all, by some mail programs and systems."""


@dataclass(frozen=True)
class ContactLink:
    """What to open. `carries_text`: the text is in it; else it is to be pasted there."""

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
"""Where a service's conversations are: a web address noted for it is opened only there."""

_HOMES = {
    ChannelKind.CHATWORK: "https://www.chatwork.com/",
    ChannelKind.SLACK: "https://app.slack.com/client",
    ChannelKind.TEAMS: "https://teams.microsoft.com/",
    ChannelKind.GOOGLE_CHAT: "https://chat.google.com/",
    ChannelKind.MESSENGER: "https://www.messenger.com/",
    ChannelKind.CROWDWORKS: "https://crowdworks.jp/",
    ChannelKind.LANCERS: "https://www.lancers.jp/",
}
"""Where a service opens when nothing more exact is known than its name."""


def reply_link(channel: Channel, text: str = "", subject: str = "") -> ContactLink | None:
    """What leads back to the conversation on this channel; None where there is nothing to open.

    `subject` is of an e-mail only.
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
    """A text message (SMS) to a telephone number; None for other channels, and where there is no number."""
    digits = phone_number(channel["handle"]) if channel["kind"] == ChannelKind.PHONE else ""
    if not digits:
        return None
    # "?&": Android reads what follows "?", iOS what follows "&".
    return _with_text(f"sms:{digits}", f"?&body={_encoded(text)}") if text else ContactLink(f"sms:{digits}")


def phone_number(handle: str) -> str:
    """The digits to dial, with "+" in front of an international number; empty if it is no number."""
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
    """Its links take international numbers only; with a text, another one opens the choice of contacts."""
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
"""A service's link to the person or room that was noted; None where it is no such name."""


def _web_address(kind: str, handle: str) -> str:
    """A web address as noted, encoded anew: of the service's own site or, for a chat of any kind, any."""
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
    """As RFC 6068 wants it: line ends are CRLF, and nothing but unreserved characters stays as it is."""
    return quote(text.replace("\r\n", "\n").replace("\n", "\r\n"), safe="")
