"""A checklist to go through before a reply, a delivery or a new job; its progress stays with that thing."""

from functools import partial

import flet as ft

from app.domain.checklists import checklist_progress, reply_checklist_green
from app.domain.reply import open_questions
from app.i18n import _
from app.store.content import ChecklistView
from app.ui.components.buttons import icon_button
from app.ui.components.fields import check_row
from app.ui.components.layout import heading
from app.ui.state import use_app
from app.viewmodels import items
from app.viewmodels.items import Item


@ft.component
def Checklist(item: Item, listed: ChecklistView, clear: str, folded: bool = False) -> ft.Control:
    """`clear` says what may be done once all is ticked and nothing is left to ask.

    `folded` shows the lines only when they are asked for, or once the first is ticked.
    """
    app = use_app()
    ticked = item.checklists.get(listed.id, [])
    done, total = checklist_progress(ticked, listed.items)
    unfolded, set_unfolded = ft.use_state(not folded or 0 < done < total)
    green = reply_checklist_green(item, listed.items, ticked)
    if green:
        state = clear
    elif open_questions(item) and done == total:
        state = _("A question is still open: ask first.")
    else:
        state = _("{done} of {total}").format(done=done, total=total)
    color = ft.Colors.PRIMARY if green else ft.Colors.ON_SURFACE_VARIANT
    fold = icon_button(
        ft.Icons.EXPAND_LESS if unfolded else ft.Icons.EXPAND_MORE,
        _("Hide the list") if unfolded else _("Show the list"),
        lambda: set_unfolded(not unfolded),
    )
    lines = (
        check_row(
            line["text"],
            line["id"] in ticked,
            partial(items.tick_item, app, item, listed.id, line["id"]),
        )
        for line in listed.items
    )
    return ft.Column(
        [
            heading(listed.title, fold if folded else None),
            ft.Semantics(content=ft.Text(state, color=color), live_region=True),
            ft.ProgressBar(
                value=done / total if total else 1,
                color=ft.Colors.PRIMARY if green else ft.Colors.OUTLINE,
                border_radius=4,
            ),
            *(lines if unfolded else ()),
        ],
        spacing=4,
        tight=True,
    )
