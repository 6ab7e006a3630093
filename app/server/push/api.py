"""The API's endpoints for push subscriptions and reminders."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from app.server.push import reminders, subscriptions
from app.server.push.endpoints import Allowed, UnknownServiceError
from app.server.push.vapid import Identity
from app.server.web import wire
from app.server.web.bodies import BoundedRoute
from app.server.web.dependencies import WITH_KEY, WITH_TOKEN, Authorized, Deps, versioned
from app.server.web.problems import HttpProblem, documented

GroupInPath = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,64}$", examples=[wire.EXAMPLE_GROUP])]

router = APIRouter(route_class=BoundedRoute)


@dataclass(frozen=True)
class PushDependencies:
    """The server's VAPID identity, and the push services that it may call."""

    identity: Identity
    allowed: Allowed


def push_dependencies_of(request: Request) -> PushDependencies:
    dependencies: PushDependencies = request.app.state.push_dependencies
    return dependencies


PushDeps = Annotated[PushDependencies, Depends(push_dependencies_of)]


@router.put(
    "/push/subscription",
    status_code=204,
    response_class=Response,
    responses=documented(*WITH_TOKEN, "push_service", "too_large"),
    **versioned,
)
async def subscribe(deps: Deps, push: PushDeps, token: Authorized, body: wire.SubscriptionBody) -> None:
    """Store this device's push subscription, replacing the previous one."""
    try:
        endpoint = push.allowed.endpoint(body.endpoint)
    except UnknownServiceError:
        raise HttpProblem("push_service") from None
    address = subscriptions.Address(endpoint, body.keys.p256dh, body.keys.auth)
    await deps.database.write(partial(subscriptions.subscribe, token=token, address=address, now=deps.now()))


@router.delete(
    "/push/subscription",
    status_code=204,
    response_class=Response,
    responses=documented(*WITH_TOKEN),
    **versioned,
)
async def unsubscribe(deps: Deps, token: Authorized) -> None:
    """Delete this device's push subscription."""
    await deps.database.write(partial(subscriptions.unsubscribe, token=token))


@router.post(
    "/push/test",
    status_code=202,
    response_class=Response,
    responses=documented(*WITH_KEY, "no_subscription", "too_large"),
    **versioned,
)
async def ring_once(deps: Deps, token: Authorized, body: wire.RingBody) -> None:
    """Send one test notification to this device."""
    if seconds := deps.tests.wait(token.account):
        raise HttpProblem.rate_limited(seconds)
    await deps.database.write(partial(subscriptions.send_test, token=token, box=body.box, now=deps.now()))


@router.post("/reminders", responses=documented(*WITH_KEY, "plan", "too_large", "quota"), **versioned)
async def change_plan(deps: Deps, token: Authorized, body: wire.PlanBody) -> wire.PlanRevBody:
    """Drop reminders from the account's plan and add others, if the plan's revision is still `base`."""
    work = partial(
        reminders.change,
        token=token,
        base=body.base,
        put=reminders_from(body),
        drop=body.drop,
        limits=deps.limits,
        now=deps.now(),
    )
    return wire.PlanRevBody(rev=await deps.database.write(work))


@router.delete(
    "/reminders/groups/{group}",
    status_code=204,
    response_class=Response,
    responses=documented(*WITH_TOKEN),
    **versioned,
)
async def drop_group(deps: Deps, token: Authorized, group: GroupInPath) -> None:
    """Drop all reminders of a group, at any revision of the plan, for instance once the job is done."""
    await deps.database.write(partial(reminders.drop_group, token=token, group=group))


def reminders_from(body: wire.PlanBody) -> list[reminders.Planned]:
    """Convert a request's reminders. Raises HttpProblem("malformed")."""
    for number, each in enumerate(body.put):
        if each.expires_at <= each.fire_at:
            raise HttpProblem("malformed", where=[f"body.put.{number}.expires_at"])
    if len({each.id for each in body.put}) < len(body.put):
        raise HttpProblem("malformed", where=["body.put"], detail="A reminder may be in it once.")
    return [
        reminders.Planned(each.id, each.group, each.fire_at, each.expires_at, each.urgency, each.box)
        for each in body.put
    ]
