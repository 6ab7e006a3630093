"""The terms a client agreed to, as the initial values of their form."""

from dataclasses import dataclass

from app.domain.codes import BoundaryStep
from app.domain.conversations import Terms
from app.domain.entities import Client, Conversation
from app.viewmodels import ladder as model
from app.viewmodels.client_draft import ClientDraft, draft_of
from app.viewmodels.services import AppServices


@dataclass(frozen=True)
class OpenedAgreement:
    conversation: Conversation
    client: Client
    draft: ClientDraft

    @property
    def about_rate(self) -> bool:
        return self.conversation.step == BoundaryStep.OFFER_AVAILABILITY


def terms_of(client: Client, about_rate: bool) -> Terms:
    """The agreed terms, from the client as edited in the form."""
    return Terms(
        standing_call_rule=client.standing_call_rule,
        standing_call_start=client.standing_call_start,
        standing_call_minutes=client.standing_call_minutes if client.standing_call_rule else None,
        call_allowance=client.call_allowance,
        rate=client.availability_rate if about_rate else None,
    )


def open_agreement(app: AppServices, key: str) -> OpenedAgreement | None:
    conversation = app.store.get(Conversation, key)
    client = app.store.get(Client, conversation.client_id) if conversation else None
    if conversation is None or client is None:
        return None
    proposed = model.with_proposal(app, client)
    return OpenedAgreement(conversation, client, draft_of(proposed, app.settings, app.calendar, app.format))
