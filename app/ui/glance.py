"""The glance: a snapshot of Today of a few kilobytes that the page paints at the next start.

The Python engine does not run yet at that point. So the snapshot holds all that assets/web/page/glance.js
needs: every row with the stages it goes through over time, and each sentence in the user's language, with
placeholders for times only.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import flet as ft

from app.domain.agenda import AgendaItem, AgendaKind, Stage
from app.domain.entities import Client
from app.domain.proactive import UpdateSuggestion
from app.domain.workload import Overload
from app.i18n import Formatter, _, n_, p_
from app.store.transactions import StorageError
from app.ui.components.icons import channel_icon
from app.ui.state import AppState
from app.ui.today import others
from app.ui.today.row import conversation_of
from app.viewmodels import paths
from app.viewmodels import today as model
from app.viewmodels import update_suggestion as suggestion
from app.viewmodels.sample import has_sample
from app.wording import agenda as agenda_words
from app.wording import words

# Version of the snapshot format; increase it when an older page could not read the new format.
FORM = 5
# After this time the forecast is wrong: clients have written since.
OUTLOOK = timedelta(days=14)
# How often the snapshot is renewed while the app stays open.
RENEWAL = timedelta(hours=12)
LIMIT = 40  # rows: more than any screen shows at once
# Delay at the start, for the first screen. The previous snapshot is valid until something changes.
START = timedelta(seconds=3)
# Delay after a change, for the screen that answers the tap; changes often come in groups.
PAUSE = timedelta(milliseconds=200)

PLAIN = frozenset({AgendaKind.FOLLOW_UP, AgendaKind.SILENT, *others.ICONS})
"""Kinds of rows without a countdown ring."""

CHANNEL_ICONS = {
    ft.Icons.MAIL_OUTLINE: "mail",
    ft.Icons.CALL_OUTLINED: "call",
    ft.Icons.VIDEO_CALL_OUTLINED: "video",
    ft.Icons.WORK_OUTLINE: "jobs",
    ft.Icons.CHAT_BUBBLE_OUTLINE: "chat",
}
"""Names in assets/web/page/icons.js by the app's icons."""

Json = dict[str, object]


async def keep(app: AppState) -> None:
    """Save a snapshot now and after each change.

    A change deletes the snapshot until the new one is ready. The next start may show no snapshot, but never a
    wrong one, and never deleted records.
    """
    changed = asyncio.Event()

    def on_change() -> None:
        app.platform.leave_glance(None)
        changed.set()

    app.store.subscribe(on_change)
    pause = START
    while True:
        await asyncio.sleep(pause.total_seconds())
        changed.clear()
        app.platform.leave_glance(glance(app))
        pause = PAUSE
        with suppress(TimeoutError):
            await asyncio.wait_for(changed.wait(), RENEWAL.total_seconds())


def glance(app: AppState) -> Json | None:
    """Build the snapshot; None before the first run is finished and while the database cannot be read."""
    if app.broken or not app.settings.introduced:
        return None
    now = app.store.now()
    try:
        view, outlook = model.outlook(app, now, now + OUTLOOK, LIMIT)
        shows_sample = has_sample(app)
    except StorageError:
        return None
    rows = [_row(app, stages, view.clients.get(_client_id(stages))) for stages in outlook]
    updates = suggestion.due(app, view.updates)[: model.PAGE]
    title, text = model.nothing(view.has_clients)
    snoozed = sum(any(stage.item and stage.item.snoozed_until for stage in stages) for stages in outlook)
    return {
        "form": FORM,
        "until": _milliseconds(now + OUTLOOK),
        "language": app.settings.language,
        "locale": str(app.format.locale).replace("_", "-"),
        "zone": app.format.zone.key,
        "words": _words(),
        "sample": _("Remove sample data") if shows_sample else "",
        "empty": {
            "title": title,
            "text": text,
            "action": "" if view.has_clients else _("Note the first message"),
        },
        "snoozed": [n_("{n} snoozed", "{n} snoozed", n + 1) for n in range(snoozed)],
        "things": rows,
        "notice": _notice(view.late, app.format),
        "updates": [_update(each, view.clients.get(each.client_id), app.format) for each in updates],
    }


def _notice(late: Sequence[Overload], formatter: Formatter) -> Json | None:
    """The notice of work that no longer fits.

    As time passes it can only grow, so the snapshot stays valid.
    """
    if not late:
        return None
    title, text = model.late_lines(late, formatter)
    label = _("{name}. {what}").format(name=title, what=text)
    return {"address": "/workload/week", "label": label, "title": title, "text": text}


def _update(each: UpdateSuggestion, client: Client | None, formatter: Formatter) -> Json:
    title, why = suggestion.lines(each, client, formatter)
    return {
        "address": f"/job/{each.job.id}/script/{suggestion.SCRIPT}",
        "label": _("{name}. {what}").format(name=title, what=why),
        "title": title,
        "text": why,
    }


def address(item: AgendaItem) -> str:
    """The address that a tap on the row opens from Today."""
    kind, key = others.place(item)
    return paths.pointing_at(f"/{kind}/{key}", others.target(item))


def _client_id(stages: Sequence[Stage]) -> str:
    return next((stage.item.client_id for stage in stages if stage.item), "")


def _row(app: AppState, stages: Sequence[Stage], client: Client | None) -> Json:
    item = next((stage.item for stage in stages if stage.item), None)
    return {
        "address": address(item) if item else "",
        "name": words.client_name(client),
        "title": agenda_words.agenda_subject(item, app.format) if item else "",
        "channel": _channel(app, item, client) if item else None,
        "stages": [_stage(stage, app.format) for stage in stages],
    }


def _channel(app: AppState, item: AgendaItem, client: Client | None) -> Json | None:
    """The channel's icon and label, without its link: contact addresses are not stored in plain text."""
    found = conversation_of(app, item, client)
    if found is None:
        return None
    icon = CHANNEL_ICONS[channel_icon(found.kind)]
    return {"icon": icon, "label": found.label, "opens": found.link is not None}


def _stage(stage: Stage, formatter: Formatter) -> Json:
    """One stage as the page shows it; `share` is the share of time left when the stage begins."""
    item = stage.item
    since: Json = {"since": _milliseconds(stage.since)}
    if item is None:
        return since
    return since | {
        "kind": item.kind.value,
        "task": agenda_words.agenda_kind(item),
        "what": agenda_words.agenda_matter(item, formatter),
        "by": agenda_words.due_sentence(item),
        "due": _milliseconds(item.due),
        "told": _milliseconds(item.shown_at),
        "state": item.state.value,
        "severity": item.state.severity,
        "share": round(item.share_left, 4),
        "snoozed": item.snoozed_until is not None,
        "ring": item.kind not in PLAIN,
    }


def _words() -> Mapping[str, str]:
    return {
        "late": _("Late"),
        "today": _("Today"),
        "todayTab": p_("tab", "Today"),
        "tomorrow": _("Tomorrow"),
        "yesterday": _("Yesterday"),
        "tomorrowAt": _("tomorrow at {time}"),
        "yesterdayAt": _("yesterday at {time}"),
        "dayAt": p_("a day and a time", "{day} at {time}"),
        "todayWithin": p_("in a sentence", "today"),
        "tomorrowWithin": p_("in a sentence", "tomorrow"),
        "yesterdayWithin": p_("in a sentence", "yesterday"),
        "dayWithin": p_("a day in a sentence", "{day}"),
        "overdue": _("{duration} late"),
        "left": _("{duration} left"),
        "moment": _("less than a minute"),
        "row": _("{name}. {what}. {due}"),
        "starting": _("Starting…"),
        "back": _("Back"),
        "search": _("Search"),
        "settings": _("Settings"),
        "record": _("Record"),
        "jobs": _("Jobs"),
        "clients": p_("tab", "Clients"),
        "scripts": _("Scripts"),
        "trust": _("Trust"),
        "updates": _("Before they ask"),
    }


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
