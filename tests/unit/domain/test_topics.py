"""Topics: their sources, ticking off and reopening, and the records created from them."""

import pytest

from app.domain.codes import Direction, RaisedBy
from app.domain.entities import Call, Message, Topic
from app.domain.errors import DomainError
from app.domain.topics import (
    become_job,
    become_message,
    become_update,
    edit,
    in_order,
    tick_off,
    topic_of_call,
    topic_of_message,
)
from app.domain.validation import check
from tests.unit.domain.support import at

NOW = at("2026-03-25 09:00")


def test_the_topic_of_a_call_or_a_message_is_the_same_on_every_device() -> None:
    call = Call(id="c1", client_id="ana")
    one, other = (topic_of_call(call, text, NOW) for text in ("the invoice", "invoice"))
    assert one.id == other.id != topic_of_call(Call(id="c2"), "", NOW).id
    assert (one.client_id, one.call_id, one.raised_by) == ("ana", "c1", RaisedBy.CLIENT)
    mine = topic_of_message(Message(id="m1", client_id="ana", direction=Direction.OUT), "the plan", NOW)
    theirs = topic_of_message(Message(id="m1", client_id="ana"), "the plan", NOW)
    assert (mine.raised_by, theirs.raised_by, theirs.message_id) == (RaisedBy.ME, RaisedBy.CLIENT, "m1")


def test_topic_ids_follow_the_protocol() -> None:
    """docs/protocol.md gives the rule, so that other clients make the same id."""
    call = Call(id="5f0c8e1b2a934d7fb6e0c4a8d1937b25")
    assert topic_of_call(call, "", NOW).id == "8e75cad3455853eda9752150a491a52e"


def test_a_topic_can_be_ticked_off_and_reopened() -> None:
    topic = Topic(text="the invoice")
    tick_off(topic, NOW)
    assert topic.done_at == NOW
    tick_off(topic, None)
    assert topic.done_at is None


def test_a_topic_keeps_the_id_of_what_it_became() -> None:
    topics = [Topic(client_id="ana", text="a landing page") for _ in range(3)]
    message, update, job = (
        become_message(topics[0], NOW),
        become_update(topics[1], "It is on its way.", NOW),
        become_job(topics[2], NOW),
    )
    assert (message.client_id, message.summary, message.needs_reply) == ("ana", "a landing page", True)
    assert (update.text, job.title, job.client_id) == ("It is on its way.", "a landing page", "ana")
    assert topics[0].became_message_id == message.id
    assert topics[1].became_update_id == update.id
    assert topics[2].became_job_id == job.id
    assert {topic.done_at for topic in topics} == {NOW}


def test_a_topic_text_is_neither_empty_nor_unlimited() -> None:
    topic = Topic(client_id="ana", text="the invoice")
    with pytest.raises(DomainError, match="required"):
        edit(topic, "  ")
    edit(topic, " the last invoice ")
    assert topic.text == "the last invoice"
    assert check(topic) == []
    topic.text = "x" * 2001
    assert [(each.field, each.code) for each in check(topic)] == [("text", "too_long")]


def test_the_longest_topic_fits_a_job_title() -> None:
    job = become_job(Topic(client_id="ana", text="x" * 2000), NOW)
    assert check(job) == []


def test_topics_are_sorted_by_creation() -> None:
    older, newer = Topic(created_at=at("2026-03-24 09:00")), Topic(created_at=NOW)
    assert in_order([newer, older]) == [older, newer]
