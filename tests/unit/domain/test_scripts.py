"""Scripts: placeholders are filled once or reported, and moments match the situation."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.codes import Direction, MessageKind
from app.domain.entities import Call, Job, Message, Part, StatusUpdate
from app.domain.reply import acknowledge, add_question, mark_replied
from app.domain.scripts import (
    MOMENTS,
    PLACEHOLDERS,
    fill,
    moments_for,
    moments_for_call,
    moments_for_job,
    placeholders_in,
    split_subject,
    unknown_placeholders,
)
from app.domain.silence import FollowUpStep
from tests.unit.domain.support import at

NOW = at("2026-03-24 10:00")
HOUR = timedelta(hours=1)

names = st.sampled_from(sorted(PLACEHOLDERS)) | st.from_regex(r"[a-z_]{1,12}", fullmatch=True)
# Plain text may contain braces and anything else except a placeholder.
plain = st.text(max_size=20).filter(
    lambda text: not placeholders_in("a" + text + "a") and "{" not in text[-14:]
)
values = st.dictionaries(names, st.text(max_size=15) | st.just("{client} } { {due}"), max_size=8)


def test_the_voicemail_script_names_the_next_friday_call() -> None:
    text = (
        "Bonjour {client},\nJ’ai eu votre message. Cela peut-il attendre notre appel de {next_call} ?\n{me}"
    )
    filled = fill(text, {"client": "M. Dupont", "next_call": "vendredi 27 mars", "me": "Anne"})
    assert filled.text.splitlines()[1].endswith("notre appel de vendredi 27 mars ?")
    assert filled.missing == []


def test_an_unfilled_placeholder_is_kept_and_reported() -> None:
    filled = fill("{client}様、{due}までに{answer}。{due}", {"client": "佐藤", "due": "  "})
    assert filled.text == "佐藤様、{due}までに{answer}。{due}"
    assert filled.missing == ["due", "answer"]


def test_braces_in_a_value_are_not_expanded() -> None:
    filled = fill("{question} {client}", {"question": "Is {client} right?", "client": "{question}"})
    assert filled.text == "Is {client} right? {question}"
    assert filled.missing == []


@given(st.lists(st.tuples(plain, names), max_size=8), plain, values)
def test_every_placeholder_is_filled_once_or_reported(
    pieces: list[tuple[str, str]], tail: str, given_values: dict[str, str]
) -> None:
    template = "".join(f"{text}{{{name}}}" for text, name in pieces) + tail
    has_value = {name for name, value in given_values.items() if value.strip()}
    expected = "".join(
        text + (given_values[name] if name in has_value else f"{{{name}}}") for text, name in pieces
    )
    filled = fill(template, given_values)
    assert filled.text == expected + tail
    assert filled.missing == list(dict.fromkeys(name for _, name in pieces if name not in has_value))


def test_placeholders_are_names_between_braces() -> None:
    text = "{client} {CLIENT} {{due}} {} {next call} {deadline} {client} { me } {colour}"
    assert placeholders_in(text) == ["client", "due", "deadline", "colour"]
    assert unknown_placeholders(text) == ["colour"]


def first_moments(message: Message, count: int = 1, **known: object) -> list[str]:
    return moments_for(message, NOW, **known)[:count]


@pytest.mark.parametrize(
    ("kind", "moments"),
    [
        (MessageKind.QUESTION, ["answer", "received", "question"]),
        (MessageKind.REQUEST, ["received", "answer", "question"]),
        (MessageKind.OFFER, ["negotiate", "question", "answer"]),
        (MessageKind.CHANGE, ["negotiate", "question", "received"]),
        (MessageKind.PROBLEM, ["problem", "received", "question"]),
        (MessageKind.CHECK_IN, ["update", "answer", "received"]),
    ],
)
def test_the_first_moments_depend_on_the_message_kind(kind: MessageKind, moments: list[str]) -> None:
    assert first_moments(Message(kind=kind, at=NOW), 3) == moments


def test_an_open_question_puts_the_question_moment_first() -> None:
    message = Message(kind=MessageKind.REQUEST, at=NOW)
    add_question(message, "By Friday?")
    assert first_moments(message) == ["question"]


def test_a_check_in_with_an_update_gets_the_check_in_moment() -> None:
    message = Message(kind=MessageKind.CHECK_IN, at=NOW)
    assert first_moments(message, answered_by=StatusUpdate(at=NOW - HOUR)) == ["check-in"]


def test_an_acknowledged_message_is_not_acknowledged_again() -> None:
    message = Message(kind=MessageKind.REQUEST, at=NOW - 3 * HOUR)
    acknowledge(message, NOW - 2 * HOUR, NOW + HOUR)
    assert "received" not in moments_for(message, NOW)
    assert moments_for(message, NOW + HOUR)[0] == "problem"  # report the broken promise


def test_an_answered_message_gets_update_and_thanks() -> None:
    message = Message(at=NOW - HOUR)
    mark_replied(message, NOW)
    assert moments_for(message, NOW) == ["update", "thanks"]


@pytest.mark.parametrize(
    ("step", "moment"),
    [
        (None, "follow-up-1"),
        (FollowUpStep.WAITING, "follow-up-1"),
        (FollowUpStep.FOLLOW_UP_1, "follow-up-1"),
        (FollowUpStep.FOLLOW_UP_2, "follow-up-2"),
        (FollowUpStep.SILENT, "silent"),
    ],
)
def test_the_follow_up_step_determines_the_moment(step: FollowUpStep | None, moment: str) -> None:
    message = Message(direction=Direction.OUT, at=NOW)
    assert first_moments(message, waiting=step) == [moment]
    mark_replied(message, NOW)
    assert moments_for(message, NOW, waiting=step) == []


def job(**fields: object) -> Job:
    return Job(**({"started_at": NOW - 48 * HOUR, "deadline": NOW + HOUR} | fields))


OWED = Part(amount=500, delivered_at=NOW)


@pytest.mark.parametrize(
    ("work", "parts", "moment"),
    [
        (job(status="applied"), [], "apply"),
        (job(status="offered"), [], "negotiate"),
        (job(), [], "update"),
        (job(deadline=NOW), [], "problem"),
        (job(deadline=None), [Part(due_at=NOW)], "problem"),
        (job(deadline=NOW), [OWED], "update"),  # everything is delivered: not late
        (
            job(status="delivered"),
            [OWED],
            "delivery",
        ),  # the note may still have to be sent
        (job(status="delivered"), [Part(amount=500, delivered_at=NOW - 24 * HOUR)], "invoice"),
        (
            job(status="delivered"),
            [Part(amount=500, delivered_at=NOW - 24 * HOUR, invoiced_at=NOW)],
            "thanks",
        ),
        (
            job(status="delivered", platform="Lancers"),
            [Part(amount=500, delivered_at=NOW - 24 * HOUR)],
            "thanks",
        ),
        (job(status="delivered"), [Part(amount=500, delivered_at=NOW - 24 * HOUR, paid_at=NOW)], "thanks"),
        (job(status="paid"), [], "thanks"),
    ],
)
def test_the_first_moment_depends_on_the_job(work: Job, parts: list[Part], moment: str) -> None:
    assert moments_for_job(work, parts, NOW)[0] == moment


@pytest.mark.parametrize("status", ["declined", "lost"])
def test_declined_and_lost_jobs_have_no_moments(status: str) -> None:
    assert moments_for_job(job(status=status), [], NOW) == []


def test_payment_comes_first_once_it_is_late_and_is_no_moment_before() -> None:
    for work, parts in (
        (job(), [OWED, Part()]),
        (job(status="delivered", delivered_at=NOW - 48 * HOUR), []),
        (job(status="accepted", delivered_at=NOW - 48 * HOUR), [OWED]),
    ):
        assert moments_for_job(work, parts, NOW, payment_late=True)[0] == "payment"
        assert "payment" not in moments_for_job(work, parts, NOW)


def test_the_rest_can_be_withheld_before_a_payment_is_late_once_a_part_is_paid() -> None:
    paid = Part(amount=500, delivered_at=NOW, paid_at=NOW)
    assert "payment" in moments_for_job(job(), [paid, OWED, Part()], NOW)
    assert "payment" not in moments_for_job(job(), [paid, OWED], NOW)


def test_a_job_with_an_open_question_suggests_asking_first() -> None:
    for status in ("applied", "offered", "in_progress"):
        work = job(status=status)
        add_question(work, "Which format?")
        assert moments_for_job(work, [], NOW)[0] == "question"


@pytest.mark.parametrize(
    ("call", "moments"),
    [
        (Call(outcome="voicemail"), ["voicemail"]),
        (Call(outcome="missed", answered_by_update_id="u"), ["check-in", "voicemail"]),
        (Call(outcome="taken"), ["update"]),
        (Call(outcome="taken", answered_by_update_id="u"), ["check-in", "update"]),
        (Call(outcome="taken", scheduled=True), ["update"]),
    ],
)
def test_the_moments_depend_on_the_call_outcome(call: Call, moments: list[str]) -> None:
    assert moments_for_call(call) == moments


@pytest.mark.parametrize(
    ("text", "subject", "body"),
    [
        ("Subject: Two ways\n\nHi Ana,\n\nHow are you?", "Two ways", "Hi Ana,\n\nHow are you?"),
        ("Objet : Fin de mission\n\nBonjour,", "Fin de mission", "Bonjour,"),
        ("件名：ご相談\n\n山田様", "ご相談", "山田様"),
        ("Hi Ana,\nSubject: no", "", "Hi Ana,\nSubject: no"),
        ("Subject matters. Hi", "", "Subject matters. Hi"),
    ],
)
def test_the_subject_line_is_split_from_the_body(text: str, subject: str, body: str) -> None:
    assert split_subject(text) == (subject, body)


@pytest.mark.parametrize("kind", MessageKind)
@pytest.mark.parametrize("direction", Direction)
def test_moments_are_known_and_unique(kind: MessageKind, direction: Direction) -> None:
    message = Message(kind=kind, direction=direction, at=NOW - HOUR)
    add_question(message, "Really?")
    offered = moments_for(message, NOW, answered_by=StatusUpdate(), waiting=FollowUpStep.SILENT)
    assert set(offered) <= set(MOMENTS)
    assert len(offered) == len(set(offered))
