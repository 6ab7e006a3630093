"""Headers of every response, health checks, unknown API paths, and logs."""

import io
import json
import logging
import re
import time
from pathlib import Path

import pytest

from app import __version__
from app.server.web import logs
from tests.server.conftest import Running, serving
from tests.server.devices import problem


def test_health_reports_the_version(server: Running) -> None:
    response = server.client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok", "version": __version__})
    assert response.headers["cache-control"] == "no-store"
    assert server.client.head("/healthz").status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1/nothing", "/api/v1/file.js"])
def test_an_unknown_api_path_gets_a_json_problem(server: Running, method: str, path: str) -> None:
    response = server.client.request(method, path)
    assert response.status_code == 404
    assert problem(response) == (404, "not_found")


@pytest.mark.parametrize("path", ["/", "/main.dart.js", "/missing.js", "/api/nothing", "/healthz"])
def test_every_response_has_the_security_headers(server: Running, path: str) -> None:
    headers = server.client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-embedder-policy"] == "require-corp"
    assert "server" not in headers
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    ("trusted", "forwarded", "kept"),
    [
        ("127.0.0.1", "https", True),
        ("127.0.0.1", "http", False),
        ("192.0.2.1", "https", False),
        ("", "", False),
    ],
)
def test_hsts_is_sent_only_over_https(
    web: Path, tmp_path: Path, trusted: str, forwarded: str, kept: bool
) -> None:
    headers = {"x-forwarded-proto": forwarded} if forwarded else {}
    with serving(web, data=tmp_path, trusted_proxies=trusted) as running:
        for path in ("/", "/api/v1/info", "/missing.js"):
            said = running.client.get(path, headers=headers).headers.get("strict-transport-security")
            assert said == ("max-age=31536000" if kept else None)


def test_the_content_security_policy_allows_no_other_origin_and_no_eval(server: Running) -> None:
    policy = server.client.get("/").headers["content-security-policy"]
    directives = {name: set(values) for name, *values in (part.split() for part in policy.split(";"))}
    trusted = {directives.pop("require-trusted-types-for").pop(), *directives.pop("trusted-types")}
    assert trusted == {"'script'", "default", "flutter-js", "flutter-engine"}
    sources = set().union(*directives.values())
    assert sources <= {"'self'", "'none'", "'wasm-unsafe-eval'", "'unsafe-inline'", "data:", "blob:"}
    assert directives["default-src"] == directives["frame-ancestors"] == {"'none'"}
    assert directives["script-src"] == {"'self'", "'wasm-unsafe-eval'"}
    assert directives["connect-src"] == directives["worker-src"] == directives["font-src"] == {"'self'"}


def test_a_not_modified_response_has_the_content_security_policy(server: Running) -> None:
    etag = server.client.get("/").headers["etag"]
    response = server.client.get("/", headers={"if-none-match": etag})
    assert response.status_code == 304
    assert "content-security-policy" in response.headers


def paths_in(written: io.StringIO) -> set[str]:
    return {json.loads(line)["path"] for line in written.getvalue().splitlines(keepends=True) if "\n" in line}


def test_logs_are_json_lines_without_request_content(
    server: Running, caplog: pytest.LogCaptureFixture
) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.JsonFormatter())
    logs.access.addHandler(handler)
    with caplog.at_level(logging.INFO, logger=logs.access.name):
        server.client.get("/today?text=confidential", headers={"authorization": "Bearer confidential"})
        server.client.get("/missing.js")
        # A request is logged after its response is sent; an earlier test's line may still arrive.
        patience = time.monotonic() + 20
        while not {"/today", "/missing.js"} <= paths_in(written) and time.monotonic() < patience:
            time.sleep(0.01)
    logs.access.removeHandler(handler)

    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    seen = [(line["method"], line["path"], line["status"]) for line in lines]
    assert ("GET", "/today", 200) in seen
    assert ("GET", "/missing.js", 404) in seen
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", line["time"]) for line in lines)
    assert "confidential" not in written.getvalue()


def test_a_logged_error_has_its_traceback_on_the_same_line() -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.JsonFormatter())
    logger = logging.getLogger("test.traceback")
    logger.addHandler(handler)
    try:
        int("二行\nの数")
    except ValueError:
        logger.exception("failed")
    (line,) = written.getvalue().splitlines()
    entry = json.loads(line)
    assert (entry["level"], entry["message"]) == ("error", "failed")
    assert "ValueError: invalid literal" in entry["exception"]
