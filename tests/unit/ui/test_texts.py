"""Built-in texts state nothing false: every sentence that states a fact depends on a blank or a claim.

A blank is filled in from stored records; a claim is tested against them. The first half checks the texts as
they are written, the second the texts that the app offers in generated states.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.codes import (
    BoundaryStep,
    CallOutcome,
    ClientStatus,
    Decision,
    Direction,
    JobStatus,
    MessageKind,
)
from app.domain.entities import Call, Client, Conversation, Job, Message, Part, StatusUpdate
from app.domain.exposure import PAYMENT_SCRIPTS
from app.domain.reply import reply_target
from app.domain.scripts import placeholders_in, split_subject
from app.store import content, queries
from app.store.content import ScriptView
from app.ui.state import AppState
from app.viewmodels import acknowledging, items, ladder, sent, waiting
from app.viewmodels import call as calls
from app.viewmodels import job as jobs
from app.viewmodels import message as messages
from app.viewmodels.fitting_texts import fitting
from app.viewmodels.scripts.claims import Claim
from app.viewmodels.scripts.filling import ScriptPage, filling, find
from tests.unit.ui.support import open_app

LANGUAGES = ("en", "fr", "ja")

# --- the texts as they are written -------------------------------------------------------------------------

CLAIM_PATTERNS: dict[str, dict[Claim, str]] = {
    "en": {
        Claim.MESSAGE: "Thank you for your message|Got it, thank you|owe you an answer",
        Claim.LATE: "sorry to answer only now|sorry to keep you waiting",
        Claim.CALLED: "I see that you called|missed your call|got your voicemail",
        Claim.VOICEMAIL: "got your voicemail",
        Claim.AGREED: "what we arranged|We agreed on|our call on|Our standing call",
        Claim.SEVERAL_CLIENTS: "several clients|other clients|several projects",
        Claim.APPLIED: "I applied for",
        Claim.FOLLOWED_UP: "writing again about|haven’t had an answer",
        Claim.AHEAD: "can’t deliver “|can’t keep the date",
        Claim.OVERDUE: "haven’t delivered it yet",
        Claim.DONE: "Thank you for trusting me with|Thank you again for",
        Claim.UNPAID: "hasn’t reached me yet|is still unpaid|has not reached me",
        Claim.PAID_IN_PART: "Paid for, and attached",
        Claim.REMINDED: "my earlier reminder",
        Claim.REMINDED_TWICE: "written to you twice",
    },
    "fr": {
        Claim.MESSAGE: "Merci de votre message|Bien reçu, merci|Je vous dois une réponse",
        Claim.LATE: "ne vous répondre que maintenant|excuser mon retard",
        Claim.CALLED: "avez cherché à me joindre|manqué votre appel|reçu votre message vocal",
        Claim.VOICEMAIL: "reçu votre message vocal",
        Claim.AGREED: "nous avons convenu|étions convenus|notre appel du|[Nn]otre appel régulier",
        Claim.SEVERAL_CLIENTS: "plusieurs clients|autres clients|plusieurs projets",
        Claim.APPLIED: "ma candidature",
        Claim.FOLLOWED_UP: "de nouveau vers vous|resté sans réponse",
        Claim.AHEAD: "ne pourrai pas tenir la date prévue",
        Claim.OVERDUE: "est passée et la livraison n’est pas faite",
        Claim.DONE: "Merci de m’avoir confié|Merci encore pour",
        Claim.UNPAID: "pas encore été réglée|reste impayée|ne m’est pas parvenu",
        Claim.PAID_IN_PART: "La partie réglée",
        Claim.REMINDED: "mon précédent rappel",
        Claim.REMINDED_TWICE: "écrit à deux reprises",
    },
    "ja": {
        Claim.MESSAGE: "ご連絡いただいた件|確かに拝見しました|ご連絡をいただいて|お返事をお待たせして",
        Claim.LATE: "お返事が遅くなり|お返事をお待たせして",
        Claim.CALLED: "お電話をいただいてい|お電話をいただいており|留守番電話のメッセージを確認",
        Claim.VOICEMAIL: "留守番電話のメッセージを確認",
        Claim.AGREED: "決まったこと|設けることにいたしました|のお電話の際に伺う|定例のお電話のご案内"
        "|予定しておりました定例のお電話",
        Claim.SEVERAL_CLIENTS: "複数のお客様|ほかのお客様",
        Claim.APPLIED: "に応募いたしました。その後",
        Claim.FOLLOWED_UP: "のご連絡に続き|お返事を、まだいただけておりません",
        Claim.AHEAD: "納期に間に合わない見込み",
        Claim.OVERDUE: "納期を過ぎておりますが、まだお納めできておりません",
        Claim.DONE: "お任せいただき、ありがとうございました|ご一緒できて",
        Claim.UNPAID: "ご入金を確認できておりません",
        Claim.PAID_IN_PART: "お支払いいただいた分",
        Claim.REMINDED: "前回のご連絡のあとも",
        Claim.REMINDED_TWICE: "二度ご連絡を差し上げました",
    },
}
"""Wording in a sentence that makes the claim."""

FACT_WORDS: dict[str, str] = {
    "en": r"\b(twice|once|earlier|already|again|months?|weeks?|days?|hours?|several|often|always|every|agreed"
    r"|voicemail|called|calls?|calling|missed|unpaid|paid|invoiced?|applied|sent|wrote|written|yesterday"
    r"|counted|answered|reminders?|minutes?|still|until now|so far|stopped)\b",
    "fr": r"\b(deux|fois|déjà|encore|mois|semaines?|jours?|journée|heures?|plusieurs|souvent|toujours|chaque"
    r"|convenu\w*|appels?|appelez|manqué|impayée?|réglée?|facture|candidature|envoyé|écrit|hier|compté"
    r"|répondu|rappels?|minutes|jusqu’ici|relance|reprises|vocal)\b",
    "ja": r"二度|一度|すでに|再度|ひと月|週間|日間|7日|時間以内|複数|何度|いつも|毎日|決まった|お電話"
    r"|留守番電話"
    r"|入金|請求|応募|お送りした|昨日|いただいており|続いて",
}
"""Words about events, counts, or times: a sentence with one needs a blank or a claim, or is in FREE."""

FREE: dict[str, tuple[str, ...]] = {
    "en": (
        (
            "If there is anything you’d like settled before then, tell me in the next few days and "
            "I’ll do what I can."
        ),
        "And if a call is easier, tell me when suits you.",
        "Whatever has been done so far is safe with me.",
        "If there is a question about the invoice, tell me and we’ll sort it out.",
        "If it would help to have the invoice again, I’ll send it straight over.",
        "And if the payment is already on its way, thank you.",
        "Please make the payment within seven days of this message.",
        "It includes unplanned calls during my working hours.",
        "Otherwise this is my last reminder.",
        "If something truly can’t wait, call me and say in a few words what it’s about.",
        "I can’t call back straight away.",
        "I can’t take your call right now.",
        (
            "The kind of availability you need and the kind I can offer are different, and you’ll be "
            "better served by someone who can be there as often as you’d like."
        ),
    ),
    "fr": (
        (
            "Je ne pourrai pas m’en charger cette fois-ci\u00a0: je n’aurais pas le temps de le faire "
            "aussi bien que vous l’attendez."
        ),
        (
            "Si vous souhaitez régler quelque chose d’ici là, dites-le-moi ces jours-ci\u00a0: je ferai mon "
            "possible avant mon départ."
        ),
        (
            "Une seule ligne m’aide déjà à m’organiser, que ce soit «\u202foui\u202f», «\u202fpas "
            "encore\u202f» ou «\u202fnous avons changé d’avis\u202f»."
        ),
        "Ce qui a été fait jusqu’ici est conservé chez moi, en lieu sûr.",
        "Si la facture appelle une question, dites-le-moi et nous la réglerons ensemble.",
        "Si vous avez besoin d’un nouvel exemplaire de la facture, je vous l’envoie aussitôt.",
        "Et si le virement est déjà parti, merci beaucoup.",
        "Je vous remercie de procéder au règlement sous sept jours à compter de ce message.",
        "Il comprendra les appels imprévus pendant mes heures de travail.",
        (
            "Si un règlement en plusieurs fois vous arrangeait, ou si quelque chose ne vous a pas "
            "satisfait, écrivez-moi et nous trouverons une solution."
        ),
        "À défaut, ce message est mon dernier rappel.",
        "Si le résultat vous a plu, accepteriez-vous de laisser une évaluation et une phrase ou deux\u202f?",
        (
            "Si quelque chose ne peut vraiment pas attendre, appelez-moi en précisant en quelques "
            "mots de quoi il s’agit."
        ),
        "S’il y a des précisions à ajouter, une ligne ou deux m’aideront à vous répondre complètement.",
        "Deux façons de travailler ensemble",
        "Les deux formules me conviennent\u00a0:",
        (
            "La disponibilité qu’il vous faut et celle que je peux offrir ne sont pas les mêmes, et "
            "une personne plus souvent présente vous sera plus utile."
        ),
    ),
    "ja": (
        "行き違いでお返事をいただいておりましたら、ご容赦ください。",
        "お電話のほうがよろしければ、ご都合のよい時間をお聞かせください。",
        "ご請求についてご不明な点がございましたら、お知らせください。",
        "請求書が必要でしたら、すぐに再送いたします。",
        "恐れ入りますが、本メールの日付から7日以内にお支払いくださいますよう、お願いいたします。",
        "営業時間内の急なお電話への対応も、この料金に含まれます。",
        "すでにほかの方にお決まりの場合は、ひと言お知らせいただけますと幸いです。",
        "ご用の際に、どのようにご連絡をいただくのがいちばんよいか、一度ご相談させてください。",
        "どうしてもお急ぎの場合は、お電話の際に、ご用件をひと言添えていただけますと助かります。",
        "お電話のほうがよろしければ、ご都合のよい時間をお聞かせいただけますと幸いです。",
        "お電話ありがとうございます。",
        "その反面、いつでもお電話に出られるわけではございません。",
        "お電話ありがとうございました。",
    ),
}
"""Sentences with such a word that state no fact: offers, requests, and the user's intentions."""


def texts(language: str) -> tuple[ScriptView, ...]:
    return content.builtin_scripts(language)


def sentences(text: str) -> Iterator[str]:
    subject, body = split_subject(text)
    for line in (subject, *body.splitlines()):
        yield from filter(None, (part.strip() for part in re.split(r"(?<=[.?!。？！])\s*", line)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_declares_exactly_the_claims_its_sentences_make(language: str) -> None:
    for script in texts(language):
        said = {
            claim.value for claim, words in CLAIM_PATTERNS[language].items() if re.search(words, script.body)
        }
        assert said == set(script.claims), script.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_languages_make_the_same_claims(language: str) -> None:
    english = {script.id: set(script.claims) for script in texts("en")}
    assert {script.id: set(script.claims) for script in texts(language)} == english


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_that_states_a_fact_has_a_blank_or_a_claim(language: str) -> None:
    loose = [
        f"{script.id}: {sentence}"
        for script in texts(language)
        for sentence in sentences(script.body)
        if re.search(FACT_WORDS[language], sentence, re.IGNORECASE)
        and not placeholders_in(sentence)
        and not any(re.search(words, sentence) for words in CLAIM_PATTERNS[language].values())
        and sentence not in FREE[language]
    ]
    assert loose == []


# --- the texts offered in generated states -----------------------------------------------------------------

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # a Wednesday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KNOWN_BY_USER = {Claim.SEVERAL_CLIENTS}
"""Not every client of the user is stored: the user sees a notice before the text is copied."""

RULES = ("FREQ=WEEKLY;BYDAY=TU", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH")  # the next call is 6 or 8 days away

past = st.integers(1, 40 * 24).map(lambda hours: NOW - hours * HOUR)
maybe_past = st.none() | past


@st.composite
def states(draw: st.DrawFn) -> list[object]:
    """A client with calls, conversations, jobs, messages, and updates in a possible state."""
    standing = draw(st.booleans())
    client = Client(
        id="c",
        name="Lefèvre",
        party=draw(st.sampled_from(["", "person", "organisation"])),
        organisation=draw(st.sampled_from(["", "Les Halles"])),
        honorific=draw(st.sampled_from(["", "M.", "様", "御中"])),
        language=draw(st.sampled_from(LANGUAGES)),
        reply_minutes=draw(st.sampled_from([None, 60, 24 * 60, 48 * 60])),
        reply_basis=draw(st.sampled_from([None, "clock", "business"])),
        standing_call_rule=draw(st.sampled_from(RULES)) if standing else "",
        standing_call_start=NOW - 50 * DAY if standing else None,
        rate=6000,
        availability_rate=9000,
    )
    found: list[object] = [client, *([Client(id="d", name="Ana")] if draw(st.booleans()) else [])]
    found += [
        Call(
            id=f"call{number}",
            client_id="c",
            at=draw(past),
            outcome=draw(st.sampled_from(list(CallOutcome))),
            scheduled=draw(st.booleans()),
            said_why=draw(st.sampled_from([None, True, False])),
            answered_by_update_id="u" if draw(st.booleans()) else None,
        )
        for number in range(draw(st.integers(0, 8)))
    ]
    found.append(StatusUpdate(id="u", client_id="c", at=NOW - 3 * DAY, text="The draft is with you."))
    for step in range(1, draw(st.integers(0, 5)) + 1):
        at = NOW - (6 - step) * 5 * DAY
        outcome = draw(st.sampled_from(["said", "agreed", "pushed_back"]))
        answered = None if outcome == "said" else at + HOUR
        decision = draw(st.sampled_from(list(Decision))) if step == BoundaryStep.DECIDE else None
        talk = Conversation(client_id="c", step=step, at=at, outcome=outcome, answered_at=answered)
        talk.decision = decision
        found.append(talk)
        if decision == Decision.END:
            client.status = ClientStatus.ENDED
    job = Job(
        id="job",
        client_id="c",
        title="Brochure",
        status=draw(st.sampled_from(list(JobStatus))),
        started_at=NOW - 40 * DAY,
        deadline=NOW + draw(st.integers(-3, 9)) * DAY,
        fee=50_000,
        currency="EUR",
        invoiced_at=draw(maybe_past),
        delivered_at=NOW - 40 * DAY,
        reminded_at=reminders(draw),
        followed_up_at=reminders(draw)[:1],
    )
    found.append(job)
    for number in range(draw(st.integers(0, 4))):
        delivered = draw(maybe_past | st.just(NOW - HOUR))
        found.append(
            Part(
                id=f"part{number}",
                job_id="job",
                position=number,
                title=f"Part {chr(ord('A') + number)}",
                amount=draw(st.sampled_from([10_000, 12_500])),
                delivered_at=delivered,
                invoiced_at=draw(maybe_past) if delivered else None,
                paid_at=draw(maybe_past),
                reminded_at=reminders(draw) if delivered else [],
            )
        )
    for number in range(draw(st.integers(0, 3))):
        out = draw(st.booleans())
        at = draw(past)
        found.append(
            Message(
                id=f"message{number}",
                client_id="c",
                job_id=draw(st.sampled_from([None, "job"])),
                at=at,
                direction=Direction.OUT if out else Direction.IN,
                channel=draw(st.sampled_from(["email", "whatsapp", "chatwork"])),
                kind=draw(st.sampled_from(list(MessageKind))),
                summary="the cover",
                followed_up_at=[(at + HOUR).isoformat()] * draw(st.integers(0, 2)) if out else [],
            )
        )
    return found


def reminders(draw: st.DrawFn) -> list[str]:
    return [(NOW - (9 - 8 * number) * DAY).isoformat() for number in range(draw(st.integers(0, 2)))]


def opened(app: AppState, script_id: str, path: str) -> list[ScriptPage]:
    """The text as opened above a screen; empty for an empty id."""
    client = app.store.get(Client, "c")
    assert client is not None
    page = find(app, script_id, path, client.language)
    assert page is not None or not script_id
    return [page] if page else []


def about_calls(app: AppState) -> Iterator[ScriptPage]:
    for call in queries.calls_for(app.store, "c"):
        path = f"/clients/call/{call.id}"
        page = calls.load(app, call.id, path)
        assert page is not None
        named = [page.text.script] if page.text else []
        for script in [*named, *(each for each in page.scripts if each.moment == "voicemail")]:
            yield from opened(app, script.id, path)
    stands = ladder.load(app, "c", "/clients/client/c/ladder/c", None)
    assert stands is not None
    yield from (text for text in (stands.text, stands.follow_up) if text)


def about_awaited_answers(app: AppState) -> Iterator[ScriptPage]:
    client = app.store.get(Client, "c")
    for wait in queries.waiting_for(app.store, NOW):
        kind, key = waiting.place(wait)
        yield from opened(app, waiting.script_for(app, wait, client), f"/waiting/list/{kind}/{key}")
    for payment in queries.payments(app.store, NOW, "c"):
        yield from opened(app, payment.script, f"/exposure/exposure/c/job/{payment.job.id}")
    for message in queries.open_messages(app.store):
        view = messages.load(app, message.id)
        assert view is not None
        for script in view.scripts[:1]:
            yield from opened(app, script.id, f"/message/{message.id}")


def about_acknowledging(app: AppState) -> Iterator[ScriptPage]:
    client = app.store.get(Client, "c")
    for message in queries.open_messages(app.store):
        forms = acknowledging.forms_for(app, client, message) if message.direction == Direction.IN else []
        for script in forms:
            yield from opened(app, script.id, f"/message/{message.id}")


def about_fitting_texts(app: AppState) -> Iterator[ScriptPage]:
    client = app.store.get(Client, "c")
    assert client is not None
    for each in fitting(app, client):
        yield from opened(app, each.script.id, f"/clients/client/c/say/c/{each.kind}/{each.key}")


def about_the_job(app: AppState) -> Iterator[ScriptPage]:
    job, client = app.store.get(Job, "job"), app.store.get(Client, "c")
    assert job is not None
    rows = queries.parts_of(app.store, ["job"])["job"]
    page = jobs.load(app, "job")
    assert page is not None
    best = items.offered_for_job(app, client, job, rows)
    held = [script.id for script in page.scripts if script.id == "paid-part-only"]
    for id_ in (*(script.id for script in best[:1]), *held, "delivery-note"):
        yield from opened(app, id_, "/jobs/job/job")


def offered(app: AppState) -> list[ScriptPage]:
    """Every text the app proposes, opened where it is proposed."""
    return [
        *about_calls(app),
        *about_awaited_answers(app),
        *about_the_job(app),
        *about_acknowledging(app),
        *about_fitting_texts(app),
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(states())
def test_offered_texts_state_only_stored_facts(noted: list[object]) -> None:
    app = open_app(lambda: NOW)
    try:
        app.store.save(*noted)  # type: ignore[arg-type]
        for page in offered(app):
            assert set(page.unfounded) <= KNOWN_BY_USER, page.script.id
            check_values(page, noted)
            check_apology(page)
    finally:
        app.store.close()


LATE_APOLOGY = {
    "en": "I’m sorry for the late reply.",
    "fr": "Pardon pour ma réponse tardive.",
    "ja": "お返事が遅くなり、申し訳ございません。",
}


def check_apology(page: ScriptPage) -> None:
    """A reply in time has no apology, a late one at most one."""
    message, call, said = page.situation.message, page.situation.call, LATE_APOLOGY[page.script.language]
    assert page.script.body.count(said) <= 1
    if said not in page.script.body or page.script.moment == "late":
        return
    if message:
        client = page.situation.client
        minutes, _ = reply_target(client, page.situation.settings)
        due = message.promised_at or message.at + timedelta(minutes=minutes)
        assert message.direction == Direction.IN
        assert due <= NOW
    else:
        assert call is not None
        assert call.at < NOW


def owed(page: ScriptPage) -> int:
    """The cents a reminder asks for: payments at its step, or else the late ones, or else all awaited."""
    awaited, calendar = page.situation.payments, page.situation.calendar
    due = [each for each in awaited if each.reminder(calendar, NOW) == page.script.base]
    if not due and page.script.base in PAYMENT_SCRIPTS.values():
        due = [each for each in awaited if each.is_late(calendar, NOW)]
    return sum(each.amount for each in due or awaited)


def check_values(page: ScriptPage, noted: list[object]) -> None:
    """Each filled blank agrees with the stored records, computed here independently."""
    client = next(each for each in noted if isinstance(each, Client) and each.id == "c")
    known, situation = page.known, page.situation
    fmt = situation.format
    parts = [each for each in noted if isinstance(each, Part)] if situation.job else []
    titles = {each.title for each in parts}
    if "parts_left" in known:
        left = {part.title for part in parts if not part.delivered_at and not part.paid_at}
        assert left == {title for title in titles if title in known["parts_left"]}
    if "parts_done" in known:
        done = {title for title in titles if title in known["parts_done"]}
        if page.script.moment == "payment":
            assert done == {part.title for part in parts if part.paid_at}
        elif page.script.moment == "delivery":
            today = fmt.local(NOW).date()
            sent_today = [
                (part.delivered_at, part.title)
                for part in parts
                if part.delivered_at
                and fmt.local(part.delivered_at).date() == today
                and not (part.paid_at and part.paid_at > part.delivered_at)
            ]
            last = max(at for at, _ in sent_today)
            assert done == {title for at, title in sent_today if last - at <= HOUR}
    check_remaining_work(known, page, noted)
    if page.script.claims and "unpaid" in page.script.claims and "amount" in known:
        assert known["amount"] == fmt.money(owed(page), "EUR").replace("\u202f", "\u00a0")
    if "call_counts" in known:
        agreed = [
            each.answered_at
            for each in noted
            if isinstance(each, Conversation) and each.outcome == "agreed" and each.answered_at
        ]
        since = max([NOW - 30 * DAY, *agreed])
        counted = [
            each for each in noted if isinstance(each, Call) and not each.scheduled and since < each.at <= NOW
        ]
        assert str(len(counted)) in re.findall(r"\d+", known["call_counts"])
    assert bool(known.get("standing_call")) == bool(client.standing_call_rule)
    for name, at in page.instants.items():
        if name in ("due", "next_call") and name in page.blanks and name not in filling(page, {}, {}).passed:
            assert at > NOW
    if "sent_on" in page.instants:
        sent = {each.at for each in noted if isinstance(each, Message) and each.direction == Direction.OUT}
        sent |= {each.at for each in noted if isinstance(each, StatusUpdate)}
        sent |= {each.started_at for each in noted if isinstance(each, Job) and each.status == "applied"}
        assert page.instants["sent_on"] in sent
    assert "{" not in filling(page, {}, {}).subject or not filling(page, {}, {}).complete


def check_remaining_work(known: dict[str, str], page: ScriptPage, noted: list[object]) -> None:
    """Only work under way is to be finished; only undelivered and unpaid work is held back."""
    parts = [each for each in noted if isinstance(each, Part)]
    if "handover" in page.blanks:
        jobs = [each for each in noted if isinstance(each, Job) and each.status == JobStatus.IN_PROGRESS]
        ahead = not parts or any(not part.delivered_at for part in parts)
        assert ("Brochure" in known["handover"]) is bool(jobs and ahead)
    if "consequence" in known:
        held = {part.title for part in parts if not part.delivered_at and not part.paid_at}
        assert held == {part.title for part in parts if part.title in known["consequence"]}


REACHING_ME = {
    "en": "How best to reach me",
    "fr": "La meilleure façon de me joindre",
    "ja": "ご連絡の取り方について",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_shared_with_the_users_own_title_as_subject(language: str) -> None:
    """The user's own title, such as "Hold firm and renew the offer", is not for the client."""
    app = open_app(lambda: NOW)
    app.store.save(
        Client(id="c", name="Ana", language=language), Job(id="job", client_id="c", title="Brochure")
    )
    for script in texts(language):
        page = find(app, script.id, "/jobs/job/job", language)
        assert page is not None
        now = filling(page, {}, {})
        own = split_subject(now.filled.text)[0]
        assert sent.subject(page, now) in ({own} if own else {"Brochure", REACHING_ME[language]}), script.id
        assert split_subject(now.body)[0] == ""
    app.store.close()
