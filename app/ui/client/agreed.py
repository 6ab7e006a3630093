"""How the user works with a client, and the terms agreed with them, in words."""

import flet as ft

from app.domain.decision import stance_of
from app.domain.entities import Client
from app.domain.exposure import unpaid_limit
from app.domain.hours import zone_of
from app.domain.reply import reply_target
from app.i18n import Formatter, _, p_
from app.ui.components.layout import fact
from app.ui.components.weekly_hours import week_in_words
from app.ui.components.zone_field import zone_label
from app.ui.state import AppState
from app.viewmodels.client import ClientPage, agreed_terms, is_about_calls, is_at_work
from app.wording import words
from app.wording.calls import calls_by_outcome


def facts(app: AppState, page: ClientPage) -> list[ft.Control]:
    """Labelled lines; unknown facts are left out."""
    client = page.client
    target = words.reply_target(*reply_target(client, app.settings), app.format)
    if client.reply_minutes is None and client.reply_basis is None:
        target = _("{target} (as in Settings)").format(target=target)
    lines = [fact(_("You reply"), target)]
    lines += _their_time(app, client)
    if is_about_calls(page):
        lines += _calls(app, page)
    lines += _money(app, page)
    if stance := stance_of(client):
        lines.append(fact(_("Where you stand"), words.stance(stance)))
    return lines


def agreed_facts(app: AppState, page: ClientPage) -> list[ft.Control]:
    return [fact(label, value) for label, value in agreed_terms(app, page)]


def _their_time(app: AppState, client: Client) -> list[ft.Control]:
    lines: list[ft.Control] = []
    zone = zone_of(client.time_zone, app.calendar.zone)
    here, there = app.format.local(app.now), app.now.astimezone(zone)
    if here.utcoffset() != there.utcoffset():
        theirs = Formatter(app.settings.language, zone)
        now = theirs.time(app.now)
        if here.date() != there.date():
            now = p_("a weekday", "{day} {time}").format(day=theirs.weekday(there.weekday()), time=now)
        place = zone_label(client.time_zone, app.settings.language)
        lines.append(fact(_("Their time now"), _("{time} in {place}").format(time=now, place=place)))
    at_work = is_at_work(client, app)
    if at_work is not None:
        lines.append(fact(_("Their working hours"), week_in_words(client.working_hours, app.format)))
        lines.append(fact("", _("At work now") if at_work else _("Not at work now")))
    return lines


def _calls(app: AppState, page: ClientPage) -> list[ft.Control]:
    calls = page.calls
    lines = [
        fact(
            _("Unscheduled calls this week"),
            _("{n} (limit {limit})").format(n=calls.rung, limit=calls.allowance),
            ft.Colors.TERTIARY if calls.over else None,
        )
    ]
    if calls.rung:
        lines.append(fact(_("What became of them"), calls_by_outcome(calls, app.format)))
    return lines


def _money(app: AppState, page: ClientPage) -> list[ft.Control]:
    client = page.client
    currency = client.currency or app.settings.currency
    lines: list[ft.Control] = []
    limit = unpaid_limit(client, currency, app.settings)
    if not page.glance.exposure and limit is not None:
        lines.append(fact(_("Unpaid limit"), app.format.money(limit, currency)))
    if client.rate is not None and page.agreed.rate is None:
        lines.append(
            fact(_("Rate"), _("{amount} an hour").format(amount=app.format.money(client.rate, currency)))
        )
    if client.availability_rate is not None:
        amount = app.format.money(client.availability_rate, currency)
        lines.append(fact(_("Rate on call"), _("{amount} an hour").format(amount=amount)))
    return lines
