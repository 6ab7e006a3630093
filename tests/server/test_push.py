"""Push endpoints that the server may call: known services at public addresses only."""

import asyncio
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from app.server.push.endpoints import Allowed, ForbiddenAddressError, UnknownServiceError, is_public
from app.server.push.transport import NoConnectionError, PushTransport, tls_context
from app.server.settings import ServerSettings
from tests.server.conftest import serving
from tests.server.devices import Device, problem
from tests.server.sink import Answer, Browser, Sink

FCM = "https://fcm.googleapis.com/fcm/send/abc"


@pytest.mark.parametrize(
    "endpoint",
    [
        FCM,
        "https://updates.push.services.mozilla.com/wpush/v2/gAAAAA",
        "https://wns2-par02p.notify.windows.com/w/?token=BQYAAA%2bc",
        "https://web.push.apple.com/QGuQyavXutnMH",
        "https://FCM.googleapis.com:443/fcm/send/abc",
        f"https://{'a' * 63}.push.apple.com/",
        "https://xn--bcher-kva.push.apple.com/",
    ],
)
def test_endpoints_of_known_push_services_are_accepted(endpoint: str) -> None:
    allowed = Allowed(ServerSettings())
    assert str(allowed.endpoint(endpoint)).startswith("https://")
    assert ":443" not in str(allowed.endpoint(endpoint))


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://push.example/abc",
        "http://fcm.googleapis.com/fcm/send/abc",
        "https://fcm.googleapis.com:8443/fcm/send/abc",
        "https://fcm.googleapis.com.example/abc",
        "https://example/fcm.googleapis.com",
        "https://evilnotify.windows.com/abc",
        "https://user@fcm.googleapis.com/abc",
        "https://fcm.googleapis.com@push.example/abc",
        "https://push.example\\@fcm.googleapis.com/abc",
        "https://fcm.googleapis.com#@push.example/abc",
        "https://fcm.googleapis.com\t.example/abc",
        "https://fcm.googleapis.com/abc def",
        "https://fcm.googleapis.com/é",
        "https://fcm.googleapis.com:port/abc",
        "https:///abc",
        "https://[::1]/abc",
        "https://[::1/abc",
        "ftp://fcm.googleapis.com/abc",
        "file:///etc/passwd",
        f"{FCM}/{'a' * 1000}",
        "https://a..push.apple.com/",
        "https://.push.apple.com/",
        "https://a.push.apple.com./",
        "https://-a.push.apple.com/",
        "https://a-.push.apple.com/",
        "https://a_b.push.apple.com/",
        "https://a%2eb.push.apple.com/",
        "https://a*b.push.apple.com/",
        "https://a,b.push.apple.com/",
        f"https://{'a' * 64}.push.apple.com/",
        f"https://{'a.' * 121}push.apple.com/",
        "",
    ],
)
def test_other_endpoints_are_refused(endpoint: str) -> None:
    with pytest.raises(UnknownServiceError):
        Allowed(ServerSettings()).endpoint(endpoint)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "2130706433", "0x7f000001", "127.1"]
)
def test_ip_addresses_are_refused_even_if_every_name_is_allowed(host: str) -> None:
    with pytest.raises(UnknownServiceError):
        Allowed(ServerSettings(push_services="*")).endpoint(f"https://{host}/abc")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::10.0.0.1",
        "2002:7f00:1::1",
        "2001:db8::1",
    ],
)
def test_private_and_special_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["142.250.74.106", "2a00:1450:4007:80e::200a", "64:ff9b::142.250.74.106"])
def test_internet_addresses_are_public(address: str) -> None:
    assert is_public(address)


def resolving_to(*addresses: str) -> Any:
    """Patch the event loop's resolver so that every name resolves to these addresses."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]

    async def getaddrinfo(*_asked: Any, **_more: Any) -> Any:
        return found

    return patch.object(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)


def test_a_known_name_that_resolves_to_a_private_address_is_not_called(tmp_path: Path) -> None:
    with Sink(tmp_path).running() as sink, resolving_to("127.0.0.1", "10.0.0.1"):
        allowed = Allowed(ServerSettings(push_services="localhost"))
        # The address is checked before a connection is opened, at any port.
        endpoint = allowed.endpoint("https://localhost/abc")
        with pytest.raises(NoConnectionError, match="may not be called"):
            asyncio.run(post(PushTransport(endpoint, allowed, tls_context())))
        with pytest.raises(ForbiddenAddressError):
            asyncio.run(allowed.addresses("localhost", sink.port("https")))
        assert sink.connections == 0


def test_the_checked_address_is_the_one_connected_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a name resolves to another address each time, the one checked first is used."""
    with Sink(tmp_path).running() as sink:
        monkeypatch.setenv("SSL_CERT_FILE", str(sink.certificate))
        looks = iter([["127.0.0.1"]])
        allowed = Allowed(ServerSettings(push_services="localhost", push_testing=True))

        async def addresses(_host: str, _port: int) -> list[str]:
            return next(looks)

        monkeypatch.setattr(allowed, "addresses", addresses)
        endpoint = allowed.endpoint(f"https://localhost:{sink.port('https')}/abc")
        # TLS verifies the name, or this certificate would be refused.
        with patch.object(socket, "getaddrinfo", side_effect=only_addresses):
            status, _headers = asyncio.run(post(PushTransport(endpoint, allowed, tls_context())))
        assert status == 201
        assert [push.path for push in sink.received] == ["/abc"]


REAL = socket.getaddrinfo


def only_addresses(host: Any, *more: Any, **named: Any) -> Any:
    assert host in {"127.0.0.1", b"127.0.0.1"}, f"{host} was looked up once more"
    return REAL(host, *more, **named)


async def post(transport: PushTransport) -> tuple[int, Mapping[str, str]]:
    try:
        return await transport.post("/abc", {"ttl": "60"}, b"box")
    finally:
        await transport.close()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_redirect_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    with Sink(tmp_path).running() as sink:
        monkeypatch.setenv("SSL_CERT_FILE", str(sink.certificate))
        allowed = Allowed(ServerSettings(push_services="localhost", push_testing=True))
        endpoint = allowed.endpoint(f"{scheme}://localhost:{sink.port(scheme)}/abc")
        sink.will("/abc", Answer(307, {"location": f"http://127.0.0.1:{sink.port('http')}/elsewhere"}))
        status, _headers = asyncio.run(post(PushTransport(endpoint, allowed, tls_context())))
        assert status == 307
        assert [push.path for push in sink.received] == ["/abc"]


def test_a_long_response_is_not_read_to_its_end(tmp_path: Path) -> None:
    with Sink(tmp_path).running() as sink:
        allowed = Allowed(ServerSettings(push_services="localhost", push_testing=True))
        endpoint = allowed.endpoint(f"http://localhost:{sink.port('http')}/abc")
        sink.will("/abc", Answer(503, {"retry-after": "9"}, body=bytes(20_000_000)))

        async def twice() -> tuple[int, Mapping[str, str], int]:
            transport = PushTransport(endpoint, allowed, tls_context())
            status, headers = await transport.post("/abc", {}, b"box")
            (after, _headers) = await transport.post("/abc", {}, b"box")
            await transport.close()
            return status, headers, after

        status, headers, after = asyncio.run(twice())
        assert (status, headers["retry-after"], after) == (503, "9", 201)
        assert sink.connections == 2  # the connection with the unread rest was closed


def test_an_untrusted_certificate_is_refused(tmp_path: Path) -> None:
    with Sink(tmp_path).running() as sink:
        allowed = Allowed(ServerSettings(push_services="localhost", push_testing=True))
        endpoint = allowed.endpoint(f"https://localhost:{sink.port('https')}/abc")
        with pytest.raises(NoConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
            asyncio.run(post(PushTransport(endpoint, allowed, tls_context())))
        assert sink.received == []


def test_invalid_subscriptions_are_refused(web: Path, tmp_path: Path) -> None:
    with serving(web, data=tmp_path) as running:
        device = Device.of_new_account(running.client)
        fitting = Browser(FCM).subscription()
        assert device.subscribe(fitting).status_code == 204
        refused = device.subscribe(Browser("https://10.0.0.1/abc").subscription())
        assert problem(refused) == (422, "push_service")
        for keys, member in [
            ({**fitting["keys"], "p256dh": "BA" + "A" * 85}, "body.keys.p256dh"),  # not a point of the curve
            ({**fitting["keys"], "p256dh": "AAAA"}, "body.keys.p256dh"),
            ({**fitting["keys"], "auth": "AAAA"}, "body.keys.auth"),
        ]:
            malformed = device.subscribe({"endpoint": FCM, "keys": keys})
            assert (problem(malformed), malformed.json()["where"]) == ((422, "malformed"), [member])


def test_info_reports_a_server_without_push(web: Path, tmp_path: Path) -> None:
    with serving(web, data=tmp_path, push_services="none") as running:
        assert running.client.get("/api/v1/info").json()["push"] is None
        device = Device.of_new_account(running.client)
        assert problem(device.subscribe(Browser(FCM).subscription())) == (422, "push_service")
