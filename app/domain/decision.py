"""The last step of the boundary ladder: what speaks for and against each way out. The user decides.

Second seed (fr-client-boundaries): know how far you would go. Are you ready to lose this client? If that is
something you will not accept, change your approach accordingly.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from .codes import Decision, Stance
from .entities import Client

LARGE_SHARE = 0.25
"""Of the year's income in a currency: what one could not lose without feeling it."""


class Concern(StrEnum):
    """What to think of before choosing a way out."""

    STANCE = "stance"  # it goes further than the user would, or not as far
    INCOME = "income"  # a large share of it
    UNPAID = "unpaid"  # delivered, and more easily paid while work goes on
    OPEN_JOBS = "open_jobs"  # to be finished or handed over first
    INTERRUPTIONS = "interruptions"  # they go on as they are
    LOW_RATE = "low_rate"  # an hour for this client earns less than one for the others
    MAY_LEAVE = "may_leave"  # they may look for somebody always on call


@dataclass(frozen=True)
class Circumstances:
    """What is weighed. Shares by currency (0 to 1), money in minor units by currency, rates as in Trust."""

    income_share: Mapping[str, float]
    unpaid: Mapping[str, int]
    open_jobs: int
    calls_a_week: float
    allowance: int
    effective_rate: Mapping[str, float]  # with this client, minor units an hour by currency
    usual_rate: Mapping[str, float]  # with all of them


@dataclass(frozen=True)
class WayOut:
    decision: Decision
    script: str  # the id of the built-in text for it; empty: nothing to say
    concerns: tuple[Concern, ...]


def stance_of(client: Client) -> str:
    """How far the user would go with a client; empty until they have said so.

    The default of a record is not an answer. Versions that did not keep `stance_chosen` wrote any other value
    only when the user had chosen it.
    """
    chosen = client.stance_chosen or client.stance != Stance.COULD_LOSE
    return client.stance if chosen else ""


def ways_out(stance: Stance | None, circumstances: Circumstances) -> list[WayOut]:
    """Every way out with what to think of first, always all three and in one order: none is recommended.

    Empty while the stance is not known: that is what to ask first.
    """
    if stance is None:
        return []
    large = any(share >= LARGE_SHARE for share in circumstances.income_share.values())
    calls = circumstances.calls_a_week > circumstances.allowance
    low = any(
        rate < circumstances.usual_rate[currency]
        for currency, rate in circumstances.effective_rate.items()
        if currency in circumstances.usual_rate
    )
    checks: dict[Decision, dict[Concern, bool]] = {
        Decision.KEEP: {
            Concern.STANCE: stance == Stance.READY_TO_LEAVE,
            Concern.INTERRUPTIONS: calls,
            Concern.LOW_RATE: low,
        },
        Decision.CHANGE_TERMS: {
            Concern.MAY_LEAVE: stance == Stance.MUST_KEEP or large,
            Concern.INCOME: large,
        },
        Decision.END: {
            Concern.STANCE: stance == Stance.MUST_KEEP,
            Concern.INCOME: large,
            Concern.UNPAID: any(circumstances.unpaid.values()),
            Concern.OPEN_JOBS: circumstances.open_jobs > 0,
        },
    }
    return [
        WayOut(decision, WAY_SCRIPTS[decision], tuple(concern for concern, holds in found.items() if holds))
        for decision, found in checks.items()
    ]


WAY_SCRIPTS: dict[str, str] = {
    Decision.KEEP: "",
    Decision.CHANGE_TERMS: "availability-rate",
    Decision.END: "ending-work",
}
"""The built-in text of a way out; empty for none."""
