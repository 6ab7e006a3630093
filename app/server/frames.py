"""HTTP/2 on the wire (RFC 9113) and its header fields (RFC 7541): as much as posting small requests takes."""

import struct
from collections.abc import Iterator
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

import hpack

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
FRAME_BYTES = 16_384  # of a frame's payload, unless a side has said that it takes more
BLOCK_BYTES = 65_536  # of the headers of one answer; who sends more means no good
WINDOW_BYTES = 65_535  # of flow control, at first
BIGGEST_WINDOW = BIGGEST_STREAM = 2**31 - 1

EMPTY_TABLE = b"\x20"  # RFC 7541, 6.3: we keep nothing, however little the other side wants us to keep

HEAD = struct.Struct(">HBBBI")  # the length's upper and lower bytes, kind, flags, stream
NUMBER = struct.Struct(">I")
SETTING = struct.Struct(">HI")
TWO_NUMBERS = struct.Struct(">II")


class Kind(IntEnum):
    """Of a frame (RFC 9113, 6). Others are to be ignored."""

    DATA = 0
    HEADERS = 1
    RST_STREAM = 3
    SETTINGS = 4
    PUSH_PROMISE = 5
    PING = 6
    GOAWAY = 7
    WINDOW_UPDATE = 8
    CONTINUATION = 9


class Flag(IntEnum):
    """What a frame says of itself; the same bit means another thing in another kind."""

    END_STREAM = 0x1
    ACK = 0x1
    END_HEADERS = 0x4
    PADDED = 0x8
    PRIORITY = 0x20


class Setting(IntEnum):
    """RFC 9113, 6.5.2."""

    ENABLE_PUSH = 2
    MAX_CONCURRENT_STREAMS = 3
    INITIAL_WINDOW_SIZE = 4
    MAX_FRAME_SIZE = 5


class Code(IntEnum):
    """Why a stream or a connection ends (RFC 9113, 7)."""

    NO_ERROR = 0
    PROTOCOL_ERROR = 1
    FLOW_CONTROL_ERROR = 3
    FRAME_SIZE_ERROR = 6
    CANCEL = 8
    COMPRESSION_ERROR = 9
    ENHANCE_YOUR_CALM = 11


class FaultError(Exception):
    """The other side broke the rules; the connection ends with this code."""

    def __init__(self, code: Code = Code.PROTOCOL_ERROR) -> None:
        super().__init__(code)
        self.code = code


class Frame(NamedTuple):
    """One that has arrived; `flags` are those of `Flag`."""

    kind: int
    flags: int
    stream: int
    payload: bytes


def frame(kind: Kind, stream: int, payload: bytes = b"", flags: int = 0) -> bytes:
    """A frame to be sent."""
    return HEAD.pack(len(payload) >> 8, len(payload) & 0xFF, kind, flags, stream) + payload


def settings_frame(values: dict[Setting, int]) -> bytes:
    return frame(Kind.SETTINGS, 0, b"".join(SETTING.pack(*each) for each in values.items()))


def field(name: str, value: str) -> bytes:
    """A header field that is put into no table (RFC 7541, 6.2.3: an endpoint's path is a secret).

    Tables would spare a push some 400 bytes, which it takes Python longer to leave out than to send.
    """
    return b"\x10" + string(name.encode()) + string(value.encode())


# Most of a request's fields are those of the one before. What is a secret is not to be kept here.
common_field = lru_cache(256)(field)


def string(value: bytes) -> bytes:
    """Its length (RFC 7541, 5.1: an integer with a prefix of 7 bits), then itself, without Huffman coding."""
    left = len(value) - 127
    if left < 0:
        return bytes((len(value),)) + value
    length = bytearray((127,))
    while left >= 128:
        length.append(left & 0x7F | 0x80)
        left >>= 7
    length.append(left)
    return bytes(length) + value


def fields_of(block: bytes, decoder: hpack.Decoder) -> dict[str, str]:
    """The header fields in a block. Each is to be read: later ones count on it. Raises hpack.HPACKError."""
    fields = decoder.decode(block, raw=True)
    return {bytes(name).decode("latin-1"): bytes(value).decode("latin-1") for name, value in fields}


class FrameReader:
    """Takes bytes as they come, gives frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._block: Frame | None = None  # headers of which more is to come

    def read(self, data: bytes) -> Iterator[Frame]:
        """Those that are whole by now: headers in one piece, without padding. Raises FaultError."""
        buffer = self._buffer
        buffer += data
        while len(buffer) >= HEAD.size:
            upper, lower, kind, flags, stream = HEAD.unpack_from(buffer)
            end = HEAD.size + (upper << 8 | lower)
            if end > HEAD.size + FRAME_BYTES:
                raise FaultError(Code.FRAME_SIZE_ERROR)
            if len(buffer) < end:
                break
            found = Frame(kind, flags, stream & BIGGEST_STREAM, bytes(buffer[HEAD.size : end]))
            del buffer[:end]
            if whole := self._join(found):
                yield whole

    def _join(self, found: Frame) -> Frame | None:
        """The frame, with what continues it; None while there is more to come."""
        block = self._block
        if block:
            if found.kind != Kind.CONTINUATION or found.stream != block.stream:
                raise FaultError
            found = block._replace(
                payload=block.payload + found.payload, flags=block.flags | found.flags & Flag.END_HEADERS
            )
        elif found.kind == Kind.HEADERS:
            found = found._replace(payload=without_padding(found))
        elif found.kind == Kind.CONTINUATION:
            raise FaultError
        if found.kind != Kind.HEADERS or found.flags & Flag.END_HEADERS:
            self._block = None
            return found
        if len(found.payload) > BLOCK_BYTES:
            raise FaultError(Code.ENHANCE_YOUR_CALM)
        self._block = found
        return None


def without_padding(headers: Frame) -> bytes:
    """The block of header fields in a HEADERS frame. Raises FaultError."""
    start = end = 0
    if headers.flags & Flag.PADDED:
        start, end = 1, int.from_bytes(headers.payload[:1])
    if headers.flags & Flag.PRIORITY:
        start += 5
    if start + end > len(headers.payload):
        raise FaultError
    return headers.payload[start : len(headers.payload) - end]
