"""/.well-known/security.txt (RFC 9116): the contact for vulnerability reports."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.server.conftest import serving
from tests.server.processes import run

PATH = "/.well-known/security.txt"
NOW = datetime(2026, 6, 10, 9, 30, tzinfo=UTC)


def fields_of(body: str) -> dict[str, str]:
    assert body.endswith("\n")
    return dict(line.split(": ", 1) for line in body.splitlines())


def test_the_security_contact_is_published_with_a_future_expiry(web: Path, tmp_path: Path) -> None:
    with serving(web, lambda: NOW, data=tmp_path, security_contact="mailto:security@example.org") as running:
        answer = running.client.get(PATH)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert running.client.head(PATH).status_code == 200
        assert running.client.post(PATH).status_code == 405
    fields = fields_of(answer.text)
    assert set(fields) == {"Contact", "Expires", "Preferred-Languages"}
    assert fields["Contact"] == "mailto:security@example.org"
    assert fields["Preferred-Languages"] == "en, fr, ja"
    expires = datetime.strptime(fields["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    # RFC 9116, 2.5.5: in the future, less than a year ahead.
    assert timedelta(days=90) < expires - NOW < timedelta(days=365)


@pytest.mark.parametrize(
    ("settings", "contact"),
    [
        ({"push_contact": "mailto:push@example.org"}, "mailto:push@example.org"),
        ({"push_contact": "mailto:push@example.org", "security_contact": "https://example.org/report"},
         "https://example.org/report"),
        ({"security_contact": "tel:+81-3-1234-5678"}, "tel:+81-3-1234-5678"),
    ],
)  # fmt: skip
def test_the_push_contact_is_published_if_no_other_is_set(
    web: Path, tmp_path: Path, settings: dict[str, Any], contact: str
) -> None:
    with serving(web, data=tmp_path, **settings) as running:
        assert fields_of(running.client.get(PATH).text)["Contact"] == contact


def test_without_a_contact_the_file_is_not_found(web: Path, tmp_path: Path) -> None:
    with serving(web, data=tmp_path) as running:
        answer = running.client.get(PATH)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/plain; charset=utf-8")
        assert "kaeru.invalid" not in answer.text
        assert running.client.get("/.well-known/anything.txt").status_code == 404


@pytest.mark.parametrize(
    ("proto", "host", "canonical"),
    [
        ("https", "kaeru.example.org", f"https://kaeru.example.org{PATH}"),
        ("https", "kaeru.example.org:8443", f"https://kaeru.example.org:8443{PATH}"),
        ("https", "kaeru.example.org/evil", None),
        ("http", "kaeru.example.org", None),
    ],
)
def test_the_canonical_url_is_stated_only_over_https(
    web: Path, tmp_path: Path, proto: str, host: str, canonical: str | None
) -> None:
    settings = {"security_contact": "mailto:a@example.org", "trusted_proxies": "127.0.0.1"}
    with serving(web, data=tmp_path, **settings) as running:
        headers = {"host": host, "x-forwarded-proto": proto, "x-forwarded-for": "203.0.113.1"}
        answer = running.client.get(PATH, headers=headers)
    assert fields_of(answer.text).get("Canonical") == canonical


@pytest.mark.parametrize("contact", ["security@example.org", "http://example.org", "mailto:a@b\nExpires: x"])
def test_an_invalid_contact_is_refused(contact: str) -> None:
    code, _said, errors = run("serve", KAERU_SECURITY_CONTACT=contact)
    assert (code, "KAERU_SECURITY_CONTACT=" in errors) == (1, True)


@pytest.mark.parametrize("path", [PATH, "/api/v1/info", "/healthz", "/readyz", "/metrics"])
def test_the_service_worker_does_not_handle_the_servers_paths(path: str) -> None:
    """Otherwise an installed app would show its page there."""
    worker = (Path(__file__).resolve().parents[2] / "assets" / "web" / "sw.js").read_text()
    (pattern,) = re.findall(r"^const SERVER_PATHS = /(.*)/;$", worker, re.MULTILINE)
    assert re.search(pattern, path)
    assert not re.search(pattern, "/clients/client/4f")
