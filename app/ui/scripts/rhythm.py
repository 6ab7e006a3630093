"""The standing call that a text proposes: weekdays and a time, kept until it is agreed."""

from collections.abc import Callable
from datetime import time

import flet as ft

from app.domain.calls import first_standing_call, weekly_rhythm, weekly_rule
from app.domain.conversations import NO_TERMS, Terms
from app.domain.entities import Client
from app.domain.hours import zone_of
from app.i18n import _, n_
from app.ui.components.fields import choice_chips, labelled, text_field, toggle_chips
from app.ui.components.times import pick_time
from app.ui.state import AppState
from app.viewmodels.scripts.filling import Filling
from app.viewmodels.scripts.labels import Blank

USUAL_TIME = time(10)


def proposal(app: AppState, client: Client | None, days: set[int], weeks: int, clock: time) -> Terms:
    """Terms for a call on these weekdays (0 = Monday) at a time in the client's zone; none without a day."""
    if not days:
        return NO_TERMS
    zone = zone_of(client.time_zone if client else "", app.calendar.zone)
    return Terms(
        standing_call_rule=weekly_rule(days, weeks),
        standing_call_start=first_standing_call(days, clock, app.now, zone),
        standing_call_minutes=client.standing_call_minutes if client else None,
    )


def rhythm_field(
    app: AppState,
    client: Client | None,
    blank: Blank,
    now: Filling,
    on_propose: Callable[[Terms, str], None],
) -> ft.Control:
    """A field for weekdays and a time, or for free text, which sets no terms."""
    proposed, words = now.proposed, now.values.get(blank.name, "")
    rule = proposed.standing_call_rule
    weeks, chosen = (weekly_rhythm(rule) if rule else None) or (1, [])
    zone = zone_of(client.time_zone if client else "", app.calendar.zone)
    start = proposed.standing_call_start
    clock = start.astimezone(zone).time().replace(tzinfo=None) if start else USUAL_TIME

    def propose(days: set[int], every: int, at: time) -> None:
        on_propose(proposal(app, client, days, every, at), "")

    days = {str(day): app.format.begun(app.format.weekday(day, "abbreviated")) for day in range(7)}
    parts: list[ft.Control] = [
        labelled(
            blank.label,
            toggle_chips(
                days,
                [str(day) for day in chosen],
                lambda key: propose(set(chosen) ^ {int(key)}, weeks, clock),
            ),
        )
    ]
    if chosen:
        label = _("At {time}") if zone == app.format.zone else _("At {time} their time")
        parts += [
            choice_chips(
                {str(n): n_("Every week", "Every {n} weeks", n) for n in (1, 2)},
                str(weeks),
                lambda key: propose(set(chosen), int(key), clock),
            ),
            ft.OutlinedButton(
                label.format(time=app.format.time(clock)),
                icon=ft.Icons.SCHEDULE,
                on_click=lambda _event: pick_time(app, clock, lambda at: propose(set(chosen), weeks, at)),
            ),
        ]
    field = text_field(
        _("In words"),
        words,
        lambda text: on_propose(NO_TERMS, text),
        multiline=True,
        lines=(1, 4),
        helper=_("For example: {example}").format(example=blank.example) if not words else "",
    )
    field.key = blank.name
    parts.append(field)
    return ft.Column(parts, spacing=8, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
