"""Settings: checks, formatting, and commands that save each change immediately."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any

from app.domain.column_types import DayOff, WeeklyHours
from app.domain.entities import SETTINGS_ID, Settings
from app.domain.hours import parse_clock
from app.domain.validation import check
from app.i18n import Formatter, _
from app.viewmodels.services import AppServices
from app.wording import words

MINUTES_A_DAY = 24 * 60
WEEKLY_PRESETS: tuple[WeeklyHours, ...] = tuple(
    {str(day): [[first, last]] for day in range(days)}
    for days, first, last in ((5, "09:00", "18:00"), (5, "10:00", "15:00"), (7, "09:00", "18:00"))
)
REPLY_PRESETS = (2 * 60, 4 * 60, 8 * 60, MINUTES_A_DAY, 2 * MINUTES_A_DAY)


def changed(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """A copy with some fields changed. Changing the currency clears the unpaid limit, set in the old one."""
    fields = {**settings.model_dump(), **changes}
    if fields["currency"] != settings.currency and "unpaid_limit" not in changes:
        fields["unpaid_limit"] = None
    return Settings(**fields)


def problems(settings: Settings) -> dict[str, str]:
    """Error messages by field; errors inside a list are reported under the list's name."""
    found = {item.field.split(".")[0]: words.problem(item) for item in reversed(check(settings))}
    quiet = quiet_span(settings.quiet_hours)
    if quiet and quiet[0] == quiet[1]:
        found["quiet_hours"] = _("Choose two different times.")
    return found


def save(app: AppServices, changes: Mapping[str, Any], confirmation: str = "") -> dict[str, str]:
    """Save the changes if all are valid; otherwise save nothing and return error messages by field."""
    settings = changed(app.settings, changes)
    wrong = {field: text for field, text in problems(settings).items() if field in changes}

    def change(stored: Settings) -> None:
        for name, value in changed(stored, changes).model_dump().items():
            setattr(stored, name, value)

    if not wrong and not app.write(lambda: app.store.update(Settings, SETTINGS_ID, change), confirmation):
        return dict.fromkeys(changes, _("This could not be saved."))
    return wrong


# --- typed numbers ---------------------------------------------------------------------------------------


def whole_number(text: str, least: int, most: int) -> int | None:
    """Parse digits, also full-width or with grouped thousands; None if outside `least` to `most`."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if re.fullmatch(r"[0-9]{1,3}([ ,.'’])[0-9]{3}(?:\1[0-9]{3})*", plain):
        plain = re.sub(r"[^0-9]", "", plain)
    if not (plain.isascii() and plain.isdigit() and len(plain) <= 9):
        return None
    return int(plain) if least <= int(plain) <= most else None


# --- days off --------------------------------------------------------------------------------------------


def with_day_off(spans: Sequence[DayOff], first: date, last: date, label: str) -> list[DayOff]:
    """The spans with one more, sorted by date; a span with the same dates is replaced."""
    added = DayOff(first=first.isoformat(), last=last.isoformat(), label=label.strip())
    kept = [span for span in spans if (span["first"], span["last"]) != (added["first"], added["last"])]
    return sorted([*kept, added], key=lambda span: (span["first"], span["last"]))


def remove_day_off(app: AppServices, removed: DayOff) -> None:
    kept = [span for span in app.settings.days_off if span != removed]
    save(app, {"days_off": kept}, _("Days off removed"))


def upcoming(spans: Sequence[DayOff], today: date) -> tuple[list[DayOff], list[DayOff]]:
    """Days off under way or to come, the next first; and past days off, the latest first."""
    coming = [span for span in spans if span["last"] >= today.isoformat()]
    past = [span for span in spans if span["last"] < today.isoformat()]
    return sorted(coming, key=lambda span: span["first"]), sorted(
        past, key=lambda span: span["first"], reverse=True
    )


def day_off_dates(span: DayOff, formatter: Formatter) -> str:
    """The dates of a span: "24 Dec 2026 – 3 Jan 2027", or a single date."""
    first, last = date.fromisoformat(span["first"]), date.fromisoformat(span["last"])
    if first == last:
        return formatter.weekday_date(first, year=True)
    return _("{first} – {last}").format(first=formatter.date(first), last=formatter.date(last))


# --- display ---------------------------------------------------------------------------------------------


def week_preset(hours: WeeklyHours) -> str:
    """The index in WEEKLY_PRESETS as a string; empty for any other week."""
    return next((str(index) for index, week in enumerate(WEEKLY_PRESETS) if week == hours), "")


def quiet_span(quiet: Sequence[str]) -> tuple[time, time] | None:
    """Start and end; None without quiet hours or if they cannot be parsed."""
    try:
        first, last = (parse_clock(text) for text in quiet)
    except ValueError:
        return None
    return first, last
