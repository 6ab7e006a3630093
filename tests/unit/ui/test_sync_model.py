"""Sync wording: every state and error has a sentence and a way forward; typed keys are read leniently."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest

from app.domain.entities import Client
from app.i18n import Formatter
from app.store.sample import load_sample
from app.store.transactions import StorageError
from app.sync import keys
from app.sync.checked_text import KeyTextError
from app.sync.errors import PASSING, SyncError, SyncErrorCode
from app.sync.inviter import Inviter, InviterState
from app.sync.joiner import Joiner, JoinerState
from app.sync.pairing_messages import Offer
from app.sync.pairing_secret import PairingEntry, PairingSecret
from app.sync.status import Status, SyncDevice
from app.ui.components.qr import QUIET_ZONE, WIDEST, qr_code
from app.ui.state import AppState
from app.ui.sync import invite, join_pairing
from app.viewmodels import sync as model
from app.viewmodels import sync_notices as notices

EN = Formatter("en", ZoneInfo("Europe/Paris"))
NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
KEY = bytes(range(32))
SECRET = PairingSecret.of(bytes(range(17)))
DAY = timedelta(days=1)


# --- errors ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", get_args(SyncErrorCode))
def test_every_error_code_has_its_own_sentence(code: SyncErrorCode) -> None:
    shown = notices.notice(code, {}, EN)
    assert shown.text.endswith(".")
    if code != "server":
        assert shown.text != notices.notice("server", {}, EN).text


@pytest.mark.parametrize("code", sorted(set(get_args(SyncErrorCode)) - PASSING - {"off"}))
def test_a_lasting_error_names_a_way_forward(code: SyncErrorCode) -> None:
    shown = notices.notice(code, {}, EN)
    # Either a button, or the sentence says what to do.
    assert shown.ways or any(
        word in shown.text
        for word in (
            "must begin",
            "Add this device",
            "Enter the new one",
            "Shut one out",
            "Shorten",
            "Whoever runs it",
            "off and on",
            "Make a new",
        )
    )


def test_an_unknown_error_code_is_reported_as_a_server_error() -> None:
    assert notices.notice("from-the-future", {}, EN) == notices.notice("server", {}, EN)


@pytest.mark.parametrize(("seconds", "said"), [(400 * 86400, "1 year ahead"), (-2 * 86400, "2 days behind")])
def test_a_wrong_clock_is_reported_with_amount_and_direction(seconds: float, said: str) -> None:
    assert said in notices.notice("clock", {"seconds": seconds}, EN).text


def test_a_protocol_mismatch_asks_to_update_the_older_side() -> None:
    newer = notices.notice("protocol", {"min": 2, "max": 3}, EN)
    assert newer.text.startswith("The server is newer")
    assert "update" in newer.ways
    assert notices.notice("protocol", {"min": 0, "max": 0}, EN).text.startswith("The server is older")


def test_too_large_entries_are_reported_in_singular_and_plural() -> None:
    assert notices.notice("too_large", {"ids": ("a",)}, EN).text.startswith("One entry is")
    assert notices.notice("too_large", {"ids": ("a", "b")}, EN).text.startswith("2 entries are")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (SyncError("closed"), "takes nobody new"),
        (StorageError("full"), "storage is full"),
        (KeyTextError("checksum"), "two are swapped"),
        (OSError(), "keep the key"),
    ],
)
def test_a_failed_command_is_explained(error: Exception, said: str) -> None:
    assert said in notices.explain(error, EN).text


@pytest.mark.parametrize(
    ("status", "has_notice"),
    [
        (Status("idle", NOW), False),
        (Status("syncing"), False),
        (Status("offline", NOW, code="offline"), True),
        (Status("error", NOW, code="revoked"), True),
    ],
)
def test_only_errors_and_offline_get_a_notice(status: Status, has_notice: bool) -> None:
    assert (notices.notice_of(status, EN) is not None) is has_notice


# --- status ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "line"),
    [
        (Status("syncing"), "Asking the server…"),
        (Status("syncing", done=1), "1 entry exchanged so far"),
        (Status("syncing", done=500), "500 entries exchanged so far"),
        (Status("syncing", done=40, total=1900), "40 of 1,900 sent"),
        (Status("syncing", done=0, total=1900, sealing=True), "0 of 1,900 sealed with the new key"),
    ],
)
def test_progress_names_a_total_only_if_it_is_known(status: Status, line: str) -> None:
    assert model.progress_line(status, EN) == line


def test_this_device_is_labelled_as_such() -> None:
    def device(this: bool) -> SyncDevice:
        return SyncDevice("d", "Phone", NOW - 9 * DAY, NOW - DAY, this)

    assert model.seen_line(device(True), NOW, EN) == "This device"
    assert model.seen_line(device(False), NOW, EN).startswith("Last seen: yesterday · Added: ")


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ({"added_here": True, "added_by": "Phone"}, "Added with this device: yesterday"),
        ({"added_by": "Phone", "method": "pairing"}, "Added with Phone: yesterday"),
        ({"method": "key"}, "Added with the sync key: yesterday"),
        ({}, "It does not say how."),
    ],
)
def test_a_new_device_is_announced_with_how_it_was_added(said: dict[str, Any], line: str) -> None:
    device = SyncDevice("d", "Tablet", NOW - DAY, NOW, this=False, known=False, **said)
    assert line in model.added_line(device, NOW, EN)


# --- keys ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        lambda text: text,
        lambda text: f"  {text.lower()}\n",
        lambda text: text.replace("-", " "),
        lambda text: text.replace("0", "O").replace("1", "l"),
        lambda text: "".join(
            chr(ord(each) + 0xFEE0) for each in text
        ),  # full-width characters of a Japanese keyboard
    ],
)
def test_a_key_is_read_in_any_common_spelling(typed: Callable[[str], str]) -> None:
    for secret in (keys.to_text(KEY), SECRET.text):
        assert model.entry_problem(typed(secret)) == ""
    assert model.entry_of(typed(keys.to_text(KEY))) == PairingEntry("key", secret=KEY)
    assert model.entry_of(typed(SECRET.text)) == PairingEntry("pairing", secret=SECRET.secret)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "a sync key has 14"),
        (keys.to_text(KEY)[:-1], "a sync key has 14"),
        (keys.to_text(KEY)[:-1] + "鍵", "digits and Latin letters"),
        (keys.to_text(KEY)[1] + keys.to_text(KEY)[0] + keys.to_text(KEY)[2:].replace("Z", "Y"), "swapped"),
    ],
)
def test_an_invalid_key_is_reported_with_the_reason(typed: str, said: str) -> None:
    assert said in model.entry_problem(typed)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter your server's address"),
        ("https://", "Enter your server's address"),
        ("my server", "Enter your server's address"),
        ("kaeru.example:https", "Enter your server's address"),
        ("https://kaeru..example", "Enter your server's address"),
        ("http://kaeru.example", "must begin with https"),
        ("kaeru.example", ""),
        ("http://127.0.0.1:8000", ""),
    ],
)
def test_an_invalid_server_address_is_reported_before_any_request(
    app: AppState, typed: str, said: str
) -> None:
    found = model.server_problem(app, typed)
    assert said in found
    assert bool(found) is bool(said)


def test_the_qr_code_is_the_largest_multiple_of_its_modules_that_fits() -> None:
    code = qr_code(SECRET.link("https://kaeru.example"))
    assert code.png.startswith(b"\x89PNG")
    width = int.from_bytes(code.png[16:20])  # from the IHDR chunk: one pixel per module
    assert width > 2 * QUIET_ZONE
    assert code.size % width == 0
    assert WIDEST - width < code.size <= WIDEST


# --- adding a device -------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", sorted(Inviter.ended - {"done", "stopped"}))
def test_every_end_of_an_invitation_has_its_own_sentence(state: InviterState) -> None:
    lines = [
        invite.end_line(SimpleNamespace(state=each, guest="Phone", given=False)) for each in Inviter.ended
    ]
    line = invite.end_line(SimpleNamespace(state=state, guest="Phone", given=False))
    assert line.endswith(".")
    assert lines.count(line) == 1


@pytest.mark.parametrize("state", ["expired", "cancelled", "replaced", "broken"])
def test_an_invitation_that_ends_after_the_key_was_given_says_so(state: InviterState) -> None:
    line = invite.end_line(SimpleNamespace(state=state, guest="Phone", given=True))
    assert line.startswith("The key had been given to Phone already.")


@pytest.mark.parametrize("state", sorted(Joiner.ended - {"done", "failed"}))
def test_every_end_of_joining_has_its_own_sentence(state: JoinerState) -> None:
    lines = [join_pairing.end_line(SimpleNamespace(state=each)) for each in Joiner.ended]
    line = join_pairing.end_line(SimpleNamespace(state=state))
    assert line.endswith(".")
    assert lines.count(line) == 1


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(600, "10 more minutes"), (541, "10 more"), (61, "2 more"), (60, "1 more minute."), (-5, "1 more")],
)
def test_the_lifetime_of_an_invitation_is_shown_in_minutes(seconds: int, said: str) -> None:
    assert said in model.lifetime_line(NOW + timedelta(seconds=seconds), NOW)


def test_the_devices_line_names_unnamed_devices_and_counts_omitted_ones() -> None:
    offer = Offer("s", "a", "d", "Phone", ("Desk", ""), 5, b"")
    assert model.devices_line(offer, EN) == "Desk, A device without a name, and 3 more devices"


def test_joining_counts_neither_sample_data_nor_deleted_records(app: AppState) -> None:
    assert "Everything from this account" in model.joining_line(app)
    load_sample(app.store, "en", NOW)
    assert "Everything from this account" in model.joining_line(app)
    own, deleted = Client(name="Ana"), Client(name="Ben")
    app.store.save(own, deleted)
    app.store.delete(deleted)
    assert "(1 client)" in model.joining_line(app)
