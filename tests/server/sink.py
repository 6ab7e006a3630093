"""A local push service: HTTP/1.1, with and without TLS, with configurable faults."""

import asyncio
import json
import secrets
import ssl
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import h11
import http_ece
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.server.devices import text


@dataclass(frozen=True, eq=False)
class Push:
    """A received push."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """The response to a push. `hold`: respond only after `release()`."""

    status: int = 201
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    reset: bool = False
    hold: bool = False


@dataclass
class Browser:
    """A browser's subscription: its keys and endpoint."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    @property
    def path(self) -> str:
        return "/" + self.endpoint.split("/", 3)[3]

    def keys(self) -> tuple[bytes, bytes]:
        """p256dh and auth."""
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return point, self.auth

    def subscription(self) -> dict[str, Any]:
        point, auth = self.keys()
        return {"endpoint": self.endpoint, "keys": {"p256dh": text(point), "auth": text(auth)}}

    def read(self, push: Push) -> dict[str, Any]:
        """Decrypt a push as a browser does (RFC 8291)."""
        plain = http_ece.decrypt(push.body, private_key=self.key, auth_secret=self.auth, version="aes128gcm")
        said: dict[str, Any] = json.loads(plain)
        return said


class Sink:
    """The service; its methods may be called from any thread."""

    def __init__(self, folder: Path) -> None:
        self.received: list[Push] = []
        self.connections = 0
        self.certificate = folder / "sink.pem"
        self._answers: dict[str, deque[Answer]] = defaultdict(deque)
        self._held: list[tuple[str, Callable[[], None]]] = []
        self.transports: list[asyncio.Transport] = []
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._ports: dict[str, int] = {}

    def browser(self, path: str, *, scheme: str = "http", host: str = "127.0.0.1") -> Browser:
        return Browser(f"{scheme}://{host}:{self._ports[scheme]}{path}")

    def will(self, path: str, *answers: Answer) -> None:
        """Set the responses to the next pushes to a path; later ones are accepted."""
        self._answers[path].extend(answers)

    def pushes(self, browser: Browser) -> list[Push]:
        return [push for push in self.received if push.path == browser.path]

    def wait_for(self, count: int, seconds: float = 30) -> None:
        with self._changed:
            arrived = self._changed.wait_for(lambda: len(self.received) >= count, timeout=seconds)
        assert arrived, f"{len(self.received)} of {count} pushes arrived"

    def release(self) -> None:
        """Respond to the held pushes."""
        held, self._held = self._held, []
        for _path, answer in held:
            self._loop.call_soon_threadsafe(answer)

    def close_connections(self) -> None:
        """Close all connections, as services do with idle ones."""
        closing, self.transports = self.transports, []
        for transport in closing:
            self._loop.call_soon_threadsafe(transport.close)

    def take(self, push: Push, answer: Callable[[Answer], None]) -> None:
        with self._changed:
            self.received.append(push)
            self._changed.notify_all()
        planned = self._answers.get(push.path)
        chosen = planned.popleft() if planned else Answer()
        if chosen.hold:
            self._held.append((push.path, lambda: answer(chosen)))
        else:
            answer(chosen)

    async def listen(self) -> None:
        write_certificate(self.certificate)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        loop = asyncio.get_running_loop()
        plain = await loop.create_server(lambda: Http1(self), "127.0.0.1", 0)
        secure = await loop.create_server(lambda: Http1(self), "127.0.0.1", 0, ssl=context)
        for scheme, server in (("http", plain), ("https", secure)):
            self._ports[scheme] = server.sockets[0].getsockname()[1]

    def port(self, scheme: str) -> int:
        """The port of "http" or "https"."""
        return self._ports[scheme]

    @contextmanager
    def running(self) -> Iterator["Sink"]:
        self._loop.run_until_complete(self.listen())
        thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join(timeout=20)
            self._loop.close()


class Http1(asyncio.Protocol):
    """An HTTP/1.1 connection."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.connection = h11.Connection(h11.SERVER)
        self.path, self.headers, self.body = "", {}, b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.sink.connections += 1
        self.sink.transports.append(transport)

    def data_received(self, data: bytes) -> None:
        self.connection.receive_data(data)
        self.go_on()

    def go_on(self) -> None:
        while True:
            event = self.connection.next_event()
            if isinstance(event, h11.Request):
                self.path, self.body = event.target.decode(), b""
                self.headers = {name.decode(): value.decode() for name, value in event.headers}
            elif isinstance(event, h11.Data):
                self.body += event.data
            elif isinstance(event, h11.EndOfMessage):
                self.sink.take(Push(self.path, self.headers, self.body), self.answer)
            else:
                return

    def answer(self, answer: Answer) -> None:
        if answer.reset:
            self.transport.abort()
            return
        headers = [*answer.headers.items(), ("content-length", str(len(answer.body)))]
        events = (
            h11.Response(status_code=answer.status, headers=headers),
            h11.Data(answer.body),
            h11.EndOfMessage(),
        )
        self.transport.write(b"".join(self.connection.send(event) for event in events))
        self.connection.start_next_cycle()
        asyncio.get_running_loop().call_soon(self.go_on)


def write_certificate(file: Path) -> None:
    """Write a self-signed certificate for localhost and its key, to be trusted with SSL_CERT_FILE."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(names, critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(secret + builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
