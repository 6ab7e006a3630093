"""HTTP/2 against a server that says what h2 would not, or breaks the rules."""

import h2.errors
import hpack
import pytest
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    Frame,
    HeadersFrame,
    PingFrame,
    PushPromiseFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

from tests.server.peer import Peer, lost, outcomes, told


@told
async def test_padding_priorities_and_frames_nobody_knows() -> None:
    server = Peer()
    (started,) = await server.post(b"one")
    block = hpack.Encoder().encode([(":status", "410"), ("warning", "été".encode("latin-1"))])
    headers = HeadersFrame(1, block[:1], pad_length=5, flags=["PADDED", "PRIORITY"], depends_on=0)
    body = DataFrame(1, b"gone", pad_length=200, flags=["PADDED", "END_STREAM"])
    unknown = b"\0\0\3\xee\0\0\0\0\1abc"
    rest = ContinuationFrame(1, block[1:], flags=["END_HEADERS"])
    # Byte by byte, as a slow network might bring it.
    for byte in b"".join(each.serialize() for each in (headers, rest)) + unknown + body.serialize():
        server.client.data_received(bytes([byte]))
    assert await started == (410, {"warning": "été"})


STATUS = hpack.Encoder().encode([(":status", "201")])
BROKEN = {
    "a frame too long": (b"\0\x40\1\0\0\0\0\0\1", "FRAME_SIZE_ERROR"),
    "a number cut short": (b"\0\0\2\x08\0\0\0\0\0\0\1", "FRAME_SIZE_ERROR"),
    "settings cut short": (b"\0\0\2\x04\0\0\0\0\0\0\1", "FRAME_SIZE_ERROR"),
    "a ping cut short": (b"\0\0\2\x06\0\0\0\0\0\0\1", "FRAME_SIZE_ERROR"),
    "a promise": (PushPromiseFrame(1, 2, STATUS, flags=["END_HEADERS"]), "PROTOCOL_ERROR"),
    "an answer nobody asked for": (HeadersFrame(3, STATUS, flags=["END_HEADERS"]), "PROTOCOL_ERROR"),
    "a body on no stream": (DataFrame(2, b"body"), "PROTOCOL_ERROR"),
    "a rest of nothing": (ContinuationFrame(1, STATUS, flags=["END_HEADERS"]), "PROTOCOL_ERROR"),
    "headers that are broken off": (
        HeadersFrame(1, STATUS).serialize() + PingFrame(0).serialize(),
        "PROTOCOL_ERROR",
    ),
    "headers without end": (
        HeadersFrame(1).serialize() + ContinuationFrame(1, bytes(16_000)).serialize() * 5,
        "ENHANCE_YOUR_CALM",
    ),
    "more padding than frame": (b"\0\0\2\1\x0c\0\0\0\1\x08\x88", "PROTOCOL_ERROR"),
    "fields that mean nothing": (HeadersFrame(1, b"\xff" * 9, flags=["END_HEADERS"]), "COMPRESSION_ERROR"),
    "no more room": (WindowUpdateFrame(0, 0), "FLOW_CONTROL_ERROR"),
    "too much room": (WindowUpdateFrame(0, 2**31 - 1), "FLOW_CONTROL_ERROR"),
    "too much room for one": (WindowUpdateFrame(1, 2**31 - 1), "FLOW_CONTROL_ERROR"),
    "too much room for each": (SettingsFrame(0, {4: 2**31}), "FLOW_CONTROL_ERROR"),
}


@pytest.mark.parametrize(("said", "code"), BROKEN.values(), ids=BROKEN.keys())
def test_who_breaks_the_rules_is_told_how_and_left(said: Frame | bytes, code: str) -> None:
    async def story() -> None:
        server = Peer()
        (started,) = await server.post(b"one")
        await server.say(said)
        await lost(started)
        assert (server.ended, server.is_closed) == (h2.errors.ErrorCodes[code], True)

    told(story)()


@told
async def test_an_answer_without_a_status_is_none() -> None:
    server = Peer()
    started = await server.post(b"one", b"two")
    block = hpack.Encoder().encode([("location", "/")])
    await server.say(HeadersFrame(1, block, flags=["END_HEADERS", "END_STREAM"]))
    await server.answer(3)
    assert outcomes(started) == [ConnectionResetError, 201]
