"""Request and response bodies of the API, version 1; docs/protocol.md describes them."""

import base64
import re
from datetime import datetime
from typing import Annotated, Any, Literal

from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from app.server.web.limits import (
    BOX_BYTES,
    CHANGES,
    GRANT_BYTES,
    KEY_CHANGE_DEVICES,
    KEYRING_BYTES,
    LABEL_BYTES,
    REMINDER_BYTES,
    REMINDERS,
    REQUEST_BYTES,
)
from app.server.web.problems import PROTOCOL

TOO_LARGE = "too_large"  # error type of an oversized box
ACCOUNT_ID = re.compile(r"[0-9a-f]{32}")
INSTANT = re.compile(r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|\+00:00)$")
LARGEST_EPOCH = 2**31 - 1  # maximum of the database column
LARGEST_REV = 2**53 - 1  # largest integer that every JSON parser reads exactly

EXAMPLE_ACCOUNT = "7c21f6a3d95e4b80a1c4be52f0937d68"
EXAMPLE_KEY = EXAMPLE_ACCOUNT[:16]
EXAMPLE_DEVICE = "0b9d4a6e71f84c0f9a52d3c1e8b7f604"
EXAMPLE_RECORD = "5f0c8e1b2a934d7fb6e0c4a8d1937b25"
EXAMPLE_BOX = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJCrze8SNFY"
EXAMPLE_REMINDER = "9f86d081884c7d659a2feaa0c55ad015"
EXAMPLE_GROUP = "60303ae22b998861bce3b28f33eec1be"
EXAMPLE_ENDPOINT = "https://fcm.googleapis.com/fcm/send/c0ZkQ1dHa2M:APA91bE7"
# RFC 8291, appendix A.
EXAMPLE_PUBLIC_KEY = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
EXAMPLE_PUSH_SECRET = "BTBZMqHH6r4Tts7J_aSIgg"  # noqa: S105 - published in RFC 8291
EXAMPLE_SECRET = "x2bOwhyoUuJsTGf0h3XqkR9aWn5DvP1KYtMlB7sEgCA"  # noqa: S105 - example
EXAMPLE_TOKEN = "fCH2o9leS4ChxL5S8JN9aMcbV0n4RzUJ2iQ6tXw3pEoYhLsK8vDdGfAuB5mNyT1c"  # noqa: S105 - example


def decode_base64url(value: Any) -> Any:
    """Decode base64url (RFC 4648, section 5), with or without its padding. Other values are returned as is.

    Raises ValueError for characters of the standard alphabet and for surplus bits that are not zero: each
    value has one spelling.
    """
    if not isinstance(value, str):
        return value  # internal callers pass bytes; JSON never does
    if "+" in value or "/" in value:
        raise ValueError("not base64url")
    decoded = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
    last_group = len(decoded) - (len(decoded) % 3 or 3)
    if not value.rstrip("=").endswith(encode_base64url(decoded[last_group:])):
        raise ValueError("not canonical base64url")
    return decoded


def encode_base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def decode_account(value: Any) -> Any:
    """Decode an account's id. Raises ValueError unless it is 32 lower-case hexadecimal digits."""
    if not isinstance(value, str):
        return value
    if not ACCOUNT_ID.fullmatch(value):
        raise ValueError("not 32 lower-case hexadecimal digits")
    return bytes.fromhex(value)


def check_point(value: bytes) -> bytes:
    """Raise ValueError unless the value is an uncompressed point of P-256."""
    if len(value) != 65:
        raise ValueError("not 65 bytes")
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), value)
    return value


def decode_instant(value: Any) -> Any:
    """Parse a UTC timestamp. Raises ValueError."""
    if not isinstance(value, str):
        return value
    if not INSTANT.fullmatch(value):
        raise ValueError("not an instant in UTC with seconds")
    return datetime.fromisoformat(value)


def base64url(example: str, **schema: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "examples": [example], **schema})


def sealed(limit: int) -> BeforeValidator:
    """Validator for a box of at most `limit` bytes; an obviously longer one is refused undecoded."""
    longest = -(-limit * 4 // 3) + 2  # characters, padding included

    def decode(value: Any, info: ValidationInfo) -> Any:
        too_long = isinstance(value, str) and len(value) > longest
        box = b"" if too_long else decode_base64url(value)
        if too_long or (isinstance(box, bytes) and len(box) > limit):
            # Fields are validated in order, the id before the box.
            named = {"id": info.data["id"]} if info.data.get("id") else {}
            raise PydanticCustomError(TOO_LARGE, "longer than {limit} bytes", {"limit": limit, **named})
        return box

    return BeforeValidator(decode)


AS_TEXT = PlainSerializer(encode_base64url, when_used="json")
BOX_SCHEMA = base64url(EXAMPLE_BOX, description="Sealed by the device. Base64url without padding.")

Box = Annotated[bytes, sealed(BOX_BYTES), AS_TEXT, Field(min_length=1), BOX_SCHEMA]
Label = Annotated[bytes, sealed(LABEL_BYTES), AS_TEXT, Field(min_length=1), BOX_SCHEMA]
ReminderBox = Annotated[bytes, sealed(REMINDER_BYTES), AS_TEXT, Field(min_length=1), BOX_SCHEMA]
Grant = Annotated[bytes, sealed(GRANT_BYTES), AS_TEXT, Field(min_length=1), BOX_SCHEMA]
KeyringBox = Annotated[bytes, sealed(KEYRING_BYTES), AS_TEXT, Field(min_length=1), BOX_SCHEMA]
Secret = Annotated[
    bytes,
    BeforeValidator(decode_base64url),
    Field(min_length=32, max_length=32),
    base64url(EXAMPLE_SECRET, minLength=43, maxLength=43, description="The authentication secret."),
]
AccountId = Annotated[
    bytes,
    Field(min_length=16, max_length=16),
    BeforeValidator(decode_account),
    PlainSerializer(bytes.hex, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": "^[0-9a-f]{32}$", "examples": [EXAMPLE_ACCOUNT]}),
]
PublicKey = Annotated[
    bytes,
    BeforeValidator(decode_base64url),
    AfterValidator(check_point),
    PlainSerializer(encode_base64url, when_used="json"),
    base64url(EXAMPLE_PUBLIC_KEY, description="A point of P-256: 65 bytes, uncompressed."),
]
PushSecret = Annotated[
    bytes,
    BeforeValidator(decode_base64url),
    Field(min_length=16, max_length=16),
    base64url(EXAMPLE_PUSH_SECRET, minLength=22, maxLength=24),
]
WireInstant = Annotated[
    datetime,
    BeforeValidator(decode_instant),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": INSTANT.pattern,
            "description": "ISO 8601, in UTC, with seconds.",
            "examples": ["2026-06-10T09:30:00Z"],
        }
    ),
]
ReminderId = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$", examples=[EXAMPLE_REMINDER])]
RecordId = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$", examples=[EXAMPLE_RECORD])]
DeviceId = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$", examples=[EXAMPLE_DEVICE])]
Rev = Annotated[int, Field(ge=0, le=LARGEST_REV, examples=[42])]


class Body(BaseModel):
    """Base of all bodies. Unknown members are ignored: a newer client may send them."""

    model_config = ConfigDict(strict=True, hide_input_in_errors=True)


class Versions(Body):
    min: int = PROTOCOL
    max: int = PROTOCOL


class InfoLimits(Body):
    """`box_bytes`, `label_bytes` and `reminder_bytes` count before base64; `request_bytes` a whole body."""

    box_bytes: int = BOX_BYTES
    label_bytes: int = LABEL_BYTES
    changes: int = CHANGES
    request_bytes: int = REQUEST_BYTES
    reminders: int = REMINDERS
    reminder_bytes: int = REMINDER_BYTES
    account_bytes: int = Field(examples=[200_000_000])
    account_records: int = Field(examples=[200_000])
    account_devices: int = Field(examples=[20])
    account_idle_days: int = Field(
        examples=[730], description="An account that no device syncs with for so long is deleted; 0: never."
    )


class InfoPush(Body):
    key: PublicKey = Field(description="The application server key to subscribe with (RFC 8292).")


class InfoBody(Body):
    name: str = "kaeru"
    protocol: Versions = Versions()
    limits: InfoLimits
    new_accounts: bool
    push: InfoPush | None = Field(description="null: this server rings nobody.")
    time: datetime


class RegistrationBody(Body):
    account: AccountId
    secret: Secret
    device: DeviceId
    label: Label
    create: bool = Field(description="Start the account if there is none.")


class TokenBody(Body):
    token: str = Field(examples=[EXAMPLE_TOKEN])
    epoch: int = Field(description="How often the account's sync key was changed.", examples=[0])


class DeviceBody(Body):
    id: DeviceId
    label: Label
    created_at: datetime
    seen_at: datetime = Field(
        description="Its first sync on the last day (UTC) on which it synced, or its registration if later."
    )
    this: bool = Field(description="Whether it is the device that asks.")


GivenReceipt = Annotated[
    str | None,
    Field(
        description="What the server states about the account, to be handed in should it be restored from a "
        "backup. null: it may know less than it did, so keep the last one.",
        examples=[EXAMPLE_BOX],
    ),
]


class DevicesBody(Body):
    devices: list[DeviceBody]
    receipt: GivenReceipt


class LabelBody(Body):
    label: Label


class DeletionBody(Body):
    secret: Secret


class KeyBody(Body):
    """The account's current key: its epoch and id, and the keys sealed for the device."""

    epoch: int = Field(description="How often the key was changed.", examples=[1])
    account: AccountId = Field(description="The id derived from the current key.")
    grant: Grant | None = Field(
        description="The current key sealed to the device that asks; null: there is none."
    )
    keyring: KeyringBox | None = Field(
        description="The earlier keys, sealed with the current one; null: there are none."
    )
    receipt: GivenReceipt


class KeptDeviceBody(Body):
    id: DeviceId
    label: Label = Field(description="Sealed with the new key.")
    grant: Grant | None = Field(
        description="The new key sealed to this device; null: it has to be paired anew."
    )


class KeyChangeBody(Body):
    secret: Secret = Field(description="The current key's.")
    base: int = Field(ge=0, description="The epoch of the current key.", examples=[0])
    epoch: int = Field(
        ge=1, le=LARGEST_EPOCH, description="The epoch of the new key, above `base`.", examples=[1]
    )
    account: AccountId = Field(description="The id derived from the new key.")
    new_secret: Secret = Field(description="The new key's.")
    keyring: KeyringBox = Field(description="All earlier keys, sealed with the new one.")
    keep: list[KeptDeviceBody] = Field(
        max_length=KEY_CHANGE_DEVICES,
        fail_fast=True,
        description="The devices that stay, the caller's among them.",
    )
    revoke: list[DeviceId] = Field(
        max_length=KEY_CHANGE_DEVICES, fail_fast=True, description="The devices that are shut out."
    )


class EpochBody(Body):
    epoch: int = Field(examples=[1])
    receipt: GivenReceipt


class ReceiptBody(Body):
    receipt: str = Field(pattern=r"^[A-Za-z0-9_-]+$", description="As the server gave it.")


class ChangeBody(Body):
    id: RecordId
    base: Rev = Field(description="The revision it was made from; 0: the device knows of none.")
    box: Box


class SyncBody(Body):
    cursor: Rev | None = Field(description="What the last answer gave; 0 at first; null: push only.")
    changes: list[ChangeBody] = Field(
        max_length=CHANGES, fail_fast=True, description=f"At most {CHANGES}, each of another record."
    )


class RevisionBody(Body):
    id: RecordId
    rev: Rev
    box: Box


class AcceptedBody(Body):
    id: RecordId
    rev: Rev


class ExchangeBody(Body):
    cursor: Rev | None
    changes: list[RevisionBody]
    accepted: list[AcceptedBody]
    conflicts: list[RevisionBody]
    more: bool


class SubscriptionKeys(Body):
    p256dh: PublicKey
    auth: PushSecret


class SubscriptionBody(Body):
    """The JSON form of a browser's PushSubscription."""

    endpoint: str = Field(examples=[EXAMPLE_ENDPOINT])
    keys: SubscriptionKeys


class RingBody(Body):
    box: ReminderBox


class ReminderBody(Body):
    id: ReminderId
    group: str = Field(pattern=r"^[a-z0-9-]{1,64}$", examples=[EXAMPLE_GROUP])
    fire_at: WireInstant
    expires_at: WireInstant
    urgency: Literal["normal", "high"]
    box: ReminderBox


class PlanBody(Body):
    base: Rev = Field(description="The plan's revision that the device knows; 0 at first.")
    put: list[ReminderBody] = Field(
        max_length=REMINDERS, fail_fast=True, description=f"At most {REMINDERS}, each with an id of its own."
    )
    drop: list[ReminderId] = Field(
        max_length=2 * REMINDERS, fail_fast=True, description=f"At most {2 * REMINDERS}. Is done first."
    )


class PlanRevBody(Body):
    rev: Rev
