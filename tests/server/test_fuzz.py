"""Fuzzing the API: every response matches OpenAPI, no failures, no effect on other accounts."""

from collections.abc import Iterator

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from app.server.api import router
from tests.server.conftest import Running, serving, write_web
from tests.server.devices import PROTOCOL, Device, change

CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance]


def described() -> schemathesis.BaseSchema:
    api = FastAPI()
    api.include_router(router)
    return schemathesis.openapi.from_dict(api.openapi())


OPERATIONS = [found.ok() for found in described().get_all_operations()]
# Every request to /info is valid.
ASKED = [
    pytest.param(operation, mode, id=f"{operation.label}-{mode.value}")
    for operation in OPERATIONS
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE or operation.label != "GET /info"
]


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(write_web(tmp_path_factory.mktemp("fuzzed"))) as running:
        yield running


@pytest.mark.parametrize(("operation", "mode"), ASKED)
def test_no_request_makes_the_server_fail_or_changes_another_account(
    fuzzed: Running, operation: schemathesis.APIOperation, mode: GenerationMode
) -> None:
    bystander = Device.of_new_account(fuzzed.client)
    bystander.sync(change("settings"), change("a"))
    attacker = Device.of_new_account(fuzzed.client)
    url = f"http://{fuzzed.host}:{fuzzed.port}/api/v1"

    @settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Case) -> None:
        case.call_and_validate(base_url=url, checks=CHECKS)
        headers = {"authorization": f"Bearer {attacker.token}", **PROTOCOL}
        case.call_and_validate(base_url=url, headers=headers, checks=CHECKS)

    send()
    kept = bystander.another().pull_all()
    assert {record: rev for record, (rev, _box) in kept.items()} == {"settings": 1, "a": 2}
