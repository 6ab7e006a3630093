"""A checklist for a reply, a delivery or a new job; its progress is stored with that record."""

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
    """The checklist `listed` for `item`.

    `clear` is shown once every line is ticked and no question is open. `folded` hides the lines until they
    are opened or the first one is ticked.
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
