"""Sends due reminders to each device. Every push service has a worker, so a slow one delays no other."""

import asyncio
import logging
import random
import ssl
from collections import Counter, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import aiohttp

from app.server.database.engine import Database, DatabaseFaultError, DatabaseUnavailableError
from app.server.push import deliveries, subscriptions
from app.server.push.deliveries import ClaimedDelivery, DeliveryResults
from app.server.push.endpoints import Allowed, Endpoint, UnknownServiceError
from app.server.push.messages import (
    AFTER_REFUSAL,
    LONGEST_WAIT,
    OUR_KEY,
    Verdict,
    message_of,
    next_attempt,
    verdict_on,
)
from app.server.push.transport import PushTransport, tls_context
from app.server.push.vapid import Identity, Tokens
from app.server.settings import ServerSettings
from app.server.web.metrics import Metrics

logger = logging.getLogger("kaeru.dispatcher")

POLL_SECONDS = 0.5  # between two polls of the database
PUSH_SECONDS = 10  # for one push, connecting included
IN_FLIGHT = 256  # pushes to one service at a time
CLAIM = 128  # at least so many at a time, while there are more
SETTLE_SECONDS = 0.05  # outcomes of so long are noted together
TURN = 16  # pushes encrypted before others in this process get their turn
SWEEP = timedelta(minutes=1)


class Dispatcher:
    """Sends reminders from the database until it is stopped; any number of them may share one PostgreSQL."""

    def __init__(
        self,
        settings: ServerSettings,
        database: Database,
        identity: Identity,
        metrics: Metrics,
        now: Callable[[], datetime],
    ) -> None:
        self.database = database
        self.metrics = metrics
        self.now = now
        self.tokens = Tokens(identity, settings.push_contact, now)
        self.allowed = Allowed(settings)
        self.context: ssl.SSLContext = tls_context()
        self.stopping = False
        self._workers: dict[str, ServiceWorker] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._woken = asyncio.Event()
        self._sweep_at: datetime | None = None

    async def run(self) -> None:
        """Poll until stopped; then wait for the pushes that are under way."""
        while not self.stopping:
            try:
                await self.poll()
            except (DatabaseUnavailableError, DatabaseFaultError):
                pass  # it has been logged; the database may answer the next poll
            except Exception:
                logger.exception("poll")
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._woken.wait()
            except TimeoutError:
                continue
        await self.close()

    def stop(self) -> None:
        """Claim nothing more."""
        self.stopping = True
        self._woken.set()

    async def round(self) -> None:
        """Send all that is due now, and wait for the answers."""
        await self.poll()
        while self._running:
            await asyncio.gather(*self._running.values())
            await asyncio.sleep(0)

    async def close(self) -> None:
        await asyncio.gather(*self._running.values(), return_exceptions=True)
        for worker in self._workers.values():
            await worker.transport.close()

    async def poll(self) -> None:
        """Make deliveries of due reminders, and start a worker for each push service that has some.

        Raises DatabaseUnavailableError, DatabaseFaultError.
        """
        more = True
        while more and not self.stopping:
            waiting = await self.database.read(partial(deliveries.waiting, now=self.now()))
            for name in waiting.services:
                await self._serve(name)
            rung = 0
            if waiting.reminders:
                rung = await self.database.write(partial(deliveries.ring, now=self.now()))
                self.metrics.reminders_due.inc(rung)
            more = rung > 0  # or another dispatcher has locked them
        now = self.now()
        # A time further ahead was noted by a clock that has been set back since.
        if self._sweep_at is None or not now < self._sweep_at <= now + SWEEP:
            self._sweep_at = now + SWEEP
            await self._sweep()

    async def _serve(self, name: str) -> None:
        if name not in self._workers:
            try:
                endpoint = Endpoint.read(name)
            except UnknownServiceError:
                # An older version took it for one. No device is reached there, now or later.
                forgotten = await self.database.write(partial(subscriptions.forget_service, service=name))
                self.metrics.pushes_failed.labels("gone").inc(forgotten)
                logger.warning("subscriptions without a host removed", extra={"fields": {"count": forgotten}})
                return
            self._workers[name] = ServiceWorker(self, name, endpoint)
        worker = self._workers[name]
        worker.wake()
        if name not in self._running:
            self._running[name] = asyncio.create_task(worker.run())
            self._running[name].add_done_callback(partial(self._ended, name))

    def _ended(self, name: str, task: asyncio.Task[None]) -> None:
        del self._running[name]
        if not task.cancelled() and (error := task.exception()):
            logger.error("worker", exc_info=error)  # what it had claimed falls due again

    async def _sweep(self) -> None:
        expired = deliveries.BATCH
        while expired == deliveries.BATCH:
            expired, undelivered = await self.database.write(partial(deliveries.sweep, now=self.now()))
            self.metrics.pushes_failed.labels("expired").inc(undelivered)
        accounts = deliveries.BATCH
        while accounts == deliveries.BATCH:
            accounts, missed = await self.database.write(partial(deliveries.sweep_missed, now=self.now()))
            self.metrics.reminders_missed.inc(missed)
        work = partial(deliveries.release_stuck, now=self.now(), longest=LONGEST_WAIT)
        await self.database.write(work)


class ServiceWorker:
    """Sends pushes to one push service.

    It claims no more deliveries than it can have under way, so none is sent long after it was read.
    """

    def __init__(self, dispatcher: Dispatcher, name: str, endpoint: Endpoint) -> None:
        self.transport = PushTransport(endpoint, dispatcher.allowed, dispatcher.context)
        self._dispatcher = dispatcher
        self._allowed = dispatcher.allowed.service(endpoint)  # settings may have changed since it was taken
        self._name = name
        self._more = False  # there may be something to claim
        self._in_flight = 0  # claimed, and not yet known what became of it
        self._settlement = DeliveryResults()
        self._awake = asyncio.Event()
        self._pushes: set[asyncio.Task[None]] = set()
        self._counts: Counter[str] = Counter()
        self._warned: dict[int, datetime] = {}  # when a status was last logged

    def wake(self) -> None:
        """Note that deliveries are due."""
        self._more = True
        self._awake.set()

    async def run(self) -> None:
        """Send until nothing is due and every outcome is stored.

        It claims the next deliveries while it sends the present ones.
        """
        claimed: deque[ClaimedDelivery] = deque()
        exchange: asyncio.Task[list[ClaimedDelivery]] | None = None
        while True:
            if exchange and exchange.done():
                claimed += exchange.result()
                exchange = None
            if not exchange and (self._room or len(self._settlement) >= CLAIM):
                exchange = asyncio.create_task(self._exchange(self._room))
            if claimed:
                for _ in range(min(TURN, len(claimed))):
                    self._begin(claimed.popleft())
                await asyncio.sleep(0)
            elif exchange:
                await asyncio.wait([exchange])
            elif self._in_flight or self._settlement:
                await self._wait()
                if self._settlement:
                    exchange = asyncio.create_task(self._exchange(self._room))
            else:
                break
        if self._counts:
            logger.info("pushes", extra={"fields": {"service": self._name, **self._counts}})
            self._counts.clear()

    @property
    def _room(self) -> int:
        """How many deliveries to claim; 0 if they are too few for a query."""
        room = IN_FLIGHT - self._in_flight
        return room if self._more and room >= CLAIM and not self._dispatcher.stopping else 0

    async def _exchange(self, room: int) -> list[ClaimedDelivery]:
        """Store outcomes and claim deliveries in one transaction. Keep outcomes if the database fails."""
        settlement, self._settlement = self._settlement, DeliveryResults()
        self._more = False if room else self._more
        now = self._dispatcher.now()
        work = partial(
            deliveries.settle_and_claim, settlement=settlement, service=self._name, room=room, now=now
        )
        try:
            claimed = await self._dispatcher.database.write(work)
        except (DatabaseUnavailableError, DatabaseFaultError):
            if not self._dispatcher.stopping:  # else leases end, and others send them once more
                self._settlement.over += settlement.over
                self._settlement.again += settlement.again
                await asyncio.sleep(POLL_SECONDS)
            return []
        self._more = self._more or bool(claimed)
        self._in_flight += len(claimed)
        return claimed

    async def _wait(self) -> None:
        """Block for the first outcome, then briefly for more, to store them together."""
        if not (self._settlement or self._more) and self._in_flight:
            self._awake.clear()
            await self._awake.wait()
        if self._in_flight and len(self._settlement) < CLAIM:
            self._awake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(SETTLE_SECONDS):
                    while self._in_flight and len(self._settlement) < CLAIM:
                        await self._awake.wait()
                        self._awake.clear()

    def _begin(self, claimed: ClaimedDelivery) -> None:
        task = asyncio.create_task(self._push(claimed))
        self._pushes.add(task)
        task.add_done_callback(self._pushes.discard)

    async def _push(self, claimed: ClaimedDelivery) -> None:
        again: datetime | None = None
        try:
            outcome, again = await self._send(claimed)
        except Exception:
            logger.exception("push")
            outcome, again = "internal", self._later(claimed, {})
        dispatcher = self._dispatcher
        if again and again < claimed.expires_at:
            self._settlement.again.append((claimed.key, again))
        else:
            self._settlement.over.append(claimed.key)
        self._counts[outcome] += 1
        if outcome == "sent":
            dispatcher.metrics.pushed((dispatcher.now() - claimed.fire_at).total_seconds())
        else:
            dispatcher.metrics.pushes_failed.labels(outcome).inc()
        self._in_flight -= 1
        self._awake.set()

    async def _send(self, claimed: ClaimedDelivery) -> tuple[str, datetime | None]:
        """Send a push. Returns the outcome, and when to try again if that may help."""
        dispatcher = self._dispatcher
        if claimed.expires_at <= dispatcher.now():
            return "expired", None
        if not self._allowed:
            return "forbidden", None
        try:
            async with asyncio.timeout(PUSH_SECONDS):
                authorization = await dispatcher.tokens.authorization(self._name)
                message = message_of(claimed, authorization, dispatcher.now())
                path = claimed.endpoint.removeprefix(self._name)
                status, headers = await self.transport.post(path, message.headers, message.body)
        except TimeoutError:
            return "timeout", self._later(claimed, {})
        except (OSError, aiohttp.ClientError):
            return "network", self._later(claimed, {})
        verdict = verdict_on(status)
        if verdict == "refused" and status in OUR_KEY:
            dispatcher.tokens.refused(self._name, authorization)
        return verdict, await self._next(verdict, status, headers, claimed)

    async def _next(
        self, verdict: Verdict, status: int, headers: Mapping[str, str], claimed: ClaimedDelivery
    ) -> datetime | None:
        """When to try again after an answer; None if there is nothing to try."""
        match verdict:
            case "sent":
                return None
            case "gone":
                return await self._forget(claimed)
            case "refused":
                self._warn(status)
                return self._later(claimed, headers, AFTER_REFUSAL)
        return self._later(claimed, headers)

    def _warn(self, status: int) -> None:
        """Log that the service refuses this server, at most once a minute."""
        now = self._dispatcher.now()
        last = self._warned.get(status)
        if last is not None and last <= now < last + AFTER_REFUSAL:
            return
        self._warned[status] = now
        about_key = "KAERU_VAPID_KEY, KAERU_PUSH_CONTACT, the clock"
        check = about_key if status in OUR_KEY else "the service's documentation"
        fields = {"service": self._name, "status": status, "check": check}
        logger.warning("push refused", extra={"fields": fields})

    def _later(
        self, claimed: ClaimedDelivery, headers: Mapping[str, str], least: timedelta = timedelta(0)
    ) -> datetime:
        chance = random.random()  # noqa: S311 - it keeps retries apart, nothing else
        return next_attempt(claimed.attempts, headers, chance, self._dispatcher.now(), least)

    async def _forget(self, claimed: ClaimedDelivery) -> datetime | None:
        """Delete a subscription that is gone. Returns when to try again if the device has another by now."""
        account, device, endpoint = claimed.account, claimed.device, claimed.endpoint
        work = partial(subscriptions.forget_gone, account=account, device=device, endpoint=endpoint)
        return None if await self._dispatcher.database.write(work) else self._dispatcher.now()
