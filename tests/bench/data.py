"""A large, always equal set of data: 500 clients, 5,000 jobs, 20,000 messages. Runs in Pyodide too."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from app.domain.codes import CallOutcome, Direction, JobStatus, MessageKind
from app.domain.entities import Call, Client, Entity, Job, Message, Part, StatusUpdate
from app.store.store import Store

CLIENTS, JOBS, MESSAGES, CALLS, UPDATES = 500, 5_000, 20_000, 2_000, 1_000
OPEN_JOBS, UNANSWERED = 80, 120
HISTORY = timedelta(days=3 * 365)
BATCH = 2_000  # entities a transaction

FAMILY_NAMES = ("佐藤", "鈴木", "高橋", "田中", "山本", "Martin", "Lefèvre", "Nguyen", "Smith", "Okafor")
SENTENCES = (
    "お世話になっております。納期についてご相談したいことがございます。",
    "第3記事の見出し構成をご確認いただけますでしょうか。",
    "請求書をお送りしましたので、ご査収ください。",
    "写真を2点差し替えたので、紹介文もそれに合わせてください。",
    "Pouvez-vous m’envoyer le devis modifié avant vendredi ?",
    "Le budget du dossier de subvention est presque terminé.",
    "La réunion de mardi est décalée à quatorze heures.",
    "Could you have a look at the landing page draft?",
    "The second milestone is ready; please confirm the invoice.",
    "Quick question about the deadline of the pricing section.",
)
TITLES = ("美容コラム", "データ入力", "商品紹介文", "Dossier de subvention", "Site vitrine", "Landing page")
PLATFORMS = ("", "クラウドワークス", "ランサーズ", "Malt", "Upwork")
DONE = (JobStatus.PAID, JobStatus.PAID, JobStatus.CLOSED, JobStatus.DECLINED, JobStatus.LOST)
OPEN = (JobStatus.IN_PROGRESS, JobStatus.IN_PROGRESS, JobStatus.OFFERED, JobStatus.DELIVERED)


def fill(store: Store, now: datetime) -> None:
    """Save it all, a batch a transaction. Everything is dated back from `now`."""
    batch: list[Entity] = []
    for entity in entities(now):
        batch.append(entity)
        if len(batch) == BATCH:
            store.save(*batch)
            batch.clear()
    store.save(*batch)


def entities(now: datetime) -> Iterator[Entity]:
    chance = random.Random(20)
    yield from (_client(chance, number, now) for number in range(CLIENTS))
    for number in range(JOBS):
        yield from _job(chance, number, now)
    yield from (_message(chance, number, now) for number in range(MESSAGES))
    yield from (_call(chance, number, now) for number in range(CALLS))
    yield from (_update(chance, number, now) for number in range(UPDATES))


def client_id(number: int) -> str:
    return f"client{number:05d}"


def _past(chance: random.Random, now: datetime) -> datetime:
    return now - HISTORY * chance.random()


def _somebody(chance: random.Random) -> str:
    """A few clients have most of the history, as in life."""
    return client_id(int(CLIENTS * chance.random() ** 2))


def _text(chance: random.Random, sentences: int) -> str:
    return "".join(chance.choices(SENTENCES, k=sentences))


def _client(chance: random.Random, number: int, now: datetime) -> Client:
    client = Client(
        id=client_id(number),
        created_at=now - HISTORY,
        name=f"{chance.choice(FAMILY_NAMES)} {number}",
        channels=[{"kind": "email", "handle": f"client{number}@example.com"}],
        notes=_text(chance, 2),
        unpaid_limit=50_000,
    )
    if number % 10 == 0:
        client.standing_call_rule = "FREQ=WEEKLY;BYDAY=TU,FR"
        client.standing_call_start = (now - HISTORY).replace(hour=10, minute=0, second=0, microsecond=0)
    return client


def _job(chance: random.Random, number: int, now: datetime) -> Iterator[Entity]:
    is_open = number % (JOBS // OPEN_JOBS) == 0
    started = now - timedelta(days=chance.uniform(1, 10)) if is_open else _past(chance, now)
    job = Job(
        id=f"job{number:05d}",
        created_at=started,
        client_id=_somebody(chance),
        title=f"{chance.choice(TITLES)} {number}",
        platform=chance.choice(PLATFORMS),
        status=chance.choice(OPEN if is_open else DONE),
        started_at=started,
        deadline=started + timedelta(days=20),
        fee=50_000,
        notes=_text(chance, 2),
    )
    yield job
    for position in range(2):
        due = started + timedelta(days=10 * (position + 1))
        done = None if is_open else due
        yield Part(
            id=f"part{number:05d}-{position}",
            created_at=started,
            job_id=job.id,
            position=position,
            title=f"{chance.choice(TITLES)} {position + 1}",
            due_at=due,
            amount=25_000,
            delivered_at=done,
            paid_at=done,
        )


def _message(chance: random.Random, number: int, now: datetime) -> Message:
    unanswered = number % (MESSAGES // UNANSWERED) == 0
    at = now - timedelta(hours=chance.uniform(0, 60)) if unanswered else _past(chance, now)
    return Message(
        id=f"message{number:05d}",
        created_at=at,
        client_id=_somebody(chance),
        job_id=f"job{chance.randrange(JOBS):05d}" if chance.random() < 0.5 else None,
        direction=Direction.OUT if chance.random() < 0.2 else Direction.IN,
        at=at,
        summary=_text(chance, 1),
        body=_text(chance, chance.randint(1, 4)),
        kind=chance.choice(tuple(MessageKind)),
        needs_reply=unanswered or chance.random() < 0.8,
        replied_at=None if unanswered else at + timedelta(hours=chance.uniform(0, 30)),
    )


def _call(chance: random.Random, number: int, now: datetime) -> Call:
    at = _past(chance, now)
    outcome = chance.choice(tuple(CallOutcome))
    note = _text(chance, 1)
    return Call(
        id=f"call{number:05d}", created_at=at, client_id=_somebody(chance), at=at, outcome=outcome, note=note
    )


def _update(chance: random.Random, number: int, now: datetime) -> StatusUpdate:
    at = _past(chance, now)
    text = _text(chance, 2)
    return StatusUpdate(
        id=f"update{number:05d}", created_at=at, client_id=_somebody(chance), at=at, text=text
    )
