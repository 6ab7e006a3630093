"""The desktop layout: navigation rail, list of a main destination, and the opened screen beside it.

Screens are the same as on a phone. Each is drawn in a pane of its own width; all panes are in one view.
"""

import asyncio
from collections.abc import Callable
from dataclasses import field
from typing import Any, cast

import flet as ft

# These are private to Flet; its version is pinned, and tests/e2e/test_wide_window.py covers their behaviour.
from flet.components.router import (
    LocationInfo,
    _location_context,
    _match_routes,
    _params_context,
    _RouteMatch,
    _view_path_context,
)

from app.i18n import _
from app.ui.components import keys, returning
from app.ui.components.frog import frog
from app.ui.components.rail import WIDTH as RAIL_WIDTH
from app.ui.components.rail import navigation_rail
from app.ui.components.scrolled import tab_group
from app.ui.components.tabs import update_banner
from app.ui.routes import ROUTES
from app.ui.state import AppContext, AppState, use_app
from app.viewmodels import paths

# Main destinations that are lists: screens opened from them appear beside them if there is room.
LISTS = ("/", "/jobs", "/clients", "/scripts")
LIST_WIDTH = 400
LEAST_BESIDE = 560  # minimum width of a screen beside a list
# Seconds that Flet's client needs to apply an address. A second address within that time can leave the client
# with one address and the other's screen.
ARRIVING = 0.3


@ft.control("Container")  # type: ignore[arg-type]
class PaneFrame(ft.Container):
    """A container that can hold a view: Flet's client asks a view's parent for `views`, as it asks a page."""

    views: list[ft.Control] = field(default_factory=lambda: [ft.Container()])


class PaneState(ft.Observable):
    """The app state as seen by the screens of one pane: `width` is the pane's.

    With `base`, the address of a list, opening a record replaces the screen beside the list.
    """

    def __init__(self, app: AppState, width: float, base: str = "") -> None:
        object.__setattr__(self, "_app", app)
        object.__setattr__(self, "_base", base)
        object.__setattr__(self, "width", width)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._app, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._app, name, value)

    def subscribe(self, fn: Callable[[Any, str | None], None]) -> Callable[[], None]:
        return self._app.subscribe(fn)  # type: ignore[no-any-return]

    def open(self, kind: str, key: str, at: str = "") -> None:
        if not self._base:
            self._app.open(kind, key, at)
            return
        # `navigate`, not `go`: an unsaved form beside the list asks first, as for the browser's "back".
        self._app.page.navigate(paths.pointing_at(paths.stacked(self._base, kind, key), at))


@ft.component
def Panes() -> ft.View:
    app = use_app()
    location = _use_location(app)
    chain = _match_routes(ROUTES, paths.without_query(location) or "/") or []
    root, opened = chain[:1], chain[1:]
    tab = root[0].resolved_path or "/" if root else "/"
    room = app.width - RAIL_WIDTH
    beside = tab in LISTS and room - LIST_WIDTH >= LEAST_BESIDE
    panes: list[ft.Control] = []
    if beside:
        panes.append(
            ft.Container(
                tab_group(PaneFrame(_pane(app, LIST_WIDTH, root, root[0], location, base=tab))),
                key=f"list-{tab}",
                width=LIST_WIDTH,
            )
        )
        panes.append(ft.VerticalDivider(width=1, thickness=1, color=ft.Colors.OUTLINE_VARIANT))
    levels = opened if beside else chain
    width = room - LIST_WIDTH if beside else room
    # The screens below the top one stay mounted, so that they are unchanged when shown again.
    stack: list[ft.Control] = [
        PaneFrame(
            _pane(app, width, chain, level, location),
            key=_address(level),
            visible=level is levels[-1],
            expand=True,
        )
        for level in levels
    ]
    panes.append(
        ft.Container(tab_group(ft.Stack(stack, fit=ft.StackFit.EXPAND)), expand=True)
        if stack
        else _nothing_opened(),
    )
    rows: list[ft.Control] = [ft.Row(panes, expand=True, spacing=0)]
    if app.update_ready:
        rows.insert(0, update_banner(app))
    return ft.View(
        route="/",
        controls=[
            ft.Row(
                [
                    navigation_rail(tab, app.page.navigate),
                    ft.Container(
                        ft.Semantics(
                            content=ft.Column(rows, expand=True, spacing=0),
                            identifier="main",
                            container=True,
                        ),
                        expand=True,
                    ),
                ],
                expand=True,
                spacing=0,
                vertical_alignment=ft.CrossAxisAlignment.STRETCH,
            )
        ],
        padding=0,
    )


def _use_location(app: AppState) -> str:
    """Hook: return the current address, as Flet's router tracks it, and handle keyboard events."""
    page = app.page
    location, set_location = ft.use_state(page.route or "/")

    def follow(event: ft.RouteChangeEvent) -> None:
        page.run_task(_arrive, app, event.route)
        opener = returning.went(page.session, event.route)
        set_location(event.route)
        if opener is not None:
            page.run_task(returning.focus, page.session, opener)

    def press(event: ft.KeyboardEvent) -> None:
        if app.is_navigating:
            return  # the key is meant for the next screen, which is not shown yet
        if event.key == "Escape":
            keys.escape(page)
        elif keys.is_search(event):
            app.open("search", "all")

    def listen() -> None:
        app.arrived(page.route)
        page.on_route_change, page.on_keyboard_event = follow, press

    def cease() -> None:
        page.on_keyboard_event = None
        # Another router may have subscribed by now: the window became narrow.
        if page.on_route_change is follow:
            page.on_route_change = None

    ft.use_effect(listen, [], cleanup=cease)
    ft.use_effect(lambda: returning.begin(page.session, location), [])
    return location


async def _arrive(app: AppState, route: str) -> None:
    await asyncio.sleep(ARRIVING)
    app.arrived(route)


def _address(level: _RouteMatch) -> str:
    return level.resolved_path or level.full_path or "/"


def _pane(
    app: AppState,
    width: float,
    chain: list[_RouteMatch],
    level: _RouteMatch,
    location: str,
    base: str = "",
) -> ft.Control:
    """Render one screen with the router contexts its hooks need; Flet's router would make a view of each
    screen.
    """
    params: dict[str, str] = {}
    for each in chain[: chain.index(level) + 1]:
        params |= each.params
    pathname, _mark, search = location.partition("?")
    where = LocationInfo(pathname=pathname.rstrip("/") or "/", search=search)
    state = cast("AppState", PaneState(app, width, base))

    component = cast("Callable[[], ft.Control]", level.route.component)

    return AppContext(
        state,
        lambda: _view_path_context(
            _address(level),
            lambda: _location_context(where, lambda: _params_context(params, component)),
        ),
    )


def _nothing_opened() -> ft.Control:
    """The placeholder beside a list from which nothing was opened yet."""
    return ft.Container(
        ft.Column(
            [
                ft.Container(frog(80), opacity=0.6),
                ft.Text(
                    _("Choose something from the list: it opens here."),
                    color=ft.Colors.ON_SURFACE_VARIANT,
                    text_align=ft.TextAlign.CENTER,
                ),
            ],
            tight=True,
            spacing=16,
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        ),
        alignment=ft.Alignment.CENTER,
        expand=True,
        padding=32,
    )
