"""Choosing a time zone by city, country or IANA name: about 400 zones are too many for a list."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import flet as ft
from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location

from app.domain.hours import is_zone, zone_of
from app.i18n import _
from app.ui.components.fields import WithCaret, error_text, text_field
from app.ui.state import AppState, use_app

SHOWN = 8
# Offered before anything is typed, after the user's own.
COMMON = (
    "Asia/Tokyo",
    "Europe/Paris",
    "Europe/London",
    "America/New_York",
    "America/Los_Angeles",
    "Asia/Singapore",
    "Australia/Sydney",
)


@dataclass(frozen=True)
class Zone:
    name: str  # IANA
    city: str
    country: str
    searched: str


@cache
def _zones(language: str) -> dict[str, Zone]:
    """Every canonical zone that is a place, by IANA name, named in `language`."""
    locale = Locale.parse(language)
    territories: Mapping[str, str] = get_global("zone_territories")
    zones = {}
    for name, territory in sorted(territories.items()):
        if not is_zone(name):
            continue
        city = get_timezone_location(name, locale=locale, return_city=True)
        country = locale.territories.get(territory, "") if territory not in ("001", "ZZ") else ""
        zones[name] = Zone(name, city, country, _folded(f"{city} {country} {name}"))
    return zones


def _folded(text: str) -> str:
    """Remove case, accents and the separators of IANA names: "reunion" finds "Réunion"."""
    plain = unicodedata.normalize("NFKD", text.replace("_", " ").replace("/", " "))
    return "".join(char for char in plain if not unicodedata.combining(char)).casefold()


def zone_label(name: str, language: str) -> str:
    """City and country: "Tokyo, Japan". A zone that is not a place keeps its IANA name."""
    zone = _zones(language).get(name)
    if zone is None:
        return name.replace("_", " ")
    if not zone.country or zone.country == zone.city:
        return zone.city
    return _("{city}, {country}").format(city=zone.city, country=zone.country)


def find_zones(query: str, language: str, own: str = "") -> list[str]:
    """The IANA names that match every word of `query`; cities that start with the first word come first."""
    zones = _zones(language)
    words = _folded(query).split()
    if not words:
        return [name for name in dict.fromkeys([own, *COMMON]) if name in zones][:SHOWN]
    found = [zone for zone in zones.values() if all(word in zone.searched for word in words)]
    found.sort(key=lambda zone: (not _folded(zone.city).startswith(words[0]), zone.city))
    return [zone.name for zone in found[:SHOWN]]


def offset(name: str, at: datetime) -> str:
    """The offset from UTC at that instant, e.g. "UTC+09:00"."""
    shift = at.astimezone(zone_of(name)).strftime("%z")
    return f"UTC{shift[:3]}:{shift[3:]}"


@ft.component
def ZoneField(
    label: str,
    value: str,
    on_select: Callable[[str], None],
    default_label: str = "",
    error: str = "",
) -> ft.Control:
    """The current zone; a tap opens the search. With `default_label`, no zone ("") is an option too."""
    app = use_app()
    searching, set_searching = ft.use_state(False)
    query, set_query = ft.use_state("")

    def choose(name: str) -> None:
        set_searching(False)
        set_query("")
        on_select(name)

    shown = zone_label(value, app.settings.language) if value else default_label or _("Not set")
    parts: list[ft.Control] = [
        ft.OutlinedButton(
            _("{label}: {value}").format(label=label, value=shown),
            icon=ft.Icons.PUBLIC,
            style=ft.ButtonStyle(padding=14),
            on_click=lambda _event: set_searching(not searching),
            expand=True,
        )
    ]
    parts = [ft.Row(parts)]
    if searching:
        parts.append(WithCaret(text_field(_("City, country or zone"), query, set_query, autofocus=True)))
        if default_label and not query:
            parts.append(_choice(default_label, "", selected=not value, on_choose=lambda: choose("")))
        names = find_zones(query, app.settings.language, str(app.format.zone))
        parts += [_zone_choice(app, name, name == value, choose) for name in names]
        if not names:
            parts.append(ft.Text(_("No matching time zone. Try the nearest big city.")))
    if error:
        parts.append(error_text(error))
    return ft.Column(parts, spacing=4, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _zone_choice(app: AppState, name: str, selected: bool, choose: Callable[[str], None]) -> ft.Control:
    here = app.now.astimezone(zone_of(name))
    note = f"{offset(name, app.now)} · {app.format.time(here.time())}"
    return _choice(
        zone_label(name, app.settings.language), note, selected=selected, on_choose=lambda: choose(name)
    )


def _choice(title: str, note: str, *, selected: bool, on_choose: Callable[[], None]) -> ft.Control:
    return ft.ListTile(
        title=title,
        subtitle=note or None,
        leading=ft.Icons.CHECK if selected else ft.Icons.PUBLIC,
        selected=selected,
        on_click=lambda _event: on_choose(),
        content_padding=ft.Padding(left=8, right=8),
    )
