"""Recording updates sent to a client, which answer a later check-in."""

from app.domain.entities import Call, Client, Job, Message, StatusUpdate
from app.i18n import _
from app.store import queries
from app.viewmodels import paths
from app.viewmodels.record import usual_channel
from app.viewmodels.services import AppServices

NEW = "new"


def load(app: AppServices, key: str, path: str) -> StatusUpdate | None:
    """The stored update; for the key "new", an unsaved one for the client and job of the screens below."""
    if key != NEW:
        return app.store.get(StatusUpdate, key)
    client_id, job_id = subject(app, path)
    client = app.store.get(Client, client_id)
    if client is None:
        return None
    channel = usual_channel(app, client)
    return StatusUpdate(client_id=client.id, job_id=job_id, channel=channel, at=app.now, created_at=app.now)


def subject(app: AppServices, path: str) -> tuple[str, str | None]:
    """Client id and job id of the nearest screen below; the client id is "" if there is none."""
    kind, key = paths.below(path, "client", "job", "message", "call") or ("", "")
    if kind == "job":
        job = app.store.get(Job, key)
        return (job.client_id, job.id) if job else ("", None)
    if kind in ("message", "call"):
        about = app.store.get(Message, key) if kind == "message" else app.store.get(Call, key)
        return (about.client_id, about.job_id) if about else ("", None)
    return key, None


def add(app: AppServices, update: StatusUpdate) -> bool:
    return app.write(lambda: app.store.add(update), _("Update noted"))


def save(app: AppServices, initial: StatusUpdate, edited: StatusUpdate) -> bool:
    """Save the fields changed in the form."""
    return app.write(lambda: app.store.transact(lambda unit: unit.merge(initial, edited)), _("Update noted"))


def delete(app: AppServices, update: StatusUpdate) -> bool:
    return app.write(lambda: app.store.delete(update), _("Update deleted"))


def client_of(app: AppServices, update: StatusUpdate) -> Client | None:
    return app.store.get(Client, update.client_id)


def jobs_for(app: AppServices, update: StatusUpdate) -> list[Job]:
    """The client's jobs that the update can be about."""
    return queries.jobs_of(app.store, update.client_id)
