"""Settings: the list of sections, and each section's screen by its key."""

import flet as ft

from app.domain.languages import LANGUAGES
from app.i18n import _
from app.ui.components.layout import screen
from app.ui.components.weekly_hours import week_in_words
from app.ui.files.view import FilesSection
from app.ui.notifications.view import NotificationsSection
from app.ui.settings.about import AboutSection
from app.ui.settings.appearance import AppearanceSection, theme_name
from app.ui.settings.data import DataSection
from app.ui.settings.delete import DeleteSection
from app.ui.settings.replies import RepliesSection, target_name
from app.ui.settings.worktime import WorkTimeSection
from app.ui.settings.you import YouSection
from app.ui.state import AppState, use_app
from app.ui.sync.invite import InviteSection
from app.ui.sync.join import JoinSection
from app.ui.sync.key import KeySection
from app.ui.sync.leave import DeleteAccountSection, LeaveSection
from app.ui.sync.shut_out import NewKeySection
from app.ui.sync.view import SyncSection
from app.viewmodels import sync as sync_model
from app.wording import words


@ft.component
def SettingsScreen() -> ft.View:
    key = ft.use_route_params()["key"]
    return SECTIONS.get(key, MainSection)()


@ft.component
def MainSection() -> ft.View:
    app = use_app()
    settings = app.settings
    about_you = [settings.name, LANGUAGES.get(settings.language, settings.language), settings.currency]
    hours = week_in_words(settings.working_hours, app.format)
    return screen(
        app,
        _("Settings"),
        [
            _entry(
                app,
                "you",
                ft.Icons.PERSON_OUTLINE,
                _("You"),
                " · ".join(part for part in about_you if part),
            ),
            _entry(
                app, "time", ft.Icons.SCHEDULE, _("Working time"), hours or _("Every day, as no day is set")
            ),
            _entry(
                app,
                "replies",
                ft.Icons.REPLY,
                _("Replies and deadlines"),
                _replies(app),
            ),
            _entry(
                app,
                "notifications",
                ft.Icons.NOTIFICATIONS_OUTLINED,
                _("Notifications"),
                _("What rings, when, and on which devices"),
            ),
            _entry(app, "appearance", ft.Icons.PALETTE_OUTLINED, _("Appearance"), theme_name(settings.theme)),
            _entry(app, "sync", ft.Icons.SYNC, _("Sync"), sync_model.headline(app.sync_status)),
            _entry(
                app,
                "data",
                ft.Icons.STORAGE,
                _("Your data"),
                _("Backup, restore, sample data, delete everything"),
            ),
            _entry(app, "about", ft.Icons.INFO_OUTLINE, _("About Kaeru"), _("Version and licences")),
        ],
    )


def _replies(app: AppState) -> str:
    """The reply target in short: "24 hours · on the clock"."""
    settings = app.settings
    target = target_name(settings.reply_minutes, settings.reply_basis, app.format)
    return f"{target} · {words.reply_basis(settings.reply_basis)}"


def _entry(app: AppState, key: str, icon: ft.IconData, title: str, note: str) -> ft.Control:
    return ft.ListTile(
        leading=icon,
        title=title,
        subtitle=ft.Text(note, color=ft.Colors.ON_SURFACE_VARIANT),
        trailing=ft.Icons.CHEVRON_RIGHT,
        on_click=lambda _event: app.open("settings", key),
        content_padding=ft.Padding(left=8, right=8),
    )


SECTIONS = {
    "main": MainSection,
    "you": YouSection,
    "time": WorkTimeSection,
    "replies": RepliesSection,
    "notifications": NotificationsSection,
    "appearance": AppearanceSection,
    "sync": SyncSection,
    "sync-join": JoinSection,
    "sync-add": InviteSection,
    "sync-key": KeySection,
    "sync-new-key": NewKeySection,
    "sync-leave": LeaveSection,
    "sync-delete": DeleteAccountSection,
    "data": DataSection,
    "files": FilesSection,
    "delete": DeleteSection,
    "about": AboutSection,
}
