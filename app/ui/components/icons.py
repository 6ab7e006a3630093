"""The icons of channels and job statuses."""

import flet as ft

from app.domain.codes import ChannelKind, JobStatus

CHANNEL_ICONS: dict[str, ft.IconData] = {
    ChannelKind.EMAIL: ft.Icons.MAIL_OUTLINE,
    ChannelKind.PHONE: ft.Icons.CALL_OUTLINED,
    ChannelKind.SKYPE: ft.Icons.VIDEO_CALL_OUTLINED,
    ChannelKind.ZOOM: ft.Icons.VIDEO_CALL_OUTLINED,
    ChannelKind.CROWDWORKS: ft.Icons.WORK_OUTLINE,
    ChannelKind.LANCERS: ft.Icons.WORK_OUTLINE,
}


def channel_icon(kind: str) -> ft.IconData:
    return CHANNEL_ICONS.get(kind, ft.Icons.CHAT_BUBBLE_OUTLINE)


JOB_STATUS_ICONS: dict[str, ft.IconData] = {
    JobStatus.APPLIED: ft.Icons.OUTBOX_OUTLINED,
    JobStatus.OFFERED: ft.Icons.LOCAL_OFFER_OUTLINED,
    JobStatus.IN_PROGRESS: ft.Icons.PLAY_ARROW_OUTLINED,
    JobStatus.DELIVERED: ft.Icons.LOCAL_SHIPPING_OUTLINED,
    JobStatus.ACCEPTED: ft.Icons.THUMB_UP_OUTLINED,
    JobStatus.PAID: ft.Icons.PAID_OUTLINED,
    JobStatus.CLOSED: ft.Icons.INVENTORY_2_OUTLINED,
    JobStatus.DECLINED: ft.Icons.BLOCK,
    JobStatus.LOST: ft.Icons.CANCEL_OUTLINED,
}
