"""The bodies of the API's requests and answers, version 1; docs/protocol.md tells what they mean."""

import base64
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from app.server.limits import BOX_BYTES, CHANGES, LABEL_BYTES, REQUEST_BYTES

PROTOCOL = 1
BIGGEST_REV = 2**53 - 1  # what every JSON reader reads exactly

EXAMPLE_ACCOUNT = "7c21f6a3d95e4b80a1c4be52f0937d68"
EXAMPLE_DEVICE = "0b9d4a6e71f84c0f9a52d3c1e8b7f604"
EXAMPLE_RECORD = "5f0c8e1b2a934d7fb6e0c4a8d1937b25"
EXAMPLE_BOX = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJCrze8SNFY"
EXAMPLE_SECRET = "x2bOwhyoUuJsTGf0h3XqkR9aWn5DvP1KYtMlB7sEgCA"  # noqa: S105 - nobody's
EXAMPLE_TOKEN = "fCH2o9leS4ChxL5S8JN9aMcbV0n4RzUJ2iQ6tXw3pEoYhLsK8vDdGfAuB5mNyT1c"  # noqa: S105 - nobody's


def decode_base64url(value: Any) -> Any:
    """Base64url (RFC 4648, section 5), with or without its padding. Raises ValueError."""
    if not isinstance(value, str):
        return value  # bytes of ours; of others', JSON knows none
    return base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)


def encode_base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def decode_hex(value: Any) -> Any:
    return bytes.fromhex(value) if isinstance(value, str) else value


def base64url(example: str, **schema: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "examples": [example], **schema})


Box = Annotated[
    bytes,
    BeforeValidator(decode_base64url),
    PlainSerializer(encode_base64url, when_used="json"),
    Field(min_length=1),
    base64url(EXAMPLE_BOX, description="Sealed by the device. Base64url without padding."),
]
Secret = Annotated[
    bytes,
    BeforeValidator(decode_base64url),
    Field(min_length=32, max_length=32),
    base64url(EXAMPLE_SECRET, minLength=43, maxLength=43, description="The authentication secret."),
]
Account = Annotated[
    bytes,
    Field(min_length=16, max_length=16),
    BeforeValidator(decode_hex),
    WithJsonSchema({"type": "string", "pattern": "^[0-9a-f]{32}$", "examples": [EXAMPLE_ACCOUNT]}),
]
RecordId = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$", examples=[EXAMPLE_RECORD])]
DeviceId = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$", examples=[EXAMPLE_DEVICE])]
Rev = Annotated[int, Field(ge=0, le=BIGGEST_REV, examples=[42])]


class Body(BaseModel):
    """Members it does not know are let pass: a newer client may send them."""

    model_config = ConfigDict(strict=True, hide_input_in_errors=True)


class Versions(Body):
    min: int = PROTOCOL
    max: int = PROTOCOL


class InfoLimits(Body):
    """`box_bytes` and `label_bytes` count what is sealed, before base64; `request_bytes` a whole body."""

    box_bytes: int = BOX_BYTES
    label_bytes: int = LABEL_BYTES
    changes: int = CHANGES
    request_bytes: int = REQUEST_BYTES
    account_bytes: int = Field(examples=[200_000_000])
    account_records: int = Field(examples=[200_000])
    account_devices: int = Field(examples=[20])


class Info(Body):
    name: str = "kaeru"
    protocol: Versions = Versions()
    limits: InfoLimits
    new_accounts: bool
    time: datetime


class RegistrationBody(Body):
    account: Account
    secret: Secret
    device: DeviceId
    label: Box
    create: bool = Field(description="Start the account if there is none.")


class TokenBody(Body):
    token: str = Field(examples=[EXAMPLE_TOKEN])


class DeviceBody(Body):
    id: DeviceId
    label: Box
    created_at: datetime
    seen_at: datetime = Field(description="Its first request on the last day (UTC) it made any.")
    this: bool = Field(description="Whether it is the device that asks.")


class DevicesBody(Body):
    devices: list[DeviceBody]


class LabelBody(Body):
    label: Box


class DeletionBody(Body):
    secret: Secret


class ChangeBody(Body):
    id: RecordId
    base: Rev = Field(description="The revision it was made from; 0: the device knows of none.")
    box: Box


class SyncBody(Body):
    cursor: Rev = Field(description="What the last answer gave; 0 at first.")
    changes: list[ChangeBody] = Field(description=f"At most {CHANGES}, each of another record.")


class RevisionBody(Body):
    id: RecordId
    rev: Rev
    box: Box


class AcceptedBody(Body):
    id: RecordId
    rev: Rev


class ExchangeBody(Body):
    cursor: Rev
    changes: list[RevisionBody]
    accepted: list[AcceptedBody]
    conflicts: list[RevisionBody]
    more: bool
