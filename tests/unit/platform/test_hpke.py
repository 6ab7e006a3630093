"""HPKE on CPython with the `cryptography` package: sealing, opening, and refused input."""

import asyncio

import pytest

from app.platform.native import NativePlatform

INFO, MESSAGE = b"kaeru/test", "納期は金曜です".encode()


def test_a_message_opens_only_with_the_private_key_and_the_same_info() -> None:
    async def play() -> None:
        hpke = NativePlatform().hpke
        pair, other = await hpke.generate(), await hpke.generate()
        box = await hpke.seal(pair.public, INFO, MESSAGE)
        assert len(box) == 65 + len(MESSAGE) + 16
        assert await hpke.open(pair.private, INFO, box) == MESSAGE
        assert await hpke.open(other.private, INFO, box) is None
        assert await hpke.open(pair.private, b"another", box) is None

    asyncio.run(play())


@pytest.mark.parametrize(
    "box", [b"", bytes(65), b"\x04" + bytes(120), bytes(10)], ids=["none", "zeros", "off", "short"]
)
def test_a_damaged_box_does_not_open(box: bytes) -> None:
    async def play() -> None:
        hpke = NativePlatform().hpke
        assert await hpke.open((await hpke.generate()).private, INFO, box) is None

    asyncio.run(play())


@pytest.mark.parametrize("public", [b"", bytes(65), b"\x04" + bytes(64)], ids=["none", "zeros", "off"])
def test_an_invalid_curve_point_is_refused(public: bytes) -> None:
    with pytest.raises(ValueError, match="not a point"):
        asyncio.run(NativePlatform().hpke.seal(public, INFO, MESSAGE))


def test_the_repr_of_a_key_pair_hides_the_private_key() -> None:
    pair = asyncio.run(NativePlatform().hpke.generate())
    assert repr(pair.private) not in repr(pair)
