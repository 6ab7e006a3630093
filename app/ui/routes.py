"""Addresses and their screens.

A screen opened from another adds a segment `/kind/key` to the address, to any depth:
`/clients/client/4f…/job/a1…`. The address is the stack, so "back", a reload and a link from a notification
all have what they need.
"""

import flet as ft

from app.i18n import _
from app.ui.call.view import CallScreen
from app.ui.client.agreement import AgreementForm
from app.ui.client.form import ClientForm
from app.ui.client.list import ClientsScreen
from app.ui.client.view import ClientScreen
from app.ui.components.layout import empty_state, screen
from app.ui.exposure.view import ExposureScreen
from app.ui.files.import_form import ImportScreen
from app.ui.job.form import JobForm
from app.ui.job.list import JobsScreen
from app.ui.job.view import JobScreen
from app.ui.ladder.view import LadderScreen
from app.ui.message.acknowledge import AcknowledgeScreen
from app.ui.message.form import MessageForm
from app.ui.message.view import MessageScreen
from app.ui.record.view import RecordScreen
from app.ui.scripts.checklist import ChecklistForm, ChecklistScreen
from app.ui.scripts.form import ScriptForm
from app.ui.scripts.say import SayScreen
from app.ui.scripts.script import ScriptScreen
from app.ui.scripts.view import ScriptsScreen
from app.ui.search.view import SearchScreen
from app.ui.settings_screen import SettingsScreen
from app.ui.standing.view import StandingCallScreen
from app.ui.state import use_app
from app.ui.sync.shut_out import ShutOutScreen
from app.ui.today.view import TodayScreen
from app.ui.trust.share import TrustShareScreen
from app.ui.trust.view import TrustScreen
from app.ui.update.form import UpdateForm
from app.ui.waiting.view import WaitingScreen
from app.ui.workload.view import WorkloadScreen

# Screens by the first part of their segment; each reads its key with `ft.use_route_params()["key"]`.
SCREENS = {
    "new": RecordScreen,
    "message": MessageScreen,
    "edit-message": MessageForm,
    "acknowledge": AcknowledgeScreen,
    "call": CallScreen,
    "standing-call": StandingCallScreen,
    "job": JobScreen,
    "edit-job": JobForm,
    "client": ClientScreen,
    "edit-client": ClientForm,
    "exposure": ExposureScreen,
    "ladder": LadderScreen,
    "agreement": AgreementForm,
    "update": UpdateForm,
    "script": ScriptScreen,
    "say": SayScreen,
    "edit-script": ScriptForm,
    "checklist": ChecklistScreen,
    "edit-checklist": ChecklistForm,
    "workload": WorkloadScreen,
    "waiting": WaitingScreen,
    "trust-share": TrustShareScreen,
    "import": ImportScreen,
    "search": SearchScreen,
    "settings": SettingsScreen,
    "shut-out": ShutOutScreen,
}


@ft.component
def Stacked() -> ft.Control:
    return SCREENS[ft.use_route_params()["kind"]]()


@ft.component
def NotFound() -> ft.Control:
    """The screen for an unknown address, e.g. of an old link."""
    app = use_app()
    return screen(
        app,
        "Kaeru",
        [
            empty_state(
                ft.Icons.EXPLORE_OFF_OUTLINED,
                _("There is nothing here"),
                _("The link may be old, or the item was deleted."),
                _("Go to Today"),
                lambda: app.go("/"),
            )
        ],
    )


STACKED = ft.Route(path=f":kind({'|'.join(SCREENS)})/:key", component=Stacked, recursive=True)

ROUTES = [
    ft.Route(path="jobs", component=JobsScreen, children=[STACKED]),
    ft.Route(path="clients", component=ClientsScreen, children=[STACKED]),
    ft.Route(path="scripts", component=ScriptsScreen, children=[STACKED]),
    ft.Route(path="trust", component=TrustScreen, children=[STACKED]),
    ft.Route(path="/", component=TodayScreen, children=[STACKED]),
    ft.Route(path=":anything*", component=NotFound),
]
