"""Enumerations of stored codes. Stored as text because a newer version may add values."""

from enum import IntEnum, StrEnum


class ChannelKind(StrEnum):
    EMAIL = "email"
    CHAT = "chat"
    CHATWORK = "chatwork"
    SLACK = "slack"
    LINE = "line"
    SKYPE = "skype"
    PHONE = "phone"
    WHATSAPP = "whatsapp"
    TEAMS = "teams"
    MESSENGER = "messenger"
    ZOOM = "zoom"
    GOOGLE_CHAT = "google_chat"
    CROWDWORKS = "crowdworks"
    LANCERS = "lancers"
    OTHER = "other"


class Party(StrEnum):
    """What the client's `name` refers to."""

    PERSON = "person"
    ORGANISATION = "organisation"


class ClientStatus(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class Stance(StrEnum):
    """How far the user would go with this client (second seed: know it before you push)."""

    MUST_KEEP = "must_keep"
    COULD_LOSE = "could_lose"
    READY_TO_LEAVE = "ready_to_leave"


class ReplyBasis(StrEnum):
    CLOCK = "clock"
    BUSINESS = "business"


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class MessageKind(StrEnum):
    QUESTION = "question"
    REQUEST = "request"
    OFFER = "offer"
    CHANGE = "change"
    PROBLEM = "problem"
    CHECK_IN = "check-in"
    OTHER = "other"


class CallOutcome(StrEnum):
    TAKEN = "taken"
    MISSED = "missed"
    VOICEMAIL = "voicemail"


class RaisedBy(StrEnum):
    """Who wants to discuss a topic."""

    ME = "me"
    CLIENT = "client"


class JobStatus(StrEnum):
    APPLIED = "applied"
    OFFERED = "offered"
    IN_PROGRESS = "in_progress"
    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    PAID = "paid"
    CLOSED = "closed"
    DECLINED = "declined"
    LOST = "lost"


class BoundaryStep(IntEnum):
    """The steps of the boundary ladder, in the order of the second seed; none is skipped."""

    FINE = 0
    PROPOSE = 1  # a standing call: how best to reach the user
    PUSH_BACK = 2  # what a freelancer offers and cannot offer
    HOLD_THE_LINE = 3  # call by call: voicemail, then an e-mail
    OFFER_AVAILABILITY = 4  # at a higher rate
    DECIDE = 5  # keep, change the terms, or end it


class ConversationOutcome(StrEnum):
    SAID = "said"  # no answer yet
    AGREED = "agreed"
    PUSHED_BACK = "pushed_back"


class Decision(StrEnum):
    """The user's choice at the last step; the app never chooses."""

    KEEP = "keep"
    CHANGE_TERMS = "change_terms"
    END = "end"


class FeeBasis(StrEnum):
    FIXED = "fixed"
    PER_PIECE = "per_piece"
    PER_HOUR = "per_hour"
    PER_CHARACTER = "per_character"
    PER_WORD = "per_word"
    PER_PAGE = "per_page"
    PER_DAY = "per_day"


class Theme(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"
