"""PostgreSQL in production setups: behind a pooler, on several hosts, and when it stops responding."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from app.server.database.address import AddressError, DatabaseAddress
from tests.server.conftest import new_database, serving, temporary_postgresql
from tests.server.devices import Device, change, new_id, problem, reminder
from tests.server.postgres import bouncer, frozen
from tests.server.processes import run
from tests.server.ringing import ringing

BOUND = (
    20  # seconds to answer while the database is frozen; the timeout is 1, plus a margin for a busy machine
)


@pytest.fixture(scope="module")
def pooled(postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a pooler in transaction mode in front of the tests' PostgreSQL."""
    with bouncer(postgresql, tmp_path_factory.mktemp("pgbouncer")) as port:
        yield port


def name_of(url: str) -> str:
    return str(conninfo_to_dict(url)["dbname"])


def test_sync_and_reminders_work_through_a_pooler_in_transaction_mode(
    postgresql: str, pooled: int, web: Path, tmp_path: Path
) -> None:
    """Transactions of one connection run in different PostgreSQL sessions: two serve eight connections."""
    url = f"postgresql://postgres@127.0.0.1:{pooled}/{name_of(new_database(postgresql))}"
    code, _said, errors = run("db", "upgrade", KAERU_DATABASE_URL=url, KAERU_DATA=str(tmp_path))
    assert (code, errors) == (0, "")
    with ringing(web, data=tmp_path, database_url=url) as rings:
        device, browser = rings.device()
        others = [device.another() for _ in range(7)]

        def work(each: Device) -> set[int]:
            return {each.send(change(new_id()), cursor=0).status_code for _ in range(30)}

        with ThreadPoolExecutor(8) as threads:
            codes = set().union(*threads.map(work, [device, *others]))
        assert codes == {200}
        for number in range(30):
            device.put(reminder(rings.clock.now))
            rings.round()
            assert len(rings.sink.pushes(browser)) == number + 1


def test_the_first_writable_host_is_used(postgresql: str, pooled: int, web: Path, tmp_path: Path) -> None:
    name = name_of(new_database(postgresql))
    hosts = f"127.0.0.1:1,127.0.0.1:{pooled}"
    url = f"postgresql://postgres:secret@{hosts}/{name}?target_session_attrs=read-write"
    with serving(web, data=tmp_path, database_url=url) as running:
        assert Device.of_new_account(running.client).send(change("a")).status_code == 200
        assert running.client.get("/readyz").status_code == 200


@pytest.fixture
def own_postgresql() -> Iterator[str]:
    """A PostgreSQL for one test, which freezes it."""
    with temporary_postgresql() as url:
        yield new_database(url)


def ask_all(requests: list[Any]) -> list[httpx.Response]:
    with ThreadPoolExecutor(len(requests)) as threads:
        return [each.result(timeout=BOUND) for each in [threads.submit(request) for request in requests]]


def test_requests_get_503_while_the_database_is_frozen(
    own_postgresql: str, web: Path, tmp_path: Path
) -> None:
    limits = {"database_seconds": 1, "database_connect_seconds": 2, "database_connections": 2}
    with serving(web, data=tmp_path, database_url=own_postgresql, **limits) as running:
        device = Device.of_new_account(running.client)
        device.sync(change("before"))
        requests = [
            lambda: device.send(change("during")),
            device.send,
            lambda: running.client.get("/readyz"),
            *[lambda: device.request("GET", "/devices")] * 5,  # more than the connections
        ]
        with frozen(own_postgresql):
            # First on open connections, then on ones that have to be opened.
            for _ in range(2):
                ready, *others = sorted(ask_all(requests), key=lambda answer: answer.request.url.path)[::-1]
                assert ready.status_code == 503
                for answer in others:
                    assert problem(answer) == (503, "unavailable")
                    assert int(answer.headers["retry-after"]) > 0
            code, _said, errors = run(
                "db",
                "upgrade",
                KAERU_DATABASE_URL=own_postgresql,
                KAERU_DATABASE_CONNECT_SECONDS="2",
                KAERU_DATA=str(tmp_path),
            )
            assert (code, "timeout expired" in errors) == (1, True)
        answer = until_ready(lambda: device.send(change("during")))
        # The refused request changed nothing: the change is accepted as new.
        assert [each["id"] for each in answer.json()["accepted"]] == ["during"]
        assert running.client.get("/readyz").status_code == 200
        assert set(device.another().pull_all()) == {"before", "during"}


def until_ready(ask: Any) -> httpx.Response:
    patience = time.monotonic() + BOUND
    while (answer := ask()).status_code == 503:
        assert time.monotonic() < patience
        time.sleep(0.1)
    assert answer.status_code == 200, answer.text
    return answer


def test_a_request_blocked_by_a_lock_gets_503_and_leaves_no_session_waiting(
    postgresql_settings: dict[str, Any], web: Path
) -> None:
    url = postgresql_settings["database_url"]
    with serving(web, **postgresql_settings, database_seconds=1) as running, psycopg.connect(url) as other:
        device = Device.of_new_account(running.client)
        other.execute("SELECT rev FROM account FOR UPDATE")
        assert problem(device.send(change("a"))) == (503, "unavailable")
        ours = "datname = current_database() AND wait_event_type = 'Lock'"
        waiting = f"SELECT count(*) FROM pg_stat_activity WHERE {ours}"
        patience = time.monotonic() + BOUND
        while other.execute(waiting.encode()).fetchone() != (0,):
            assert time.monotonic() < patience
            time.sleep(0.1)
        other.rollback()
        assert until_ready(lambda: device.send(change("a"))).json()["accepted"]


def test_a_read_only_database_is_reported_as_unavailable(
    postgresql_settings: dict[str, Any], web: Path
) -> None:
    """As after a failover, on the former primary."""
    url = postgresql_settings["database_url"]
    with serving(web, **postgresql_settings) as running:
        device = Device.of_new_account(running.client)
    with psycopg.connect(url, autocommit=True) as connection:
        name = name_of(url)
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on".encode())
    with ExitStack() as stack:
        # No migration is pending, so nothing has to be written.
        running = stack.enter_context(serving(web, **postgresql_settings))
        device.api = running.client
        assert device.send().status_code == 200
        assert problem(device.send(change("a"))) == (503, "unavailable")
        assert running.client.get("/readyz").status_code == 503


PASSWORDS = [
    "Xq7#Zw9",
    "Xq7/Zw9",
    "Xq7@Zw9",
    "Xq7?Zw9",
    "Xq7:Zw9",
    "Xq7%Zw9",
    "Xq7 Zw9",
    "88/Zw9",
    "Xq7[Zw9",
    "Xq7,Zw9",
]


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize("encoded", [True, False], ids=["encoded", "raw"])
@pytest.mark.parametrize("host", ["127.0.0.1:1", "127.0.0.1:1,nowhere.invalid:5432"], ids=["host", "hosts"])
def test_no_error_quotes_any_part_of_the_password(
    password: str, encoded: bool, host: str, tmp_path: Path
) -> None:
    written = quote(password, safe="") if encoded else password
    url = f"postgresql://kaeru:{written}@{host}/kaeru"
    code, said, errors = run("db", "upgrade", KAERU_DATABASE_URL=url, KAERU_DATA=str(tmp_path))
    assert (code, said) == (1, "")
    assert "Traceback" not in errors
    assert ("cannot use its database" in errors) or ("KAERU_DATABASE_URL: " in errors)
    for part in ("Xq7", "Zw9", "88", written, password):
        assert part not in errors


@pytest.mark.parametrize("password", PASSWORDS)
def test_a_password_with_special_characters_is_passed_unchanged(password: str) -> None:
    address = DatabaseAddress.of_url(f"postgresql://kaeru:{quote(password, safe='')}@host/kaeru", 5)
    assert address.parameters["password"] == password
    assert "Zw9" not in repr(address)
    assert "Zw9" not in address.without_password(f"the driver says {password}")


@pytest.mark.parametrize(
    "url",
    [
        "mysql://kaeru:Zw9@host/kaeru",
        "postgresql+psycopg://kaeru:Zw9@host/kaeru",
        "postgresql://kaeru:Zw9",
        "postgresql://kaeru:pw@host:Zw9/kaeru",
        "postgresql://kaeru:pw@host:5432,other:70000/Zw9",
        "postgresql://kaeru:pw@host/kaeru?Zw9=1",
        "postgresql://kaeru:pw@host/kaeru?prepare_threshold=Zw9",
        "postgresql://kaeru:pw@host/kaeru?prepare_threshold=-1",
        "Zw9",
    ],
)
def test_an_invalid_url_is_refused_without_being_quoted(url: str, tmp_path: Path) -> None:
    code, said, errors = run("serve", KAERU_DATABASE_URL=url, KAERU_DATA=str(tmp_path))
    assert (code, said) == (1, "")
    assert errors.startswith("KAERU_DATABASE_URL: ")
    assert "Traceback" not in errors
    assert "Zw9" not in errors
    with pytest.raises(AddressError):
        DatabaseAddress.of_url(url, 5)


@pytest.mark.parametrize(
    ("query", "threshold"),
    [
        ("", None),
        ("?prepare_threshold=", None),
        ("?prepare_threshold=none", None),
        ("?prepare_threshold=0", 0),
        ("?sslmode=disable&prepare_threshold=5", 5),
    ],
)
def test_statements_are_prepared_only_if_the_url_sets_it(
    postgresql: str, query: str, threshold: int | None
) -> None:
    url = f"postgresql://postgres@{quote(str(conninfo_to_dict(postgresql)['host']), safe='')}/postgres{query}"
    address = DatabaseAddress.of_url(url, 5)
    with psycopg.connect(**address.parameters) as connection:
        assert connection.prepare_threshold == threshold
