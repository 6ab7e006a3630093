"""A sync session: pushes local changes and applies remote ones until both sides agree.

Every step is safe to repeat: if a response is lost, the repeated request returns conflicts with the records
already sent, and merging those changes nothing.
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
"""Approximate maximum size of all sealed records in a request."""
BLOCK_SECONDS = 0.08
"""Target duration of a store transaction, which blocks the UI. Fewer transactions are faster in total."""
MIN_CHUNK, MAX_CHUNK = 100, 400
"""Records per transaction; adapted to the speed of this device."""
MAX_SKEW = timedelta(milliseconds=MAX_DRIFT_MS)
"""Maximum difference to the server's clock: other devices reject timestamps further in the future."""
SKEW_VALID_FOR = timedelta(minutes=5)
"""How long a measured clock difference stays valid."""
MAX_FRUITLESS = 20
"""Requests in a row without progress before giving up on the server."""
MAX_RECORD_LIMIT = 5_000_000
"""Maximum number of records accepted from a server, whatever limit it claims."""
DEFAULT_RECORD_LIMIT, MIN_RECORD_LIMIT = 1_000_000, 100_000
"""The default of the server's record limit, and its minimum.

A limit lowered on the server later must not reject records that are already there.
"""


@dataclass(frozen=True)
class SyncProgress:
    """Records exchanged in this session so far. Only the server knows how many will arrive."""

    received: int = 0
    sent: int = 0
    to_send: int = 0  # including `sent`
    # During key rotation: the records on the server, and those of them sealed with the new key.
    to_seal: int = 0
    sealed: int = 0


@dataclass(frozen=True)
class SyncContext:
    """Dependencies of a sync session: store, API client, sealer, clock, progress callback."""

    sync_store: SyncStore
    client: ApiClient
    sealer: Sealer
    now: Callable[[], datetime]
    report: Callable[[SyncProgress], None] = lambda _progress: None
    key_epoch: int = 0  # epoch of the sealer's key
    on_server_reset: Callable[[], Awaitable[None]] | None = (
        None  # called when the server was restored from a backup
    )


async def synchronise(context: SyncContext) -> None:
    """Synchronise this device with the server.

    Raises SyncError and StorageError; everything exchanged before that is kept.
    """
    try:
        await SyncSession(context).run()
    except ServerSetBackError:
        context.sync_store.start_over()
        if context.on_server_reset is not None:
            await context.on_server_reset()
        await SyncSession(context).run()


@dataclass(frozen=True)
class Page:
    """A response with its decrypted records."""

    answer: wire.SyncResponse
    theirs: list[wire.Sealed]
    opened: list[tuple[bytes | None, int]]  # (plaintext, epoch of its key) of each record in `theirs`


class SyncSession:
    """One sync session of as many requests as necessary."""

    def __init__(self, context: SyncContext) -> None:
        self._context = context
        self._sync_store = context.sync_store
        self._client = context.client
        self._progress = SyncProgress()
        # Nothing is sent while the server has more records: merging first reduces what has to be sent.
        state = self._state
        self._catching_up = state.cursor == 0 or state.unsettled
        self._prefetched: asyncio.Task[Page] | None = None  # fetched while the previous page is stored
        self._chunk_size = MIN_CHUNK
        self._batch_size = wire.CHANGES
        self._unsendable: dict[str, None] = {}  # ids of records that cannot be sent
        self._waiting: dict[str, None] = {}  # ids of changed records whose server version cannot be decrypted
        self._quota: SyncError | None = None

    async def run(self) -> None:
        """Exchange until nothing is left on either side. Then raise SyncError if records cannot be sent."""
        try:
            await self._exchange_all()
        finally:
            if self._prefetched is not None:
                self._prefetched.cancel()
                await asyncio.gather(self._prefetched, return_exceptions=True)
        self._sync_store.mark_synced(self._context.now())
        if self._context.key_epoch and not self._sync_store.count_stale(self._context.key_epoch):
            self._sync_store.note_sealed(self._context.key_epoch)
        if self._quota is not None:
            raise self._quota
        if self._unsendable:
            raise SyncError("too_large", {"ids": tuple(self._unsendable)})
        if self._waiting:
            raise SyncError("unopened", {"ids": tuple(self._waiting)})

    async def _exchange_all(self) -> None:
        fruitless_requests = 0
        unfinished = True
        while unfinished:
            await self._check_clock()
            fruitless_requests = 0 if await self._send_request() else fruitless_requests + 1
            if fruitless_requests > MAX_FRUITLESS:
                raise SyncError("server", {"reason": "no progress"})
            # Records that change during the session arrive twice, but not all of them.
            announced = min(self._client.most_records or DEFAULT_RECORD_LIMIT, MAX_RECORD_LIMIT)
            if self._progress.received > 2 * max(announced, MIN_RECORD_LIMIT):
                raise SyncError("server", {"reason": "more records than an account holds"})
            unfinished = self._catching_up or self._left_to_send() > 0

    @property
    def _state(self) -> SyncState:
        state = self._sync_store.state()
        if state is None:
            raise SyncError("off")
        return state

    async def _check_clock(self) -> None:
        """Stop if the wall clock is wrong by more than a day.

        Timestamps in the future would win on all devices until that date. So nothing is exchanged until the
        clock is correct; then the wrong timestamps are repaired.
        """
        skew_at = self._client.skew_at
        if skew_at is None or abs(self._context.now() - skew_at) > SKEW_VALID_FOR:
            await self._client.info()
        skew = self._client.skew
        if skew is not None and abs(skew) > MAX_SKEW:
            raise SyncError("clock", {"seconds": -skew.total_seconds()})
        self._sync_store.repair_clock()

    # --- one request -----------------------------------------------------------------------------------

    async def _send_request(self) -> bool:
        """Send one request. Returns whether a change was accepted or a record arrived."""
        cursor = self._state.cursor
        sending = [] if self._catching_up or self._quota else await self._next_changes()
        sent = [outgoing for outgoing, _ in sending]
        asked = self._prefetched or self._fetch_page(cursor, [change for _, change in sending])
        try:
            page = await asked
        except SyncError as problem:
            self._exclude_failed(sent, problem)
            return False
        answer = page.answer
        self._prefetched = self._fetch_page(answer.cursor) if answer.more else None
        await self._store_page(sent, page)
        if not answer.more:
            self._sync_store.settle()
        self._catching_up = answer.more
        # Conflicts also contain other devices' changes.
        self._advance(len(page.theirs), len(answer.accepted))
        return bool(answer.accepted or answer.changes)

    def _fetch_page(self, cursor: int, changes: Sequence[wire.WireChange] = ()) -> asyncio.Task[Page]:
        async def ask() -> Page:
            answer = await self._client.sync(cursor, changes)
            theirs = answer.changes + answer.conflicts
            state = self._sync_store.state()
            oldest = state.sealed_epoch if state else 0
            boxes = [(each.id, each.box) for each in theirs]
            opened = await open_dated_records(self._context.sealer, boxes, oldest)
            return Page(answer, theirs, opened)

        return asyncio.ensure_future(ask())

    async def _next_changes(self) -> list[tuple[Outgoing, wire.WireChange]]:
        """The changes for the next request."""
        outgoing = self._sync_store.outgoing(self._batch_size, self._skipped, self._context.key_epoch)
        boxes = await seal_records(self._context.sealer, [each.state for each in outgoing])
        sending: list[tuple[Outgoing, wire.WireChange]] = []
        size = 0
        for each, box in zip(outgoing, boxes, strict=True):
            if len(box) > wire.BOX_BYTES or not wire.ID.fullmatch(each.state.id):
                self._unsendable[each.state.id] = None
                continue
            size += len(box)
            if sending and size > REQUEST_BYTES:
                break
            sending.append((each, wire.WireChange(each.state.id, each.base, box)))
        return sending

    def _exclude_failed(self, sent: Sequence[Outgoing], problem: SyncError) -> None:
        """Exclude what made the request fail from the next one; re-raise all other errors."""
        if not sent or problem.code not in {"quota", "too_large"}:
            raise problem
        named = problem.detail.get("id")
        if problem.code == "quota":
            self._quota = problem  # remote changes can still arrive
        elif isinstance(named, str):
            self._unsendable[named] = None
        elif len(sent) > 1:  # a proxy rejects requests of this size
            self._batch_size = len(sent) // 2
        else:
            self._unsendable[sent[0].state.id] = None

    async def _store_page(self, sent: Sequence[Outgoing], page: Page) -> None:
        """Store a page in chunks. The cursor advances with the last one."""
        cursor, accepted, last = self._state.cursor, page.answer.accepted, page.answer.cursor
        left = list(zip(page.theirs, page.opened, strict=True))
        try:
            while left or accepted or last != cursor:
                began = time.perf_counter()
                chunk, left = left[: self._chunk_size], left[self._chunk_size :]
                incoming = [
                    Incoming(each.id, each.rev, read_record(each.id, plain), plain is not None)
                    for each, (plain, _) in chunk
                ]
                cursor = cursor if left else last
                epochs = self._epochs(accepted, chunk)
                waiting = self._sync_store.apply_response(sent, accepted, incoming, cursor, merge, epochs)
                self._waiting |= dict.fromkeys(waiting)
                sent, accepted = (), {}
                self._adapt_chunk_size(len(chunk), time.perf_counter() - began)
                await asyncio.sleep(0)
        except NewerBoxError as error:
            raise SyncError("newer") from error
        except RevisionsWentBackError as error:
            raise ServerSetBackError from error
        except SyncEndedError as error:
            raise SyncError("off") from error

    def _epochs(
        self, accepted: Mapping[str, int], chunk: Sequence[tuple[wire.Sealed, tuple[bytes | None, int]]]
    ) -> dict[str, int]:
        """By record id, the epoch of its key on the server; empty if the key was never rotated."""
        epoch = self._context.key_epoch
        if not epoch:
            return {}
        return dict.fromkeys(accepted, epoch) | {each.id: opened_with for each, (_, opened_with) in chunk}

    def _adapt_chunk_size(self, records: int, seconds: float) -> None:
        """Adapt the number of records per transaction to the time the last one took."""
        if seconds > BLOCK_SECONDS:
            self._chunk_size = max(self._chunk_size // 2, MIN_CHUNK)
        elif records == self._chunk_size and seconds < BLOCK_SECONDS / 2:
            self._chunk_size = min(self._chunk_size * 2, MAX_CHUNK)

    def _left_to_send(self) -> int:
        if self._quota:
            return 0
        return self._sync_store.count_outgoing(self._skipped) + self._left_to_seal()

    @property
    def _skipped(self) -> dict[str, None]:
        return self._unsendable | self._waiting

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
