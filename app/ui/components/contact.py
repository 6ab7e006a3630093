"""The way back to a conversation: one tap opens the client's mail, chat or telephone."""

from collections.abc import Callable

import flet as ft

from app.domain.codes import ChannelKind
from app.domain.column_types import Channel
from app.domain.contact import ContactLink, reply_link, text_message_link
from app.i18n import _
from app.ui.components.icons import channel_icon
from app.wording import words


def opening(link: ContactLink) -> ft.OpenUrl:
    """Opens a program of the device in place, a web page beside the app."""
    web = link.address.startswith("https:")
    return ft.OpenUrl(link.address, target=ft.UrlTarget.BLANK if web else ft.UrlTarget.SELF)


def action_label(channel: Channel) -> str:
    """What the tap does, in the words of the channel."""
    kind = channel["kind"]
    if kind == ChannelKind.EMAIL:
        return _("Write an e-mail")
    if kind == ChannelKind.PHONE:
        return _("Call")
    if kind in (ChannelKind.CHAT, ChannelKind.OTHER):
        return _("Open the conversation")
    return _("Open {channel}").format(channel=words.channel(kind))


def back_to(channel: Channel | None, subject: str = "") -> list[ft.Control]:
    """A button that leads to the conversation; none where nothing can be opened."""
    link = reply_link(channel, subject=subject) if channel else None
    if channel is None or link is None:
        return []
    return [
        ft.OutlinedButton(action_label(channel), icon=channel_icon(channel["kind"]), action=opening(link))
    ]


def send_button(
    channel: Channel | None, text: str, subject: str, on_open: Callable[[], None]
) -> ft.LayoutControl | None:
    """Opens the conversation with the text in it, and copies it: not every program takes a text over.

    None where nothing can be opened, and for the telephone's voice: a text goes there as a text message.
    """
    if channel is None:
        return None
    message = text_message_link(channel, text)
    link = message or reply_link(channel, text, subject)
    if link is None:
        return None
    label = _("Send a text message") if message else action_label(channel)
    # Browsers let a page write to the clipboard only while they handle the tap: the client acts.
    return ft.FilledTonalButton(
        label,
        icon=channel_icon(channel["kind"]),
        expand=True,
        action=[ft.CopyToClipboard(text), opening(link)],
        on_click=lambda _event: on_open(),
    )
