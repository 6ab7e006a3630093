"""The five main destinations, for the navigation bar of a phone and the navigation rail of a desktop."""

from dataclasses import dataclass

import flet as ft

from app.i18n import _, p_

TABS = ("/", "/jobs", "/clients", "/scripts", "/trust")


@dataclass(frozen=True)
class Destination:
    address: str
    label: str
    icon: ft.IconData
    chosen_icon: ft.IconData


def destinations() -> list[Destination]:
    """Return the destinations in the order of `TABS`, named in the current language."""
    return [
        Destination("/", p_("tab", "Today"), ft.Icons.TODAY_OUTLINED, ft.Icons.TODAY),
        Destination("/jobs", _("Jobs"), ft.Icons.WORK_OUTLINE, ft.Icons.WORK),
        Destination("/clients", p_("tab", "Clients"), ft.Icons.PEOPLE_OUTLINE, ft.Icons.PEOPLE),
        Destination("/scripts", _("Scripts"), ft.Icons.EDIT_NOTE_OUTLINED, ft.Icons.EDIT_NOTE),
        Destination("/trust", _("Trust"), ft.Icons.INSIGHTS_OUTLINED, ft.Icons.INSIGHTS),
    ]
