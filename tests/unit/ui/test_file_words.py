"""Exported files use the same names as the screens, in every language."""

from collections.abc import Callable, Iterator

import pytest

from app.domain.codes import CallOutcome, FeeBasis, JobStatus, MessageKind
from app.domain.languages import LANGUAGES
from app.i18n import use_language
from app.importexport.columns import value
from app.wording import words


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    use_language(request.param)
    yield request.param
    use_language("en")


@pytest.mark.parametrize(
    ("codes", "on_screen"),
    [
        (JobStatus, words.job_status),
        (FeeBasis, words.fee_basis),
        (CallOutcome, words.call_outcome),
        (MessageKind, words.message_kind),
    ],
)
def test_a_code_has_the_same_name_in_files_and_on_screen(
    language: str, codes: type[JobStatus], on_screen: Callable[[str], str]
) -> None:
    assert {code: value(code, language) for code in codes} == {code: on_screen(code) for code in codes}
