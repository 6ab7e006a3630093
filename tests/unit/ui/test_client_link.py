"""What a tap on a client's channel opens."""

import pytest

from app.domain.column_types import Channel
from app.ui.client.view import link


@pytest.mark.parametrize(
    ("kind", "handle", "address"),
    [
        ("email", "ana@example.org", "mailto:ana@example.org"),
        ("email", "ana+work@example.org", "mailto:ana+work@example.org"),
        ("email", "a@b.org?bcc=x@evil.org", "mailto:a@b.org%3Fbcc%3Dx@evil.org"),
        ("email", "ask Ana", ""),
        ("phone", "+33 (0)1 23-45", "tel:+33012345"),
        ("phone", "in the office", ""),
        ("slack", "@ana", ""),
        ("line", "javascript:alert(1)", ""),
    ],
)
def test_only_mail_and_telephone_open_a_program(kind: str, handle: str, address: str) -> None:
    assert link(Channel(kind=kind, handle=handle)) == address
