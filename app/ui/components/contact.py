"""Buttons that open the client's mail, chat or telephone with one tap."""

from collections.abc import Callable

import flet as ft

from app.domain.codes import ChannelKind
from app.domain.column_types import Channel
from app.domain.contact import ContactLink, reply_link, text_message_link
from app.i18n import _
from app.ui.components.icons import channel_icon
from app.wording import words


def opening(link: ContactLink) -> ft.OpenUrl:
    """The action that opens the link: web pages in a new tab, programs of the device in place."""
    web = link.address.startswith("https:")
    return ft.OpenUrl(link.address, target=ft.UrlTarget.BLANK if web else ft.UrlTarget.SELF)


def action_label(channel: Channel) -> str:
    """The button's label, depending on the channel."""
    kind = channel["kind"]
    if kind == ChannelKind.EMAIL:
        return _("Write an e-mail")
    if kind == ChannelKind.PHONE:
        return _("Call")
    if kind in (ChannelKind.CHAT, ChannelKind.OTHER):
        return _("Open the conversation")
    return _("Open {channel}").format(channel=words.channel(kind))


def back_to(channel: Channel | None, subject: str = "") -> list[ft.Control]:
    """Return a button that opens the conversation; nothing if the channel cannot be opened."""
    link = reply_link(channel, subject=subject) if channel else None
    if channel is None or link is None:
        return []
    return [
        ft.OutlinedButton(action_label(channel), icon=channel_icon(channel["kind"]), action=opening(link))
    ]


def send_button(
    channel: Channel | None, text: str, subject: str, on_open: Callable[[], None]
) -> ft.LayoutControl | None:
    """A button that opens the conversation with the text in it, and also copies the text.

    The text is copied because not every program accepts it from a link. For a telephone number, the text is
    sent as a text message. None if the channel cannot be opened.
    """
    if channel is None:
        return None
    message = text_message_link(channel, text)
    link = message or reply_link(channel, text, subject)
    if link is None:
        return None
    label = _("Send a text message") if message else action_label(channel)
    # Browsers allow writing to the clipboard only during the tap, so Flet's client does it.
    return ft.FilledTonalButton(
        label,
        icon=channel_icon(channel["kind"]),
        expand=True,
        action=[ft.CopyToClipboard(text), opening(link)],
        on_click=lambda _event: on_open(),
    )
