"""Request bodies: they aren't read without a known token, and no content delays other requests."""

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import httpx
import pytest
from fastapi import FastAPI

from app.server.api import router
from app.server.web.limits import BODY_VALUES, BOX_BYTES, CHANGES
from tests.server.conftest import Running
from tests.server.devices import Device, change, new_box, problem, text
from tests.server.processes import environment, serving_process

MB = 1_000_000
UNKNOWN_TOKEN = text(b"\x01" * 48)


def filled(before: bytes, member: bytes, after: bytes, size: int) -> bytes:
    """Repeat a JSON member until the body has about that size."""
    return before + b",".join([member] * ((size - len(before) - len(after)) // (len(member) + 1))) + after


def bodies(size: int) -> dict[str, bytes]:
    """Bodies of about `size` bytes in the shapes most expensive to parse or validate."""
    head, tail = b'{"cursor":0,"changes":[', b"]}"
    unknown = b'{"cursor":0,"changes":[],"unknown":'
    box = text(b"\x07" * BOX_BYTES).encode()
    change_of = b'{"id":"%d","base":0,"box":"%s"}'
    largest = [change_of % (number, box) for number in range((size - 40) // (len(box) + 40))]
    small = [change_of % (number, b"AAAA" * 20) for number in range(CHANGES)]
    digits = b"9" * (size - 40)
    return {
        "empty objects": filled(head, b"{}", tail, size),
        "empty lists": filled(b"[", b"[]", b"]", size),
        "numbers": filled(head, b"1", tail, size),
        "strings for objects": filled(head, b'""', tail, size),
        "nested to the end": b"[" * size,
        "nested objects": b'{"a":' * (size // 5),
        "nested a hundredfold, repeated": filled(unknown + b"[", b"[" * 100 + b"]" * 100, b"]}", size),
        "unknown list": filled(unknown + b"[", b"{}", b"]}", size),
        "wide object": unknown + b'0,"m":{' + b",".join(b'"%d":0' % n for n in range(size // 11)) + b"}}",
        "one member again and again": b'{"cursor":0,"changes":[],'
        + b'"cursor":0,' * (size // 11)
        + b'"x":0}',
        "long string": unknown + b'"' + b"a" * (size - 40) + b'"}',
        "escaped string": unknown + b'"' + b"\\u0041" * (size // 6) + b'"}',
        "commas in a string": unknown + b'"' + b"," * (size - 40) + b'"}',
        "long key": b'{"' + b"k" * (size - 40) + b'":0,"cursor":0,"changes":[]}',
        "spaces": b" " * (size - 40) + head + tail,
        "whole number of many digits": b'{"cursor":' + digits + b',"changes":[]}',
        "fraction of many digits": b'{"cursor":0.' + digits + b',"changes":[]}',
        "unknown number of many digits": unknown + digits + b"}",
        "invalid UTF-8": unknown + b'"' + b"\xff" * (size - 40) + b'"}',
        "zeros": b"\0" * size,
        "one box of the whole size": b'{"cursor":0,"changes":[' + change_of % (1, b"A" * (size - 80)) + b"]}",
        "one escaped box": b'{"cursor":0,"changes":[' + change_of % (1, b"\\u0041" * (size // 6)) + b"]}",
        "one wrong box": b'{"cursor":0,"changes":[' + change_of % (1, b"+" * (size - 80)) + b"]}",
        "one long id": b'{"cursor":0,"changes":[{"id":"' + b"a" * (size - 80) + b'","base":0,"box":"AA"}]}',
        "many small changes": filled(head, change_of % (1, b"AA"), tail, size),
        "five hundred, then one too many": head + b",".join([*small, small[0]]) + tail,
        "the last of many is wrong": head + b",".join([*largest, b"{}"]) + tail,
        "valid": head + b",".join(largest) + tail,
    }


def asking_for_token_and_body() -> list[tuple[str, str]]:
    """Methods and paths of endpoints with a token and a body, from OpenAPI."""
    api = FastAPI()
    api.include_router(router)
    return [
        (method.upper(), re.sub(r"{\w+}", "a", path))
        for path, operations in api.openapi()["paths"].items()
        for method, described in operations.items()
        if "security" in described and "requestBody" in described
    ]


def half_a_request(method: str, path: str, token: str | None, length: int) -> bytes:
    authorization = f"authorization: Bearer {token}\r\n" if token else ""
    return (
        f"{method} /api/v1{path} HTTP/1.1\r\nhost: kaeru\r\nkaeru-protocol: 1\r\n{authorization}"
        f"content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    ).encode()


@pytest.mark.parametrize("token", [None, "short", UNKNOWN_TOKEN], ids=["none", "malformed", "unknown"])
@pytest.mark.parametrize(("method", "path"), asking_for_token_and_body())
def test_a_request_with_an_unknown_token_is_refused_before_its_body_is_read(
    server: Running, method: str, path: str, token: str | None
) -> None:
    with socket.create_connection((server.host, server.port), timeout=20) as connection:
        # The body is never sent: a server that waited for it would block forever.
        connection.sendall(half_a_request(method, path, token, 15_000))
        answer = connection.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b'"code":"unauthorized"' in answer or b'"code":"no_account"' in answer


def test_a_revoked_devices_request_is_refused_before_its_body_is_read(
    api: httpx.Client, device: Device
) -> None:
    other = device.another()
    device.request("DELETE", f"/devices/{other.id}")
    with socket.create_connection((api.base_url.host, api.base_url.port or 80), timeout=20) as connection:
        connection.sendall(half_a_request("POST", "/sync", other.token, 8 * MB))
        answer = connection.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b'"code":"revoked"' in answer


def test_a_body_with_too_many_values_is_refused(device: Device) -> None:
    def sent(values: int) -> httpx.Response:
        # 4: the object, its two other members, and the list itself.
        members = {"cursor": 0, "changes": [], "unknown": [0] * (values - 4)}
        return device.request("POST", "/sync", json=members)

    assert sent(BODY_VALUES).status_code == 200
    refused = sent(BODY_VALUES + 10)
    assert problem(refused) == (413, "too_large")
    assert refused.json()["limit"] == BODY_VALUES


def test_values_of_a_body_sent_byte_by_byte_are_counted(api: httpx.Client, device: Device) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"cursor":0,"changes":[],"unknown":['
        yield from [b"0,"] * (BODY_VALUES + 1)
        yield b"0]}"

    headers = {"content-type": "application/json"}
    headers |= {"authorization": f"Bearer {device.token}", "kaeru-protocol": "1"}
    assert problem(api.post("/api/v1/sync", content=pieces(), headers=headers)) == (413, "too_large")


def test_validation_stops_at_the_first_invalid_list_member(device: Device) -> None:
    refused = device.request("POST", "/sync", json={"cursor": 0, "changes": [change("a"), {}, {}, {}]})
    assert problem(refused) == (422, "malformed")
    members = ["base", "box", "id"]
    assert refused.json()["where"] == [f"body.changes.1.{member}" for member in members]


def test_an_oversized_box_is_reported_with_its_id_even_if_it_is_not_base64(device: Device) -> None:
    for box in ("A" * 100_000, "!" * 100_000):
        refused = device.request("POST", "/sync", json={"cursor": 0, "changes": [change("b", 0, box)]})
        assert problem(refused) == (413, "too_large")
        assert (refused.json()["id"], refused.json()["limit"]) == ("b", BOX_BYTES)


def test_a_large_valid_request_is_accepted(device: Device) -> None:
    changes = [change(f"r{number}", 0, new_box(BOX_BYTES)) for number in range(80)]
    assert len(json.dumps(changes)) > 6 * MB
    assert len(device.sync(*changes)["accepted"]) == 80
    other = device.another()
    assert other.pull_all() == {each["id"]: (rev, each["box"]) for rev, each in enumerate(changes, 1)}


class Watch:
    """Sends requests sequentially on one connection and records the longest wait."""

    def __init__(self, url: str) -> None:
        self.longest = 0.0
        self._client = httpx.Client(base_url=url, timeout=60)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while not self._over.is_set():
            started = time.perf_counter()
            self._client.get("/healthz")
            self.longest = max(self.longest, time.perf_counter() - started)
            time.sleep(0.002)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._client.close()


def memory_of(pid: int, which: str) -> int:
    found = re.search(rf"{which}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) * 1024


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux tells a process's peak memory")
def test_no_body_delays_other_requests_or_takes_much_more_memory_than_its_size(
    web: Path, tmp_path: Path
) -> None:
    """The target is 50 ms; the margin allows for other processes on a busy machine."""
    size = 7_900_000
    variables = {**environment({"data": tmp_path}, web), "KAERU_LOG_LEVEL": "error"}
    # malloc returns large blocks at once, so that an earlier shape's memory isn't counted.
    variables["MALLOC_MMAP_THRESHOLD_"] = "131072"
    with serving_process(tmp_path / "log", **variables) as serving, httpx.Client(base_url=serving.url) as api:
        device = Device.of_new_account(api)
        headers = {
            "content-type": "application/json",
            "authorization": f"Bearer {device.token}",
            "kaeru-protocol": "1",
        }
        shapes = bodies(size)
        pid = serving.process.pid
        for number in range(20):  # warm up caches and pools
            device.sync(change(f"small{number}"))
        before = memory_of(pid, "VmRSS")
        held: dict[str, float] = {}
        taken: dict[str, float] = {}
        for name, body in shapes.items():
            Path(f"/proc/{pid}/clear_refs").write_text("5")  # peak memory is counted from here
            with Watch(serving.url) as watch:
                answer = api.post("/api/v1/sync", content=body, headers=headers)
            assert answer.status_code in {200, 413, 422}, (name, answer.text)
            held[name] = watch.longest * 1000
            taken[name] = (memory_of(pid, "VmHWM") - before) / max(len(body), MB)
            print(f"{name:35} {answer.status_code} {held[name]:7.1f} ms {taken[name]:5.1f} × its size")
    assert {name: times for name, times in taken.items() if times >= 4} == {}
    assert {name: milliseconds for name, milliseconds in held.items() if milliseconds >= 400} == {}
