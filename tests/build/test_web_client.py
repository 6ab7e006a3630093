"""Flet's client fetches nothing from elsewhere, and has the Python we build for; checked as it comes."""

import json
from pathlib import Path
from urllib.parse import urljoin

import browser_python
import pytest
import upstream
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


def test_pyodide_is_the_version_that_the_build_names(client: Path) -> None:
    said = json.loads((client / "pyodide" / "pyodide-lock.json").read_text(encoding="utf-8"))["info"]
    assert tuple(map(int, said["python"].split(".")[:2])) == browser_python.VERSION
    assert said["abi_version"] == browser_python.ABI


def test_a_plain_package_leaves_out_all_changes_or_those_that_are_named() -> None:
    assert upstream.made("") == upstream.CHANGES
    assert upstream.made("1") == frozenset()
    assert upstream.made("icons, snapshot") == upstream.CHANGES - {"icons", "snapshot"}
    with pytest.raises(SystemExit, match="not fonts"):
        upstream.made("fonts,icons")


def test_each_change_that_can_be_left_out_is_described() -> None:
    described = (Path(upstream.__file__).parent / "UPSTREAM.md").read_text(encoding="utf-8")
    assert [name for name in upstream.CHANGES if f"`{name}`" not in described] == []
