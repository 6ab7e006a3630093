"""What the server keeps. Every key starts with the account, so that the tables can be spread by it."""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, DateTime, Index, LargeBinary, MetaData
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel


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


class Account(ServerTable, table=True):
    """One person's records. Whoever changes anything of an account holds the lock of this row."""

    __tablename__ = "account"

    id: bytes = Field(primary_key=True, sa_type=LargeBinary)  # 16 bytes
    secret_hash: bytes = Field(sa_type=LargeBinary)  # SHA-256 of the authentication secret
    created_at: datetime = Field(sa_type=Instant)
    rev: int = Field(default=0, sa_type=BigInteger)  # the last revision given to a change
    # Cursors below this were handed out before a backup was restored: what they stand for may be lost.
    oldest_cursor: int = Field(default=0, sa_type=BigInteger)
    records: int = 0
    box_bytes: int = Field(default=0, sa_type=BigInteger)  # of all its records


class Device(ServerTable, table=True):
    """A device that may read and write the account, or no longer may."""

    __tablename__ = "device"
    __table_args__ = (Index("device_token", "account", "token_hash", unique=True),)

    account: bytes = Field(primary_key=True, sa_type=LargeBinary)
    id: str = Field(primary_key=True)
    token_hash: bytes = Field(sa_type=LargeBinary)  # SHA-256 of the token
    label: bytes = Field(sa_type=LargeBinary)  # sealed by the device
    created_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)  # of a day, only its first request
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)


class Record(ServerTable, table=True):
    """A sealed record as it was last taken."""

    __tablename__ = "record"
    __table_args__ = (Index("record_rev", "account", "rev", unique=True),)

    account: bytes = Field(primary_key=True, sa_type=LargeBinary)
    id: str = Field(primary_key=True)
    rev: int = Field(sa_type=BigInteger)
    box: bytes = Field(sa_type=LargeBinary)
