"""The first half of the client form: identity, contact, working hours and reply target."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import flet as ft

from app.domain.addressing import HONORIFICS, is_group
from app.domain.codes import ChannelKind, Party, ReplyBasis
from app.domain.column_types import Channel
from app.domain.entities import Client
from app.domain.languages import JAPANESE, LANGUAGES
from app.domain.reply import reply_target
from app.i18n import _
from app.ui.components.buttons import icon_button
from app.ui.components.fields import choice_chips, dropdown, error_text, labelled, switch_row, text_field
from app.ui.components.layout import card, heading
from app.ui.components.weekly_hours import weekly_hours
from app.ui.components.zone_field import ZoneField, zone_label
from app.ui.state import AppState
from app.viewmodels.client_draft import AS_IN_SETTINGS, ClientDraft, addressee, split_proposed
from app.wording import words

NUMBER = ft.KeyboardType.NUMBER


@dataclass(frozen=True)
class ClientForm:
    """What every section of the form needs."""

    app: AppState
    draft: ClientDraft
    client: Client  # the client as parsed from the draft, even if parts of it are invalid
    change: Callable[..., None]  # changes fields of the draft, by name
    readdress: Callable[..., None]  # the same for fields of the name; also updates the honorific
    errors: Mapping[str, str]

    def text(self, label: str, field: str, **options: Any) -> ft.Control:
        """A text field bound to a text of the draft."""
        return text_field(
            label,
            getattr(self.draft, field),
            lambda text: self.change(**{field: text}),
            error=self.errors.get(field, ""),
            **options,
        )


def who(form: ClientForm, *, namesake: bool, autofocus: bool) -> list[ft.Control]:
    """The fields for a person, an organisation, or a person at an organisation."""
    draft = form.draft

    def name_field(label: str, field: str, **options: Any) -> ft.Control:
        return text_field(
            label,
            getattr(draft, field),
            lambda text: form.readdress(**{field: text}),
            **options,
        )

    return [
        name_field(
            _("Person"),
            "person",
            autofocus=autofocus,
            error=form.errors.get("name", ""),
            helper=_("You already have a client of this name.") if namesake else "",
        ),
        name_field(_("Company or organisation"), "organisation", error=form.errors.get("organisation", "")),
        *_split(form),
        *_reading(form),
        labelled(
            _("Language you write to them in"),
            choice_chips(LANGUAGES, draft.language, lambda key: form.readdress(language=key)),
        ),
        *_honorific(form),
    ]


def _split(form: ClientForm) -> list[ft.Control]:
    """The offer to split a name that seems to contain a person and an organisation."""
    found = split_proposed(form.draft)
    if found is None:
        return []
    honorific = found.honorific or form.draft.honorific

    def separate() -> None:
        form.readdress(person=found.person, organisation=found.organisation, honorific=honorific)

    asked = _("Is this {person} of {organisation}?").format(
        person=found.person, organisation=found.organisation
    )
    return [
        card(
            ft.Column(
                [
                    ft.Semantics(content=ft.Text(asked), live_region=True),
                    ft.FilledTonalButton(
                        _("Yes, separate them"),
                        icon=ft.Icons.CALL_SPLIT,
                        on_click=lambda _event: separate(),
                    ),
                ],
                spacing=8,
                tight=True,
            )
        )
    ]


def _reading(form: ClientForm) -> list[ft.Control]:
    """The reading of the name, for Japanese names."""
    if JAPANESE not in (form.draft.language, form.app.settings.language) and not form.draft.reading:
        return []
    return [
        form.text(_("Reading of the name"), "reading", helper=_("The list is sorted by it, and searched."))
    ]


def _honorific(form: ClientForm) -> list[ft.Control]:
    """The honorific; nothing for an organisation in languages without one."""
    draft, change = form.draft, form.change
    to = addressee(draft)
    party = Party.ORGANISATION if is_group(to) else Party.PERSON
    usual = HONORIFICS.get(draft.language, {}).get(party, ())
    if party is Party.ORGANISATION and not usual:
        return []
    none = {} if draft.language == JAPANESE else {"": _("None")}
    greeted = words.greeted(to)
    return [
        form.text(
            _("Form of address"),
            "honorific",
            helper=_("Texts start with “{name}”.").format(name=greeted) if to.name else "",
        ),
        choice_chips(
            {**none, **{word: word for word in usual}},
            draft.honorific.strip(),
            lambda key: change(honorific=key),
        ),
    ]


def channels(form: ClientForm, kinds: Sequence[str]) -> list[ft.Control]:
    used = form.draft.channels

    def put(*new: Channel) -> None:
        form.change(channels=new)

    def put_at(index: int, *channel: Channel) -> None:
        put(*used[:index], *channel, *used[index + 1 :])

    rows: list[ft.Control] = [
        _channel(form, kinds, index, partial(put_at, index), partial(put_at, index))
        for index in range(len(used))
    ]
    unused = next((kind for kind in kinds if kind not in {each["kind"] for each in used}), "other")
    return [
        heading(_("How they reach you")),
        *rows,
        *([error_text(form.errors["channels"])] if "channels" in form.errors else []),
        ft.Row(
            [
                ft.TextButton(
                    _("Add a channel"),
                    icon=ft.Icons.ADD,
                    on_click=lambda _event: put(*used, Channel(kind=str(unused), handle="")),
                )
            ]
        ),
    ]


def _channel(
    form: ClientForm,
    kinds: Sequence[str],
    index: int,
    on_change: Callable[[Channel], None],
    on_remove: Callable[[], None],
) -> ft.Control:
    channel = form.draft.channels[index]
    name = words.channel(channel["kind"])
    keyboards: dict[str, ft.KeyboardType] = {
        ChannelKind.EMAIL: ft.KeyboardType.EMAIL,
        ChannelKind.PHONE: ft.KeyboardType.PHONE,
    }
    names = {kind: words.channel(kind) for kind in kinds}
    fields = ft.Column(
        [
            ft.Row(
                [
                    dropdown(
                        _("Channel"),
                        names,
                        channel["kind"],
                        lambda kind: on_change(Channel(kind=kind, handle=channel["handle"])),
                    ),
                    icon_button(ft.Icons.DELETE_OUTLINE, _("Remove {name}").format(name=name), on_remove),
                ]
            ),
            text_field(
                _("Address or name"),
                channel["handle"],
                lambda text: on_change(Channel(kind=channel["kind"], handle=text)),
                keyboard=keyboards.get(channel["kind"], ft.KeyboardType.TEXT),
            ),
        ],
        spacing=8,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    return card(fields, padding=12)


def times(form: ClientForm) -> list[ft.Control]:
    app, draft, change = form.app, form.draft, form.change
    mine = _("Mine ({zone})").format(zone=zone_label(str(app.format.zone), app.settings.language))

    return [
        heading(_("Their time")),
        ZoneField(
            _("Time zone"),
            draft.time_zone,
            lambda zone: change(time_zone=zone),
            default_label=mine,
            error=form.errors.get("time_zone", ""),
        ),
        switch_row(_("I know their working hours"), draft.hours_known, lambda on: change(hours_known=on)),
        *(
            [
                weekly_hours(
                    app,
                    draft.working_hours,
                    lambda hours: change(working_hours=hours),
                    form.errors.get("working_hours", ""),
                )
            ]
            if draft.hours_known
            else []
        ),
    ]


def replies(form: ClientForm) -> list[ft.Control]:
    draft, change = form.draft, form.change
    default = words.reply_target(*reply_target(None, form.app.settings), form.app.format)
    options = {
        AS_IN_SETTINGS: _("As in Settings"),
        ReplyBasis.CLOCK.value: _("Hours on the clock"),
        ReplyBasis.BUSINESS.value: _("Hours in business days"),
    }
    parts: list[ft.Control] = [
        heading(_("Your replies")),
        labelled(
            _("You answer them"),
            choice_chips(options, draft.reply_basis, lambda key: change(reply_basis=key)),
        ),
    ]
    if draft.reply_basis == AS_IN_SETTINGS:
        parts.append(ft.Text(default, color=ft.Colors.ON_SURFACE_VARIANT))
    else:
        parts.append(
            text_field(
                _("Hours to answer in"),
                draft.reply_hours,
                lambda text: change(reply_hours=text),
                error=form.errors.get("reply_minutes", ""),
                helper=_("24 hours are one working day. Weekends and days off do not count.")
                if draft.reply_basis == ReplyBasis.BUSINESS
                else "",
                keyboard=NUMBER,
            )
        )
    return parts
