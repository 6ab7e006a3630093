"""A push's encryption, by the specification's own example; test_dispatcher reads pushes as browsers do."""

import pytest

from app.server.encryption import LONGEST, encrypt
from app.server.vapid import read_private_key
from app.server.wire import EXAMPLE_PUBLIC_KEY, EXAMPLE_PUSH_SECRET, decode_base64url
from tests.server.devices import text

POINT, SECRET = decode_base64url(EXAMPLE_PUBLIC_KEY), decode_base64url(EXAMPLE_PUSH_SECRET)


def test_the_example_of_rfc_8291() -> None:
    body = encrypt(
        b"When I grow up, I want to be a watermelon",
        POINT,
        SECRET,
        key=read_private_key("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
        salt=decode_base64url("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert text(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8w"
        "EqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_nothing_is_used_twice() -> None:
    first, second = (encrypt(b"", POINT, SECRET) for _ in range(2))
    assert first[:16] != second[:16]
    assert first[21:86] != second[21:86]


def test_what_no_push_can_be() -> None:
    assert len(encrypt(bytes(LONGEST), POINT, SECRET)) == 86 + 4096
    with pytest.raises(ValueError, match="too long"):
        encrypt(bytes(LONGEST + 1), POINT, SECRET)
    with pytest.raises(ValueError, match="EC key"):
        encrypt(b"", POINT[:-1] + b"\0", SECRET)
