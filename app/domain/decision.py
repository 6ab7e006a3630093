"""The last step of the boundary ladder: arguments for and against each way out. The user decides.

Second seed (fr-client-boundaries): know how far you would go. Are you ready to lose this client? If that is
something you will not accept, change your approach accordingly.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from .codes import Decision, Stance
from .entities import Client

LARGE_SHARE = 0.25
"""Share of a year's income in a currency that would be missed if the client left."""


class Concern(StrEnum):
    """A concern to weigh before choosing a way out."""

    STANCE = "stance"  # conflicts with how far the user would go
    INCOME = "income"  # the client is a large share of the income
    UNPAID = "unpaid"  # unpaid deliveries: easier to collect while work goes on
    OPEN_JOBS = "open_jobs"  # jobs to finish or hand over first
    INTERRUPTIONS = "interruptions"  # the calls go on
    LOW_RATE = "low_rate"  # the client's effective hourly rate is below the usual one
    MAY_LEAVE = "may_leave"  # the client may look for somebody who is always on call


@dataclass(frozen=True)
class Circumstances:
    """Inputs of the decision, by currency: shares from 0 to 1, money in minor units, rates as in `trust`."""

    income_share: Mapping[str, float]
    unpaid: Mapping[str, int]
    open_jobs: int
    calls_a_week: float
    allowance: int
    effective_rate: Mapping[str, float]  # with this client, in minor units an hour by currency
    usual_rate: Mapping[str, float]  # with all clients


@dataclass(frozen=True)
class WayOut:
    decision: Decision
    script: str  # the id of its built-in script, or empty
    concerns: tuple[Concern, ...]


def stance_of(client: Client) -> str:
    """Return how far the user would go with a client; empty until they have chosen.

    The default of a record is not an answer. Versions without `stance_chosen` stored another value only if
    the user chose it.
    """
    chosen = client.stance_chosen or client.stance != Stance.COULD_LOSE
    return client.stance if chosen else ""


def ways_out(stance: Stance | None, circumstances: Circumstances) -> list[WayOut]:
    """Return all three ways out with their concerns, in a fixed order; none is recommended.

    Empty while the stance is unknown: ask for that first.
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
    Decision.CHANGE_TERMS: "new-terms",
    Decision.END: "ending-work",
}
"""Built-in script of each way out, or empty."""
