"""Hold back chases: a client who waits for the user's answer about a job is not chased about the same job."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from .codes import MessageKind
from .entities import Job, Message
from .reply import awaits_user


class AnswersOwed:
    """The clients' messages that await the user's reply, as reasons to hold back a chase."""

    def __init__(self, messages: Iterable[Message]) -> None:
        self._by_client: dict[str, list[Message]] = defaultdict(list)
        for message in sorted(messages, key=lambda each: (each.at, each.id)):
            if awaits_user(message):
                self._by_client[message.client_id].append(message)

    def first_about(self, item: Message | Job, asked: datetime | None = None) -> Message | None:
        """Return the client's oldest message to answer about the job that `item` is or belongs to, or None.

        A message without a job counts for every job. `asked` is when the user asked a question: only messages
        received later hold that question back, since earlier ones may depend on its answer.
        """
        job_id = item.id if isinstance(item, Job) else item.job_id
        for message in self._by_client.get(item.client_id, ()):
            about_it = message.job_id is None or job_id is None or message.job_id == job_id
            if message.id != item.id and about_it and (asked is None or message.at > asked):
                return message
        return None

    def any_about(self, item: Message | Job, asked: datetime | None = None) -> bool:
        """Return whether the client waits for an answer about the same job; see `first_about`."""
        return self.first_about(item, asked) is not None

    def first_before_follow_up(self, message: Message) -> Message | None:
        """Return the message to answer before following up on the user's own message, or None."""
        return self.first_about(message, message.at if message.kind == MessageKind.QUESTION else None)

    def before_follow_up(self, message: Message) -> bool:
        """Return whether an answer is due before following up on the user's own message."""
        return self.first_before_follow_up(message) is not None
