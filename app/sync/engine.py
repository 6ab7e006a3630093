"""One meeting with the server: push what changed here, take in what changed elsewhere, until both agree.

Every step is safe to repeat: a request whose answer was lost is answered with conflicts that hold what was
sent, and merging those changes nothing.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.platform.base import Sealer
from app.store.changes import Incoming, Outgoing
from app.store.clock import MAX_DRIFT_MS
from app.store.records import SyncState
from app.store.sync.sync_store import RevisionsWentBackError, SyncEndedError, SyncStore
from app.sync import wire
from app.sync.api_client import ApiClient
from app.sync.errors import ServerSetBackError, SyncError
from app.sync.merge import merge
from app.sync.sealing import NewerBoxError, open_dated_records, read_record, seal_records

REQUEST_BYTES = 1_000_000
"""About the most that the boxes of one request take together."""
BLOCK_SECONDS = 0.08
"""About the longest that storing keeps the person waiting. The fewer transactions, the less time in all."""
FEWEST_AT_ONCE, MOST_AT_ONCE = 100, 400
"""Records stored in one transaction: as many as this device does in that time."""
MAX_SKEW = timedelta(milliseconds=MAX_DRIFT_MS)
"""How far this device's clock may be from the server's: others refuse what is stamped further ahead."""
TRUSTED = timedelta(minutes=5)
"""How long what was learnt of the server's clock is relied on."""
FRUITLESS = 20
"""Requests in a row without progress before a server is given up on."""
LARGEST_ACCOUNT = 5_000_000
"""Records that are taken from a server at the most, whatever limit it names."""
MOST_RECORDS, FEWEST_RECORDS = 1_000_000, 100_000
"""The most records that an account is taken to hold: where the server names no limit, and at least.

A limit that was lowered since is no reason to refuse what is there.
"""


@dataclass(frozen=True)
class SyncProgress:
    """Records in this meeting so far. How many will arrive, only the server knows."""

    received: int = 0
    sent: int = 0
    to_send: int = 0  # `sent` included
    # Of a changed key: records that the server has, and those of them that are sealed with the new key.
    to_seal: int = 0
    sealed: int = 0


@dataclass(frozen=True)
class SyncContext:
    """What a meeting needs: this device's records, the server's door, the key, the time, who is told."""

    sync_store: SyncStore
    client: ApiClient
    sealer: Sealer
    now: Callable[[], datetime]
    report: Callable[[SyncProgress], None] = lambda _progress: None
    key_epoch: int = 0  # of the key that the sealer seals with
    set_back: Callable[[], Awaitable[None]] | None = None  # what to do once the server was set back


async def synchronise(context: SyncContext) -> None:
    """Bring this device and the server to the same state.

    Raises SyncError and StorageError; whatever was exchanged until then stays so.
    """
    try:
        await SyncSession(context).run()
    except ServerSetBackError:
        context.sync_store.start_over()
        if context.set_back is not None:
            await context.set_back()
        await SyncSession(context).run()


@dataclass(frozen=True)
class Page:
    """An answer with what it brings."""

    answer: wire.SyncResponse
    theirs: list[wire.Sealed]
    opened: list[tuple[bytes | None, int]]  # of each of them, what is in its box, and its key's epoch


class SyncSession:
    """As many requests as it takes."""

    def __init__(self, context: SyncContext) -> None:
        self._context = context
        self._sync_store = context.sync_store
        self._client = context.client
        self._progress = SyncProgress()
        # While the server has more to hand over nothing is sent: merged first, less has to travel.
        state = self._state
        self._catching_up = state.cursor == 0 or state.unsettled
        self._ahead: asyncio.Task[Page] | None = None  # arrives while the one before is stored
        self._at_once = FEWEST_AT_ONCE
        self._most = wire.CHANGES
        self._kept_back: dict[str, None] = {}  # ids of what cannot be sent
        self._waiting: dict[str, None] = {}  # ids of changes to records whose box on the server does not open
        self._quota: SyncError | None = None

    async def run(self) -> None:
        """Go on until nothing is left on either side; what cannot be sent is an error once all else was."""
        try:
            await self._exchange_all()
        finally:
            if self._ahead is not None:
                self._ahead.cancel()
                await asyncio.gather(self._ahead, return_exceptions=True)
        self._sync_store.finished(self._context.now())
        if self._context.key_epoch and not self._sync_store.count_stale(self._context.key_epoch):
            self._sync_store.note_sealed(self._context.key_epoch)
        if self._quota is not None:
            raise self._quota
        if self._kept_back:
            raise SyncError("too_large", {"ids": tuple(self._kept_back)})
        if self._waiting:
            raise SyncError("unopened", {"ids": tuple(self._waiting)})

    async def _exchange_all(self) -> None:
        fruitless = 0
        unfinished = True
        while unfinished:
            await self._check_clock()
            fruitless = 0 if await self._round() else fruitless + 1
            if fruitless > FRUITLESS:
                raise SyncError("server", {"reason": "no progress"})
            # Records that change while they are handed over come twice, but not all of them.
            announced = min(self._client.most_records or MOST_RECORDS, LARGEST_ACCOUNT)
            if self._progress.received > 2 * max(announced, FEWEST_RECORDS):
                raise SyncError("server", {"reason": "more records than an account holds"})
            unfinished = self._catching_up or self._left_to_send() > 0

    @property
    def _state(self) -> SyncState:
        state = self._sync_store.state()
        if state is None:
            raise SyncError("off")
        return state

    async def _check_clock(self) -> None:
        """Stop before a clock that is days off can do harm.

        What this device stamps with a date in the future would win on all devices until that date has come.
        So nothing is exchanged until the clock is set right; then what it stamped is stamped anew.
        """
        heard_at = self._client.heard_at
        if heard_at is None or abs(self._context.now() - heard_at) > TRUSTED:
            await self._client.info()
        skew = self._client.skew
        if skew is not None and abs(skew) > MAX_SKEW:
            raise SyncError("clock", {"seconds": -skew.total_seconds()})
        self._sync_store.mend_clock()

    # --- one request -----------------------------------------------------------------------------------

    async def _round(self) -> bool:
        """Whether there was progress: a change was taken, or a record arrived."""
        cursor = self._state.cursor
        sending = [] if self._catching_up or self._quota else await self._sealed()
        sent = [outgoing for outgoing, _ in sending]
        asked = self._ahead or self._ask(cursor, [change for _, change in sending])
        try:
            page = await asked
        except SyncError as problem:
            self._go_on_without(sent, problem)
            return False
        answer = page.answer
        self._ahead = self._ask(answer.cursor) if answer.more else None
        await self._take(sent, page)
        if not answer.more:
            self._sync_store.settle()
        self._catching_up = answer.more
        # A conflict brings what another device wrote, too.
        self._advance(len(page.theirs), len(answer.accepted))
        return bool(answer.accepted or answer.changes)

    def _ask(self, cursor: int, changes: Sequence[wire.WireChange] = ()) -> asyncio.Task[Page]:
        async def ask() -> Page:
            answer = await self._client.sync(cursor, changes)
            theirs = answer.changes + answer.conflicts
            state = self._sync_store.state()
            oldest = state.sealed_epoch if state else 0
            boxes = [(each.id, each.box) for each in theirs]
            opened = await open_dated_records(self._context.sealer, boxes, oldest)
            return Page(answer, theirs, opened)

        return asyncio.ensure_future(ask())

    async def _sealed(self) -> list[tuple[Outgoing, wire.WireChange]]:
        """What goes into the next request."""
        outgoing = self._sync_store.outgoing(self._most, self._skipped, self._context.key_epoch)
        boxes = await seal_records(self._context.sealer, [each.state for each in outgoing])
        sending: list[tuple[Outgoing, wire.WireChange]] = []
        size = 0
        for each, box in zip(outgoing, boxes, strict=True):
            if len(box) > wire.BOX_BYTES or not wire.ID.fullmatch(each.state.id):
                self._kept_back[each.state.id] = None
                continue
            size += len(box)
            if sending and size > REQUEST_BYTES:
                break
            sending.append((each, wire.WireChange(each.state.id, each.base, box)))
        return sending

    def _go_on_without(self, sent: Sequence[Outgoing], problem: SyncError) -> None:
        """See that the next request leaves out what this one failed for; raises what has no such cure."""
        if not sent or problem.code not in {"quota", "too_large"}:
            raise problem
        named = problem.detail.get("id")
        if problem.code == "quota":
            self._quota = problem  # what others wrote can still arrive
        elif isinstance(named, str):
            self._kept_back[named] = None
        elif len(sent) > 1:  # something on the way takes no request of this size
            self._most = len(sent) // 2
        else:
            self._kept_back[sent[0].state.id] = None

    async def _take(self, sent: Sequence[Outgoing], page: Page) -> None:
        """Store a page, in pieces; the cursor moves on with the last of them."""
        cursor, accepted, last = self._state.cursor, page.answer.accepted, page.answer.cursor
        left = list(zip(page.theirs, page.opened, strict=True))
        try:
            while left or accepted or last != cursor:
                began = time.perf_counter()
                piece, left = left[: self._at_once], left[self._at_once :]
                incoming = [
                    Incoming(each.id, each.rev, read_record(each.id, plain), plain is not None)
                    for each, (plain, _) in piece
                ]
                cursor = cursor if left else last
                epochs = self._epochs(accepted, piece)
                waiting = self._sync_store.apply_response(sent, accepted, incoming, cursor, merge, epochs)
                self._waiting |= dict.fromkeys(waiting)
                sent, accepted = (), {}
                self._pace(len(piece), time.perf_counter() - began)
                await asyncio.sleep(0)
        except NewerBoxError as error:
            raise SyncError("newer") from error
        except RevisionsWentBackError as error:
            raise ServerSetBackError from error
        except SyncEndedError as error:
            raise SyncError("off") from error

    def _epochs(
        self, accepted: Mapping[str, int], piece: Sequence[tuple[wire.Sealed, tuple[bytes | None, int]]]
    ) -> dict[str, int]:
        """With which key the server's boxes are sealed; nothing to note where the key was never changed."""
        epoch = self._context.key_epoch
        if not epoch:
            return {}
        return dict.fromkeys(accepted, epoch) | {each.id: opened_with for each, (_, opened_with) in piece}

    def _pace(self, records: int, seconds: float) -> None:
        """Store so many at a time that none takes too long, going by how long these took."""
        if seconds > BLOCK_SECONDS:
            self._at_once = max(self._at_once // 2, FEWEST_AT_ONCE)
        elif records == self._at_once and seconds < BLOCK_SECONDS / 2:
            self._at_once = min(self._at_once * 2, MOST_AT_ONCE)

    def _left_to_send(self) -> int:
        if self._quota:
            return 0
        return self._sync_store.count_outgoing(self._skipped) + self._left_to_seal()

    @property
    def _skipped(self) -> dict[str, None]:
        return self._kept_back | self._waiting

    def _left_to_seal(self) -> int:
        return self._sync_store.count_stale(self._context.key_epoch, self._skipped)

    def _advance(self, received: int, sent: int) -> None:
        received, sent = self._progress.received + received, self._progress.sent + sent
        left = self._left_to_seal()
        total = self._sync_store.count_on_server() if left else 0
        to_send = sent + self._left_to_send()
        self._progress = SyncProgress(
            received, sent, to_send, to_seal=total, sealed=total - left if left else 0
        )
        self._context.report(self._progress)
