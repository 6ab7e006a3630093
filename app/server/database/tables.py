"""The server's tables. Keys start with the account, so that tables can be partitioned by it."""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, DateTime, Index, LargeBinary, MetaData
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

ACCOUNT_BYTES = 16  # of an account's id


class Instant(TypeDecorator[datetime]):
    """A point in time, kept in UTC: SQLite knows no time zones."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.replace(tzinfo=UTC)


class ServerTable(SQLModel):
    """Tables of the server's database; those of a device are another set."""

    metadata = MetaData()


class AccountRow(ServerTable, table=True):
    """One person's records. Whoever changes anything of an account holds the lock of this row."""

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
    # Cursors below this were handed out before a backup was restored: what they stand for may be lost.
    oldest_cursor: int = Field(default=0, sa_type=BigInteger)
    records: int = 0
    box_bytes: int = Field(default=0, sa_type=BigInteger)  # of all its records
    plan_rev: int = Field(default=0, sa_type=BigInteger)  # of its reminders: how often their plan changed
    # When it was last in use: a device's first sync of a day, registering, revoking, changing the key.
    seen_at: datetime = Field(sa_type=Instant)
    # Set once no device has been seen for long: deleted then, unless one is seen before.
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    key_epoch: int = 0  # how often its sync key was changed
    # The id derived from the current sync key, 16 bytes; null: `id` itself, the key was never changed.
    alias: bytes | None = Field(default=None, sa_type=LargeBinary)
    keyring: bytes | None = Field(
        default=None, sa_type=LargeBinary
    )  # earlier keys, sealed with the current one
    # Until then this server, restored from a backup, may know less than it did: see receipts.py.
    guarded_until: datetime | None = Field(default=None, sa_type=Instant)
    # The latest key that a receipt named meanwhile: its epoch, its id, SHA-256 of its secret.
    proven_epoch: int = 0
    proven_id: bytes | None = Field(default=None, sa_type=LargeBinary)
    proven_secret_hash: bytes | None = Field(default=None, sa_type=LargeBinary)


class DeviceRow(ServerTable, table=True):
    """A device that may read and write the account, or no longer may."""

    __tablename__ = "device"
    __table_args__ = (Index("device_token", "account", "token_hash", unique=True),)

    account: bytes = Field(primary_key=True, sa_type=LargeBinary)
    id: str = Field(primary_key=True)
    token_hash: bytes = Field(sa_type=LargeBinary)  # SHA-256 of the token
    label: bytes = Field(sa_type=LargeBinary)  # sealed by the device
    created_at: datetime = Field(sa_type=Instant)
    # Its first sync of the last day that it synced, or its registration.
    seen_at: datetime = Field(sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
    restored: bool = False  # it was in the backup that was restored last
    # The account's current sync key, sealed to this device when the key was changed last.
    key_grant: bytes | None = Field(default=None, sa_type=LargeBinary)


class RetiredIdRow(ServerTable, table=True):
    """An id derived from an earlier sync key of an account: nobody registers with it, nobody can take it.

    Looked up by the id alone, before the account is known.
    """

    __tablename__ = "retired_id"
    __table_args__ = (Index("retired_id_account", "account"),)

    id: bytes = Field(primary_key=True, sa_type=LargeBinary)  # 16 bytes
    account: bytes = Field(sa_type=LargeBinary)


class RecordRow(ServerTable, table=True):
    """A sealed record as it was last taken."""

    __tablename__ = "record"
    __table_args__ = (Index("record_rev", "account", "rev", unique=True),)

    account: bytes = Field(primary_key=True, sa_type=LargeBinary)
    id: str = Field(primary_key=True)
    rev: int = Field(sa_type=BigInteger)
    box: bytes = Field(sa_type=LargeBinary)


class SubscriptionRow(ServerTable, table=True):
    """Where a device is rung: an address of its browser's push service, and the keys to encrypt for it."""

    __tablename__ = "subscription"

    account: bytes = Field(primary_key=True, sa_type=LargeBinary)
    device: str = Field(primary_key=True)
    service: str  # scheme, host and port of the endpoint
    endpoint: str  # who knows it can ring the device, if they have this server's key too
    p256dh: bytes = Field(sa_type=LargeBinary)  # 65 bytes: a point of P-256 (RFC 8291)
    auth: bytes = Field(sa_type=LargeBinary)  # 16 bytes
    created_at: datetime = Field(sa_type=Instant)


class ReminderRow(ServerTable, table=True):
    """A notification sealed by a device, and when it rings on all of them.

    Once it has rung it stays until it expires, so that another device cannot plan it anew.
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
    rung: bool  # its deliveries were made


class DeliveryRow(ServerTable, table=True):
    """A reminder that is still to reach a device. It is gone once the push service took it."""

    __tablename__ = "delivery"
    __table_args__ = (Index("delivery_due", "service", "next_at"),)

    account: bytes = Field(primary_key=True, sa_type=LargeBinary)
    reminder: str = Field(primary_key=True)
    device: str = Field(primary_key=True)
    service: str
    # When to try. Who tries moves it on by a lease first: a dispatcher that dies does not keep it.
    next_at: datetime = Field(sa_type=Instant)
    attempts: int


class PairingRow(ServerTable, table=True):
    """A device's offer to bring one more device into its account, and how far the two have come.

    Found by the id alone, for the new device knows no account yet. Once it has ended, the boxes are gone.
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
    outcome: str | None = None  # how it ended


class ServerKeyRow(ServerTable, table=True):
    """A key of the server's own, the same for all its processes."""

    __tablename__ = "server_key"

    name: str = Field(primary_key=True)
    value: bytes = Field(sa_type=LargeBinary)
