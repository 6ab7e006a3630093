"""The sample data: all kinds of records, in each language, removable at once."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from app.domain.agenda import AgendaKind
from app.domain.codes import BoundaryStep
from app.domain.entities import KINDS, SAMPLE_PREFIX, Call, Client, Message, Settings, StatusUpdate
from app.domain.exposure import PaymentStep
from app.domain.languages import LANGUAGES
from app.domain.validation import check
from app.store import queries, sample
from app.store.store import Store
from tests.unit.store.support import NOON, contents


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sample_has_valid_records_of_every_kind(store: Store, language: str) -> None:
    sample.load_sample(store, language, NOON)
    assert sample.has_sample(store)
    with store.session() as session:
        loaded = [entity for kind in KINDS.values() for entity in session.query(kind)]
    assert {type(entity).__name__ for entity in loaded} == {
        "Client",
        "Message",
        "Call",
        "Topic",
        "Conversation",
        "StatusUpdate",
        "Job",
        "Part",
    }
    for entity in loaded:
        assert entity.id.startswith(SAMPLE_PREFIX)
        assert check(entity) == []
    kinds = {item.kind for item in queries.today(store, NOON).agenda.items}
    assert kinds >= {AgendaKind.REPLY, AgendaKind.INTERNAL_DEADLINE, AgendaKind.FOLLOW_UP}
    assert {client.language for client in queries.clients(store)} == {language}
    assert any(client.standing_call_start for client in queries.clients(store))
    (talked_to,) = [each for each in queries.ladders(store, NOON).values() if each.last]
    # The caller waits for an answer, so the next step is due only after it.
    stands = (talked_to.step, talked_to.next, talked_to.owed)
    assert stands == (BoundaryStep.PROPOSE, None, BoundaryStep.PUSH_BACK)
    assert [payment.step for payment in queries.payments(store, NOON)].count(PaymentStep.REMIND) == 1
    assert queries.trust(store, 90, NOON).present.answers >= 8


def test_the_sample_is_dated_relative_to_its_loading(store: Store) -> None:
    sample.load_sample(store, "en", NOON)
    first = queries.open_messages(store)
    later = NOON + timedelta(days=100)
    sample.load_sample(store, "en", later)
    second = queries.open_messages(store)
    assert [b.at - a.at for a, b in zip(first, second, strict=True)] == [timedelta(days=100)] * len(first)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("hour", [0, 3, 7, 9, 12, 18, 21, 23])
def test_sample_events_are_never_at_night(store: Store, language: str, hour: int) -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    store.save(Settings(time_zone="Asia/Tokyo"))
    now = NOON.astimezone(tokyo).replace(hour=hour, minute=17)
    sample.load_sample(store, language, now)
    with store.session() as session:
        messages, calls, updates = (session.query(kind).all() for kind in (Message, Call, StatusUpdate))
    moments = [each.at for each in (*messages, *calls, *updates)]
    moments += [each.replied_at for each in messages if each.replied_at]
    assert len(moments) > 10
    assert all(8 <= at.astimezone(tokyo).hour < 20 for at in moments)
    assert all(at <= now for at in moments)
    assert all(each.replied_at is None or each.replied_at > each.at for each in messages)


def test_removing_the_sample_keeps_own_records_and_can_be_undone(store: Store) -> None:
    store.save(Client(id="mine", name="Ana"), Message(id="m", client_id="mine"))
    mine = contents(store)
    sample.load_sample(store, "fr", NOON)
    theirs = next(client for client in queries.clients(store) if client.id != "mine")
    store.save(Message(id="noted", client_id=theirs.id))  # recorded while trying the app
    both = contents(store)
    change = sample.remove_sample(store)
    assert contents(store) == mine
    assert not sample.has_sample(store)
    store.undo(change)
    assert contents(store) == both
    assert sample.has_sample(store)


def test_removing_a_missing_sample_changes_nothing(store: Store) -> None:
    assert not sample.remove_sample(store)
    assert not sample.has_sample(store)
