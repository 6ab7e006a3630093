"""Whoever waits for an answer is not asked for anything about the same work: the answer comes first."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from .codes import MessageKind
from .entities import Job, Message
from .reply import awaits_user


class AnswersOwed:
    """The clients' messages that wait for the user, as reasons to put off a chase."""

    def __init__(self, messages: Iterable[Message]) -> None:
        self._by_client: dict[str, list[Message]] = defaultdict(list)
        for message in sorted(messages, key=lambda each: (each.at, each.id)):
            if awaits_user(message):
                self._by_client[message.client_id].append(message)

    def first(self, thing: Message | Job, asked: datetime | None = None) -> Message | None:
        """The client's oldest message to answer about the job that `thing` is or belongs to; None for none.

        A message without a job may be about any. `asked` is when the user asked them a question: only what
        came later holds that back, as what came earlier may have to wait for their answer.
        """
        job_id = thing.id if isinstance(thing, Job) else thing.job_id
        for message in self._by_client.get(thing.client_id, ()):
            about_it = message.job_id is None or job_id is None or message.job_id == job_id
            if message.id != thing.id and about_it and (asked is None or message.at > asked):
                return message
        return None

    def come_first(self, thing: Message | Job, asked: datetime | None = None) -> bool:
        """Whether the client waits for an answer about the same work; see `first`."""
        return self.first(thing, asked) is not None

    def first_before_follow_up(self, message: Message) -> Message | None:
        """What to answer before following up on a message of the user's own; None for nothing."""
        return self.first(message, message.at if message.kind == MessageKind.QUESTION else None)

    def before_follow_up(self, message: Message) -> bool:
        """Whether to answer before following up on a message of the user's own."""
        return self.first_before_follow_up(message) is not None
