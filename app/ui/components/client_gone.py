"""The placeholder for a deleted client."""

import flet as ft

from app.i18n import _
from app.ui.components.layout import empty_state


def gone() -> ft.Control:
    return empty_state(ft.Icons.PERSON_OFF_OUTLINED, _("This client is gone"), _("They were deleted."))
