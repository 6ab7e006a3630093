"""Flet's client fetches nothing from elsewhere; checked on the client as it comes."""

from pathlib import Path
from urllib.parse import urljoin

import pytest
import web_client


def test_webassembly_asks_our_origin_and_keeps_its_length(client: Path) -> None:
    before = (client / "main.dart.wasm").read_bytes()
    after = web_client.keep_home(before, same_length=True)
    assert len(after) == len(before)
    for foreign, ours in web_client.FOREIGN_ORIGINS.items():
        at = before.index(foreign.encode())
        path = after[at : at + len(foreign)].decode()
        assert urljoin("https://kaeru.example/today", path) == f"https://kaeru.example{ours}"


def test_the_client_says_nothing_in_english_while_python_starts(client: Path) -> None:
    for name in ("main.dart.wasm", "main.dart.js"):
        before = (client / name).read_bytes()
        after = web_client.say_nothing(before)
        assert b"Working..." in before
        assert b"Working..." not in after
        assert len(after) == len(before)  # WebAssembly says how long each text is before it


def test_a_client_that_says_something_else_ends_the_build() -> None:
    with pytest.raises(SystemExit, match="no longer says"):
        web_client.say_nothing(b"Loading...")


def test_a_client_that_names_another_origin_ends_the_build() -> None:
    with pytest.raises(SystemExit, match="no longer names"):
        web_client.keep_home(b"https://elsewhere.example/")


def test_the_renderers_thread_is_a_file_and_the_gpu_is_not_asked(client: Path) -> None:
    loader, thread = web_client.adapt_loader((client / "flutter.js").read_text(encoding="utf-8"))
    assert b"createObjectURL" not in loader
    assert b"webGLVersion:2" in loader
    assert b"skwasm.default(data)" in thread


def test_a_loader_without_the_thread_ends_the_build() -> None:
    with pytest.raises(SystemExit, match=r"flutter\.js"):
        web_client.adapt_loader("const loader = 1;")
