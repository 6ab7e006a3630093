"""The server's tables. Primary keys start with the account, so that tables can be partitioned by it."""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, DateTime, Index, LargeBinary, MetaData
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

ACCOUNT_BYTES = 16  # of an account's id


class Instant(TypeDecorator[datetime]):
    """A point in time, stored in UTC: SQLite has no time zones."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.replace(tzinfo=UTC)


class ServerTable(SQLModel):
    """Base of the server's tables; its metadata is separate from that of a device's tables."""

    metadata = MetaData()


class AccountRow(ServerTable, table=True):
    """An account: one person's records and devices. Every change within an account locks this row."""

    __tablename__ = "account"
    __table_args__ = (
        Index("account_created", "created_at"),
        Index("account_seen", "seen_at"),
        Index("account_alias", "alias", unique=True),
    )

    id: bytes = Field(primary_key=True, sa_type=LargeBinary)  # ACCOUNT_BYTES
    secret_hash: bytes = Field(sa_type=LargeBinary)  # SHA-256 of the authentication secret
    created_at: datetime = Field(sa_type=Instant)
    rev: int = Field(default=0, sa_type=BigInteger)  # the last revision given to a change
    # Cursors below this were given out before a restore: the changes they cover may be lost.
    oldest_cursor: int = Field(default=0, sa_type=BigInteger)
    records: int = 0
    box_bytes: int = Field(default=0, sa_type=BigInteger)  # of all its records
    plan_rev: int = Field(default=0, sa_type=BigInteger)  # how often the reminder plan changed
    # When it was last used: a device's first sync of a day, a registration, revocation or key change.
    seen_at: datetime = Field(sa_type=Instant)
    # Set once the account is idle: it is deleted then, unless a device uses it before.
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    key_epoch: int = 0  # how often its sync key was changed
    # The id derived from the current sync key, 16 bytes; null: the key never changed, so it is `id`.
    alias: bytes | None = Field(default=None, sa_type=LargeBinary)
    keyring: bytes | None = Field(
        default=None, sa_type=LargeBinary
    )  # earlier keys, sealed with the current one
    # Until then this account's data, restored from a backup, may be outdated: see receipts.py.
    guarded_until: datetime | None = Field(default=None, sa_type=Instant)
    # The latest key that a receipt has named since the restore: its epoch, id and SHA-256 of its secret.
    proven_epoch: int = 0
    proven_id: bytes | None = Field(default=None, sa_type=LargeBinary)
    proven_secret_hash: bytes | None = Field(default=None, sa_type=LargeBinary)


class DeviceRow(ServerTable, table=True):
    """A device of an account, active or revoked."""

    __tablename__ = "device"
    __table_args__ = (Index("device_token", "account", "token_hash", unique=True),)

    account: bytes = Field(primary_key=True, sa_type=LargeBinary)
    id: str = Field(primary_key=True)
    token_hash: bytes = Field(sa_type=LargeBinary)  # SHA-256 of the token
    label: bytes = Field(sa_type=LargeBinary)  # sealed by the device
    created_at: datetime = Field(sa_type=Instant)
    # Its first sync on the last day (UTC) on which it synced, or its registration if later.
    seen_at: datetime = Field(sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
    restored: bool = False  # it was in the last restored backup
    # The account's current sync key, sealed to this device at the last key change.
    key_grant: bytes | None = Field(default=None, sa_type=LargeBinary)


class RetiredIdRow(ServerTable, table=True):
    """An id derived from an earlier sync key. It can be neither registered with nor taken again.

    Looked up by the id alone, before the account is known.
    """

    __tablename__ = "retired_id"
    __table_args__ = (Index("retired_id_account", "account"),)

    id: bytes = Field(primary_key=True, sa_type=LargeBinary)  # 16 bytes
    account: bytes = Field(sa_type=LargeBinary)


class RecordRow(ServerTable, table=True):
    """The current revision of a sealed record."""

    __tablename__ = "record"
    __table_args__ = (Index("record_rev", "account", "rev", unique=True),)

    account: bytes = Field(primary_key=True, sa_type=LargeBinary)
    id: str = Field(primary_key=True)
    rev: int = Field(sa_type=BigInteger)
    box: bytes = Field(sa_type=LargeBinary)


class SubscriptionRow(ServerTable, table=True):
    """A device's push subscription: the endpoint, and the keys to encrypt messages with."""

    __tablename__ = "subscription"

    account: bytes = Field(primary_key=True, sa_type=LargeBinary)
    device: str = Field(primary_key=True)
    service: str  # scheme, host and port of the endpoint
    endpoint: str  # a secret: together with this server's key it suffices to notify the device
    p256dh: bytes = Field(sa_type=LargeBinary)  # 65 bytes: a point of P-256 (RFC 8291)
    auth: bytes = Field(sa_type=LargeBinary)  # 16 bytes
    created_at: datetime = Field(sa_type=Instant)


class ReminderRow(ServerTable, table=True):
    """A notification sealed by a device, and the time at which it is sent to all devices.

    A sent reminder is kept until it expires, so that no other device schedules it again.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        Index("reminder_due", "rung", "fire_at"),
        Index("reminder_expiry", "expires_at"),
    )

    account: bytes = Field(primary_key=True, sa_type=LargeBinary)
    id: str = Field(primary_key=True)
    group: str
    fire_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    urgency: str
    box: bytes = Field(sa_type=LargeBinary)
    rung: bool  # its deliveries were created


class DeliveryRow(ServerTable, table=True):
    """A pending push of a reminder to a device. Deleted once the push service has accepted it."""

    __tablename__ = "delivery"
    __table_args__ = (Index("delivery_due", "service", "next_at"),)

    account: bytes = Field(primary_key=True, sa_type=LargeBinary)
    reminder: str = Field(primary_key=True)
    device: str = Field(primary_key=True)
    service: str
    # When to try next. A claim advances it by a lease, so a crashed dispatcher doesn't block it.
    next_at: datetime = Field(sa_type=Instant)
    attempts: int


class PairingRow(ServerTable, table=True):
    """A device's offer to add another device to its account, and the state of the exchange.

    Found by the id alone: the new device doesn't know the account yet. The boxes are deleted at the end.
    """

    __tablename__ = "pairing"
    __table_args__ = (Index("pairing_account", "account"), Index("pairing_expiry", "expires_at"))

    id_hash: bytes = Field(primary_key=True, sa_type=LargeBinary)  # SHA-256 of the id
    account: bytes = Field(sa_type=LargeBinary)  # of the device that made the offer
    device: str
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    offer: bytes | None = Field(default=None, sa_type=LargeBinary)
    claim_hash: bytes | None = Field(default=None, sa_type=LargeBinary)  # SHA-256 of the claim secret
    request: bytes | None = Field(default=None, sa_type=LargeBinary)
    reveal: bytes | None = Field(default=None, sa_type=LargeBinary)
    answer: bytes | None = Field(default=None, sa_type=LargeBinary)
    outcome: str | None = None  # set at the end


class ServerKeyRow(ServerTable, table=True):
    """A key of the server, shared by all its processes."""

    __tablename__ = "server_key"

    name: str = Field(primary_key=True)
    value: bytes = Field(sa_type=LargeBinary)
