"""The packaged app over HTTP: media types, caching, compression, routes, and no other files."""

import gzip
import http.client
import os
from pathlib import Path

import pytest

from app.server.app import create_app
from app.server.settings import ServerSettings
from app.server.web.pwa import WebFolderMissingError
from tests.server.conftest import SCRIPT, Running, serving


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/index.html", "text/html; charset=utf-8"),
        ("/main.dart.js", "text/javascript; charset=utf-8"),
        ("/pyodide/pyodide.mjs", "text/javascript; charset=utf-8"),
        ("/canvaskit/canvaskit.wasm", "application/wasm"),
        ("/manifest.json", "application/manifest+json"),
        ("/precache.json", "application/json"),
        ("/assets/fonts/NotoSansJP-Regular.woff2", "font/woff2"),
    ],
)
def test_each_file_has_the_media_type_that_browsers_require(
    server: Running, path: str, content_type: str
) -> None:
    response = server.client.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"].replace('"', "") == content_type


@pytest.mark.parametrize("path", ["/", "/today", "/clients/5f0c/edit", "/?message=5f0c"])
def test_a_route_of_the_app_serves_the_page(server: Running, path: str) -> None:
    response = server.client.get(path)
    assert (response.status_code, response.text) == (200, "<!doctype html><title>Kaeru</title>")
    assert not response.history


def test_a_file_without_a_dot_in_its_name_is_served(server: Running) -> None:
    assert server.client.get("/assets/NOTICES").text == "Licences"


@pytest.mark.parametrize("path", ["/missing.js", "/assets/missing.png", "/.env", "/main.dart.js/"])
def test_a_missing_file_gets_404_and_not_the_page(server: Running, path: str) -> None:
    response = server.client.get(path)
    assert (response.status_code, response.text) == (404, "Not Found")


@pytest.mark.parametrize(
    "path", ["/", "/sw.js", "/manifest.json", "/precache.json", "/main.dart.js", "/today"]
)
def test_a_file_that_a_build_may_change_is_revalidated(server: Running, path: str) -> None:
    first = server.client.get(path)
    assert first.headers["cache-control"] == "no-cache"
    again = server.client.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == "no-cache"


def test_a_file_with_a_content_hash_in_its_name_is_immutable(server: Running) -> None:
    response = server.client.get("/assets/page.0123456789abcdef.css")
    assert "immutable" in response.headers["cache-control"]


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("identity", None), ("br;q=0, gzip", "gzip")],
)
def test_the_smallest_accepted_encoding_is_sent(server: Running, accepted: str, encoding: str | None) -> None:
    response = server.client.get("/main.dart.js", headers={"accept-encoding": accepted})
    assert response.headers.get("content-encoding") == encoding
    assert response.headers["vary"] == "Accept-Encoding"
    assert response.content == SCRIPT


def test_compressed_variants_are_not_served_as_files(server: Running) -> None:
    assert server.client.get("/main.dart.js.br").status_code == 404


def test_head_has_the_headers_of_get(server: Running) -> None:
    for path in ("/", "/main.dart.js"):
        get, head = server.client.get(path), server.client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        for name in ("content-type", "content-length", "etag"):
            assert head.headers[name] == get.headers[name]


def test_only_get_and_head_are_allowed(server: Running) -> None:
    for path in ("/", "/main.dart.js", "/missing.js"):
        response = server.client.post(path, content=b"x")
        assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%2fsecret.txt",
        "/..%5csecret.txt",
        "//secret.txt",
        "/secret.txt%00.js",
        "/assets/..%252f..%252fsecret.txt",
    ],
)
def test_files_outside_the_folder_are_not_served(server: Running, path: str) -> None:
    # http.client sends the path unchanged; httpx would normalise it.
    connection = http.client.HTTPConnection(server.host, server.port, timeout=20)
    connection.request("GET", path)
    response = connection.getresponse()
    assert (response.status, response.read()) == (404, b"Not Found")
    connection.close()


def test_a_symbolic_link_out_of_the_folder_is_not_followed(server: Running) -> None:
    assert server.client.get("/link.txt").status_code == 404


def test_a_new_build_is_served_at_once_and_completely(web: Path) -> None:
    with serving(web) as running:
        old = {path: running.client.get(path).headers["etag"] for path in ("/", "/main.dart.js")}
        seen = running.client.get("/main.dart.js").headers["last-modified"]
        new_script = SCRIPT.replace(b"Kaeru", b"Kaero")
        write_new_build(web, new_script)
        script = running.client.get("/main.dart.js", headers={"if-none-match": old["/main.dart.js"]})
        assert (script.status_code, script.content) == (200, new_script)
        by_time = running.client.get("/main.dart.js", headers={"if-modified-since": seen})
        assert (by_time.status_code, by_time.content) == (200, new_script)
        assert running.client.get("/added.js").status_code == 200
        page = running.client.get("/", headers={"if-none-match": old["/"]})
        assert page.status_code == 304


def write_new_build(web: Path, script: bytes) -> None:
    """Write a build a minute later, with a script of the same size and time as the previous one."""
    times = (web / "main.dart.js").stat()
    built = (web / "precache.json").stat().st_mtime_ns + 60_000_000_000
    (web / "main.dart.js").write_bytes(script)
    os.utime(web / "main.dart.js", ns=(times.st_atime_ns, times.st_mtime_ns))
    (web / "main.dart.js.gz").write_bytes(gzip.compress(script))
    (web / "main.dart.js.br").unlink()
    (web / "added.js").write_bytes(b"// new")
    (web / "precache.json.part").write_bytes(b'{"build": "2"}')
    os.utime(web / "precache.json.part", ns=(built, built))
    (web / "precache.json.part").replace(web / "precache.json")


def test_a_folder_without_a_complete_build_is_refused_with_a_remedy(web: Path) -> None:
    (web / "precache.json").unlink()
    with pytest.raises(WebFolderMissingError, match="make pwa"):
        create_app(ServerSettings(web=web))
