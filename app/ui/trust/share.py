"""The trust metrics for a public profile, as text or picture, without amounts and client names."""

import flet as ft

from app.i18n import _
from app.ui.components.fields import check_row
from app.ui.components.layout import button_bar, empty_state, screen
from app.ui.state import AppState, use_app
from app.viewmodels import profile
from app.viewmodels import trust as model
from app.viewmodels.data import file_name
from app.viewmodels.trust import TrustPage


@ft.component
def TrustShareScreen() -> ft.View:
    app = use_app()
    key = ft.use_route_params()["key"]
    page = ft.use_memo(
        lambda: model.load(app, int(key) if key.isdecimal() else model.USUAL_DAYS),
        [key, app.revision, app.now],
    )
    with_comments, set_with_comments = ft.use_state(False)
    picker = ft.use_memo(ft.FilePicker, [])
    picture = ft.use_memo(lambda: ft.Screenshot(_picture(app, page, with_comments)), [page, with_comments])
    report = page.report
    if not model.for_profile(app, report):
        nothing = empty_state(
            ft.Icons.INSIGHTS_OUTLINED,
            _("Nothing to show yet"),
            _("When a few messages are answered and a few jobs delivered, there are numbers to share."),
        )
        return screen(app, _("For your profile"), [nothing])
    text = profile.as_text(app, report, with_comments)

    async def save() -> None:
        data = await picture.capture(pixel_ratio=3.0)  # must be a float: Flet's client rejects an int
        name = file_name(app.now, app.format).replace(".json", ".png")
        saved = await picker.save_file(file_name=name, src_bytes=data)
        if saved or app.page.web:
            app.say(_("Picture saved as {name}").format(name=name))

    controls: list[ft.Control] = [
        ft.Text(
            _("What a new client may like to know. Nothing about money, and nobody's name."),
            color=ft.Colors.ON_SURFACE_VARIANT,
        ),
        picture,
    ]
    if profile.comments(report):
        controls.append(check_row(_("With what clients said"), with_comments, set_with_comments))
    controls.append(
        ft.OutlinedButton(
            _("Save as a picture…"),
            icon=ft.Icons.IMAGE_OUTLINED,
            on_click=lambda _event: app.page.run_task(save),
        )
    )
    # As in a script: browsers allow copying and sharing only during the tap itself.
    copy = ft.CopyToClipboard(text)
    return screen(
        app,
        _("For your profile"),
        controls,
        bottom=button_bar(
            ft.FilledButton(
                _("Copy"),
                icon=ft.Icons.CONTENT_COPY,
                action=copy,
                on_click=lambda _event: app.say(_("Copied")),
            ),
            ft.FilledTonalButton(_("Share"), icon=ft.Icons.SHARE_OUTLINED, action=[copy, ft.ShareText(text)]),
        ),
    )


def _picture(app: AppState, page: TrustPage, with_comments: bool) -> ft.Control:
    """The card for the picture, with its own colours and padding."""
    rows: list[ft.Control] = [
        ft.Text(profile.title(app, page.report), theme_style=ft.TextThemeStyle.TITLE_MEDIUM)
    ]
    rows += [
        ft.Row(
            [
                ft.Text(each.title, expand=True),
                ft.Text(each.value, weight=ft.FontWeight.W_600, color=ft.Colors.ON_PRIMARY_CONTAINER),
            ],
            spacing=12,
        )
        for each in model.for_profile(app, page.report)
    ]
    if with_comments:
        rows += [
            ft.Text(_("“{comment}”").format(comment=each), italic=True)
            for each in profile.comments(page.report)
        ]
    return ft.Container(
        ft.Column(rows, spacing=10, tight=True),
        bgcolor=ft.Colors.PRIMARY_CONTAINER,
        border_radius=16,
        padding=20,
    )
