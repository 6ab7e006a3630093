"""Whoever waits for an answer is not asked for anything about the same work: the answer comes first."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from .codes import Direction, MessageKind
from .entities import Job, Message


def _waits_for_user(message: Message) -> bool:
    """While a question back to them is open, the client's answer comes before the user's."""
    if message.direction != Direction.IN or not message.needs_reply or message.replied_at is not None:
        return False
    return not any(each["asked_at"] and not each["answered_at"] for each in message.questions)


class AnswersOwed:
    """The clients' messages that wait for the user, as reasons to put off a chase."""

    def __init__(self, messages: Iterable[Message]) -> None:
        self._by_client: dict[str, list[Message]] = defaultdict(list)
        for message in messages:
            if _waits_for_user(message):
                self._by_client[message.client_id].append(message)

    def come_first(self, thing: Message | Job, asked: datetime | None = None) -> bool:
        """Whether the client waits for an answer about the job that `thing` is or belongs to.

        Where a message names no job, it may be any. `asked` is when the user asked them a question: only what
        came later holds that back, for what came earlier may have to wait for their answer.
        """
        theirs = self._by_client.get(thing.client_id)
        if not theirs:
            return False
        job_id = thing.id if isinstance(thing, Job) else thing.job_id
        return any(
            message.id != thing.id
            and (message.job_id is None or job_id is None or message.job_id == job_id)
            and (asked is None or message.at > asked)
            for message in theirs
        )

    def before_follow_up(self, message: Message) -> bool:
        """Whether to answer before following up on a message of the user's own."""
        question = message.kind == MessageKind.QUESTION
        return self.come_first(message, message.at if question else None)
