"""How calls are counted in words."""

from app.domain.missed_calls import UnansweredCalls
from app.i18n import Formatter, n_


def counted_calls(unanswered: UnansweredCalls, formatter: Formatter) -> str:
    """The voicemails and missed calls that wait for one answer."""
    counts = []
    if unanswered.voicemails:
        counts.append(n_("{n} voicemail", "{n} voicemails", unanswered.voicemails))
    if unanswered.missed:
        counts.append(n_("{n} missed call", "{n} missed calls", unanswered.missed))
    return formatter.listed(counts)
