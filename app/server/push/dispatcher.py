"""Sends due reminders to devices. Each push service has its own worker, so a slow one delays no other."""

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
    KEY_REFUSED,
    LONGEST_WAIT,
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
CLAIM = 128  # minimum batch of deliveries to claim or results to store at once
RESULT_BATCH_SECONDS = 0.05  # results of this period are stored in one transaction
PUSHES_PER_TURN = 16  # pushes encrypted before yielding to the event loop
SWEEP = timedelta(minutes=1)


class Dispatcher:
    """Sends reminders until stopped; any number of dispatchers may share one PostgreSQL database."""

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
        """Poll until stopped, then wait for the pushes in flight."""
        while not self.stopping:
            try:
                await self.poll()
            except (DatabaseUnavailableError, DatabaseFaultError):
                pass  # already logged; the next poll retries
            except Exception:
                logger.exception("poll")
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._woken.wait()
            except TimeoutError:
                continue
        await self.close()

    def stop(self) -> None:
        """Stop claiming deliveries; `run` returns after the pushes in flight."""
        self.stopping = True
        self._woken.set()

    async def round(self) -> None:
        """Send everything due now and wait for the results."""
        await self.poll()
        while self._running:
            await asyncio.gather(*self._running.values())
            await asyncio.sleep(0)

    async def close(self) -> None:
        await asyncio.gather(*self._running.values(), return_exceptions=True)
        for worker in self._workers.values():
            await worker.transport.close()

    async def poll(self) -> None:
        """Create deliveries for due reminders; start a worker for each push service with due deliveries.

        Raises DatabaseUnavailableError, DatabaseFaultError.
        """
        more = True
        while more and not self.stopping:
            due = await self.database.read(partial(deliveries.find_due_work, now=self.now()))
            for name in due.services:
                await self._serve(name)
            created = 0
            if due.reminders:
                created = await self.database.write(partial(deliveries.create_due_deliveries, now=self.now()))
                self.metrics.reminders_due.inc(created)
            more = created > 0  # 0 also if another dispatcher has locked them
        now = self.now()
        # A time further ahead was stored before the clock was set back.
        if self._sweep_at is None or not now < self._sweep_at <= now + SWEEP:
            self._sweep_at = now + SWEEP
            await self._sweep()

    async def _serve(self, name: str) -> None:
        if name not in self._workers:
            try:
                endpoint = Endpoint.read(name)
            except UnknownServiceError:
                # An older version accepted this URL; it can never be reached.
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
            logger.error("worker", exc_info=error)  # its claimed deliveries fall due again

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

    It claims no more deliveries than it can send at once, so none is sent long after it was read.
    """

    def __init__(self, dispatcher: Dispatcher, name: str, endpoint: Endpoint) -> None:
        self.transport = PushTransport(endpoint, dispatcher.allowed, dispatcher.context)
        self._dispatcher = dispatcher
        # The settings may have changed since the device subscribed.
        self._allowed = dispatcher.allowed.service(endpoint)
        self._name = name
        self._may_have_due = False  # whether more deliveries may be due
        self._in_flight = 0  # claimed deliveries without a result
        self._results = DeliveryResults()
        self._awake = asyncio.Event()
        self._pushes: set[asyncio.Task[None]] = set()
        self._counts: Counter[str] = Counter()
        self._warned: dict[int, datetime] = {}  # when a status was last logged

    def wake(self) -> None:
        """Signal that deliveries are due."""
        self._may_have_due = True
        self._awake.set()

    async def run(self) -> None:
        """Send until nothing is due and every result is stored.

        Claims the next deliveries while it sends the current ones.
        """
        claimed: deque[ClaimedDelivery] = deque()
        database_task: asyncio.Task[list[ClaimedDelivery]] | None = None
        while True:
            if database_task and database_task.done():
                claimed += database_task.result()
                database_task = None
            if not database_task and (self._claimable or len(self._results) >= CLAIM):
                database_task = asyncio.create_task(self._store_and_claim(self._claimable))
            if claimed:
                for _ in range(min(PUSHES_PER_TURN, len(claimed))):
                    self._start_push(claimed.popleft())
                await asyncio.sleep(0)
            elif database_task:
                await asyncio.wait([database_task])
            elif self._in_flight or self._results:
                await self._wait()
                if self._results:
                    database_task = asyncio.create_task(self._store_and_claim(self._claimable))
            else:
                break
        if self._counts:
            logger.info("pushes", extra={"fields": {"service": self._name, **self._counts}})
            self._counts.clear()

    @property
    def _claimable(self) -> int:
        """How many deliveries to claim; 0 if too few for a query."""
        room = IN_FLIGHT - self._in_flight
        return room if self._may_have_due and room >= CLAIM and not self._dispatcher.stopping else 0

    async def _store_and_claim(self, room: int) -> list[ClaimedDelivery]:
        """Store results and claim deliveries in one transaction. Keep the results if the database fails."""
        results, self._results = self._results, DeliveryResults()
        self._may_have_due = False if room else self._may_have_due
        now = self._dispatcher.now()
        work = partial(
            deliveries.store_results_and_claim, results=results, service=self._name, room=room, now=now
        )
        try:
            claimed = await self._dispatcher.database.write(work)
        except (DatabaseUnavailableError, DatabaseFaultError):
            if not self._dispatcher.stopping:  # else the leases expire and the pushes are sent again
                self._results.finished += results.finished
                self._results.retries += results.retries
                await asyncio.sleep(POLL_SECONDS)
            return []
        self._may_have_due = self._may_have_due or bool(claimed)
        self._in_flight += len(claimed)
        return claimed

    async def _wait(self) -> None:
        """Block for the first result, then batch briefly."""
        if not (self._results or self._may_have_due) and self._in_flight:
            self._awake.clear()
            await self._awake.wait()
        if self._in_flight and len(self._results) < CLAIM:
            self._awake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(RESULT_BATCH_SECONDS):
                    while self._in_flight and len(self._results) < CLAIM:
                        await self._awake.wait()
                        self._awake.clear()

    def _start_push(self, claimed: ClaimedDelivery) -> None:
        task = asyncio.create_task(self._push(claimed))
        self._pushes.add(task)
        task.add_done_callback(self._pushes.discard)

    async def _push(self, claimed: ClaimedDelivery) -> None:
        retry_at: datetime | None = None
        try:
            outcome, retry_at = await self._send(claimed)
        except Exception:
            logger.exception("push")
            outcome, retry_at = "internal", self._retry_time(claimed, {})
        dispatcher = self._dispatcher
        if retry_at and retry_at < claimed.expires_at:
            self._results.retries.append((claimed.key, retry_at))
        else:
            self._results.finished.append(claimed.key)
        self._counts[outcome] += 1
        if outcome == "sent":
            dispatcher.metrics.pushed((dispatcher.now() - claimed.fire_at).total_seconds())
        else:
            dispatcher.metrics.pushes_failed.labels(outcome).inc()
        self._in_flight -= 1
        self._awake.set()

    async def _send(self, claimed: ClaimedDelivery) -> tuple[str, datetime | None]:
        """Send a push. Returns the outcome, and the time of the next attempt if one may help."""
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
            return "timeout", self._retry_time(claimed, {})
        except (OSError, aiohttp.ClientError):
            return "network", self._retry_time(claimed, {})
        verdict = verdict_on(status)
        if verdict == "refused" and status in KEY_REFUSED:
            dispatcher.tokens.refused(self._name, authorization)
        return verdict, await self._next_attempt(verdict, status, headers, claimed)

    async def _next_attempt(
        self, verdict: Verdict, status: int, headers: Mapping[str, str], claimed: ClaimedDelivery
    ) -> datetime | None:
        """When to retry after a response; None if there is nothing to retry."""
        match verdict:
            case "sent":
                return None
            case "gone":
                return await self._forget_subscription(claimed)
            case "refused":
                self._warn(status)
                return self._retry_time(claimed, headers, AFTER_REFUSAL)
        return self._retry_time(claimed, headers)

    def _warn(self, status: int) -> None:
        """Log that the service refuses this server, at most once a minute."""
        now = self._dispatcher.now()
        last = self._warned.get(status)
        if last is not None and last <= now < last + AFTER_REFUSAL:
            return
        self._warned[status] = now
        about_key = "KAERU_VAPID_KEY, KAERU_PUSH_CONTACT, the clock"
        check = about_key if status in KEY_REFUSED else "the service's documentation"
        fields = {"service": self._name, "status": status, "check": check}
        logger.warning("push refused", extra={"fields": fields})

    def _retry_time(
        self, claimed: ClaimedDelivery, headers: Mapping[str, str], least: timedelta = timedelta(0)
    ) -> datetime:
        chance = random.random()  # noqa: S311 - only spreads retries
        return next_attempt(claimed.attempts, headers, chance, self._dispatcher.now(), least)

    async def _forget_subscription(self, claimed: ClaimedDelivery) -> datetime | None:
        """Delete an expired subscription. Returns the time to retry if the device has subscribed again."""
        account, device, endpoint = claimed.account, claimed.device, claimed.endpoint
        work = partial(subscriptions.forget_gone, account=account, device=device, endpoint=endpoint)
        return None if await self._dispatcher.database.write(work) else self._dispatcher.now()
