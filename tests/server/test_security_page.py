"""docs/security.md covers every endpoint and table, and the files it cites exist."""

import re
from pathlib import Path

import httpx
import pytest

from app.server.database.tables import ServerTable
from app.server.web import limits
from tests.server.conftest import Running

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text()
# The path of the OpenAPI description is public; its content is in the other rows.
DESCRIPTION = "/api/v1/openapi.json"
OTHERS = ["/healthz", "/readyz", "/metrics", "/.well-known/security.txt"]
REST = "anything else"  # the packaged app


def rows(heading: str) -> dict[str, list[str]]:
    """Parse the table with this header: first cells, mapped to the rest of their rows."""
    _before, found, table = PAGE.partition(f"{heading}\n")
    assert found, heading
    lines = table.partition("\n\n")[0].splitlines()[1:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {first.strip("`"): others for first, *others in cells}


def test_the_table_lists_exactly_the_endpoints(api: httpx.Client) -> None:
    described = api.get(DESCRIPTION).json()["paths"]
    endpoints = {
        f"{method.upper()} /api/v1{path}" for path, methods in described.items() for method in methods
    }
    table = rows("| endpoint | sees in the clear | keeps |")
    assert table.keys() == endpoints | {f"GET {path}" for path in OTHERS} | {REST}
    assert all(len(cells) == 2 for cells in table.values())


@pytest.mark.parametrize("path", OTHERS)
def test_the_servers_other_paths_do_not_serve_the_app(server: Running, path: str) -> None:
    assert "Kaeru</title>" not in server.client.get(path).text


def test_exactly_the_database_tables_are_described_with_retention() -> None:
    described = rows("| table | holds | until |")
    assert described.keys() == {table.name for table in ServerTable.metadata.tables.values()}
    assert all(until for _holds, until in described.values())


def test_the_cited_code_and_tests_exist() -> None:
    named = set(re.findall(r"`((?:app|tests)/[\w/]+\.py)`", PAGE))
    assert len(named) > 10
    assert {name for name in named if not (ROOT / name).is_file()} == set()


def test_the_stated_limits_are_those_of_the_server() -> None:
    assert f"{limits.RateLimit.SWEEP:,} others" in PAGE
    assert f"{limits.REVOKED_DEVICES} later ones" in PAGE


def test_the_stated_years_until_a_nonce_repeats_are_correct() -> None:
    said = r"At ([\d,]+) boxes a day, over all devices, that takes ([\d,]+) years"
    ((boxes, years),) = re.findall(said, " ".join(PAGE.split()))
    days = 2**32 / int(boxes.replace(",", ""))
    assert int(years.replace(",", "")) == round(days / 365.25)


def test_links_between_the_documents_resolve() -> None:
    for name in ("README.md", "SECURITY.md", "docs/security.md", "docs/protocol.md", "docs/self-hosting.md"):
        text = (ROOT / name).read_text()
        for target, anchor in re.findall(r"\]\(([\w./-]*)(?:#([\w-]+))?\)", text):
            file = (ROOT / name).parent / target if target else ROOT / name
            assert file.exists(), f"{name}: {target}"
            if anchor:
                headings = re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE)
                slugs = {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}
                assert anchor in slugs, f"{name}: {target}#{anchor}"
