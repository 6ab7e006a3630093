"""CSV files out and in: safe to open, and understood or reported."""

import csv
import io
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.codes import FeeBasis, JobStatus
from app.domain.entities import Call, Client, Job, Message, Part, Settings
from app.domain.hours import work_calendar
from app.domain.validation import check
from app.importexport.csv_out import (
    CsvDialect,
    export_calls,
    export_jobs,
    export_messages,
    export_payments,
    guarded,
    unguarded,
)
from app.importexport.jobs_in import JobProposal, accepted, read_jobs
from app.importexport.reports import Report
from app.steps import finish
from tests.unit.domain.support import PARIS, TOKYO, at

NOW = at("2026-06-10 12:00")
SATO = Client(id="sato", name="佐藤商店")


def settings_in(language: str) -> Settings:
    zone, currency = {"ja": ("Asia/Tokyo", "JPY"), "fr": ("Europe/Paris", "EUR")}.get(
        language, ("Europe/Paris", "USD")
    )
    return Settings(language=language, time_zone=zone, currency=currency)


def read(data: str | bytes, language: str = "en", **options: bool) -> Report[JobProposal]:
    settings = settings_in(language)
    content = data if isinstance(data, bytes) else data.encode()
    return finish(read_jobs(content, [SATO], settings, work_calendar(settings), NOW, **options))


def troubles(report: Report[JobProposal]) -> list[tuple[int, str, str, str]]:
    return [(each.row, each.field, each.text, each.code) for each in report.troubles]


def cells(data: bytes, delimiter: str = ",") -> list[list[str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def test_an_english_file_from_a_spreadsheet() -> None:
    report = read(
        "Project,Customer,Due date,Price,Hours,Status,Rating,Colour\r\n"
        '"Landing page, new",Harbor Cafe,2026-07-03,"$1,200.50",12.5,In progress,5,blue\r\n'
        ",,,,,,,\r\n"
        "Logo,佐藤商店,3 July 2026 17:00,900,1:30,paid,4/5,\r\n"
    )
    assert troubles(report) == [(1, "Colour", "", "unknown_column")]
    first, second = report.found
    assert (first.row, first.client_name, first.job.client_id) == (2, "Harbor Cafe", "")
    assert (first.job.title, first.job.fee, first.job.estimate_minutes) == ("Landing page, new", 120_050, 750)
    assert (first.job.deadline, first.job.rating) == (at("2026-07-03 18:00"), 5)
    assert (second.row, second.job.client_id, second.job.status) == (4, "sato", JobStatus.PAID)
    assert (second.job.deadline, second.job.estimate_minutes) == (at("2026-07-03 17:00"), 90)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932"])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_japanese_file_in_any_encoding(encoding: str, language: str) -> None:
    text = (
        "案件名,クライアント,開始日,納期,報酬,見積時間,状態,通貨\r\n"
        '美容コラム,佐藤商店,2026年6月1日,令和8年7月3日 15時,"30,000円",2時間30分,進行中,円\r\n'
        "データ入力,ﾀﾅｶ,2026/6/1(月),２０２６/７/３,12000,90分,応募中,JPY\r\n"
    )
    report = read(text.encode(encoding, errors="replace"), language)
    assert troubles(report) == []
    first, second = (each.job for each in report.found)
    zone = TOKYO if language == "ja" else PARIS
    assert (first.client_id, first.fee, first.estimate_minutes) == ("sato", 30_000, 150)
    assert (first.started_at, first.deadline) == (at("2026-06-01 00:00", zone), at("2026-07-03 15:00", zone))
    assert (second.deadline, second.status, second.estimate_minutes) == (
        at("2026-07-03 18:00", zone),
        "applied",
        90,
    )


def test_a_french_file_with_semicolons_in_windows_encoding() -> None:
    text = (
        "Mission;Client;Début;Échéance;Montant;Statut;Évaluation\r\n"
        "Dossier de subvention;Les Jardins;01/06/2026;3 juillet 2026 à;1 234,50 €;En cours;4\r\n"
        "Rapport;Réseau des aidants;1er juin 2026;03/07/2026 16h30;800;Payée;★★★★★\r\n"
    )
    report = read(text.encode("cp1252", errors="replace").replace("★★★★★".encode(), b""), "fr")
    assert troubles(report)[0] == (2, "deadline", "3 juillet 2026 à", "format")
    first, second = (each.job for each in report.found)
    assert (first.fee, first.deadline, first.started_at) == (123_450, None, at("2026-06-01 00:00"))
    assert (second.deadline, second.started_at) == (at("2026-07-03 16:30"), at("2026-06-01 00:00"))
    assert second.status == JobStatus.PAID


def test_a_file_written_with_the_words_of_an_earlier_version_is_still_read() -> None:
    report = read("Client,Mission,Statut,Note des clients\nLes Halles,Brochure,Close,4\n", "fr")
    (proposal,) = report.found
    assert (proposal.job.status, proposal.job.rating) == (JobStatus.CLOSED, 4)


def test_a_date_that_could_be_two_days_is_asked_about_and_never_guessed() -> None:
    text = "Job,Client,Due\nA,B,03/07/2026\nC,D,4/4/2026\n"
    assert troubles(read(text)) == [(2, "deadline", "03/07/2026", "ambiguous_date")]
    settled = read(text, day_first=True)
    assert (troubles(settled), settled.found[0].job.deadline) == ([], at("2026-07-03 18:00"))
    assert read(text, day_first=False).found[0].job.deadline.astimezone(PARIS).month == 3
    by_the_file = read(text + "E,F,25/07/2026\n")
    assert [each.job.deadline for each in by_the_file.found][::2] == [
        at("2026-07-03 18:00"),
        at("2026-07-25 18:00"),
    ]


def test_what_is_not_understood_is_named_and_the_rest_kept() -> None:
    report = read(
        "Job,Client,Due,Fee,Estimate,Rating,Status,Basis,Currency,Started\n"
        "Logo,Ana,soon,5百,a while,7,late,barter,Euro,2026-02-30,surplus\n"
        "No client,,,,,,,,,\n"
        "Backwards,Ana,2026-01-01,,,,,,,2026-02-01\n"
        "Old,Ana,2025-01-01,,,,,,,\n"
    )
    assert sorted(troubles(report)) == [
        (2, "", "surplus", "extra_cells"),
        (2, "basis", "barter", "choice"),
        (2, "currency", "Euro", "currency"),
        (2, "deadline", "soon", "format"),
        (2, "estimate", "a while", "format"),
        (2, "fee", "5百", "format"),
        (2, "rating", "7", "range"),
        (2, "started", "2026-02-30", "range"),
        (2, "status", "late", "choice"),
        (3, "client", "", "required"),
        (4, "deadline", "2026-01-01", "range"),
    ]
    assert [each.job.title for each in report.found] == ["Logo", "Backwards", "Old"]
    assert all(check(each.job.model_copy(update={"client_id": "c"})) == [] for each in report.found)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\r\n , \r\n", "empty"),
        (b"a,b\r\n1,2\r\n", "no_header"),
        (b"Job,Client\n\x00\x00", "encoding"),
        (b"Job,Client\n\x81\x8d\x8f", "encoding"),
        (b'Job,Client\n"' + b"x" * 200_000, "format"),
        (b"x" * 10_000_001, "too_large"),
    ],
)
def test_a_file_that_is_none_is_reported(data: bytes, code: str) -> None:
    report = read(data)
    assert (report.found, [each.code for each in report.troubles]) == ([], [code])


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_file_is_too_strange_to_be_reported(data: bytes) -> None:
    for head in (b"", b"Job,Client,Due,Fee,Hours,Spent,Rating\n"):
        report = read(head + data)
        for proposal in report.found:
            assert check(proposal.job.model_copy(update={"client_id": "c"})) == []


def test_accepting_makes_one_client_a_name() -> None:
    report = read("Job,Client\nA,Ana\nB,ANA \nC,佐藤商店\n")
    saved = accepted(report.found, "en", NOW)
    assert [type(each).__name__ for each in saved] == ["Client", "Job", "Job", "Job"]
    assert [each.client_id for each in saved[1:]] == [saved[0].id, saved[0].id, "sato"]


# --- out ---------------------------------------------------------------------------------------------------


def dialect(language: str) -> CsvDialect:
    settings = settings_in(language)
    return CsvDialect(settings, work_calendar(settings))


@pytest.mark.parametrize(
    "text", ["=1+1", "+33 1 23", "-5", "@SUM(A1)", "\t=1", "\r=1", "＝1", " =cmd|' /C calc'!A0", "'=1"]
)
def test_no_cell_starts_a_formula(text: str) -> None:
    assert guarded(text)[0] == "'"
    row = cells(
        export_calls([Call(client_id="c", at=NOW, note=text)], {"c": Client(name=text)}, dialect("en"))
    )[1]
    assert (row[1][0], row[5][0]) == ("'", "'")


HOSTILE = st.text(st.sampled_from("'=+-@\t\r\n＝ ab,\";"), max_size=8)


@given(HOSTILE)
def test_what_was_made_safe_comes_back_as_it_was(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "＝"))


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@given(text=HOSTILE | st.sampled_from(["x;=cmd|' /C calc'!A0;", 'x;"=cmd;', "x,+1", "x\n=1", "x\t@A1"]))
def test_no_cell_starts_a_formula_wherever_a_spreadsheet_splits(
    language: str, delimiter: str, text: str
) -> None:
    """A spreadsheet splits at its own locale's mark, whatever mark the file was written with."""
    call = Call(client_id="c", at=NOW, note=f"{text} end")
    for row in cells(export_calls([call], {"c": Client(name=text)}, dialect(language)), delimiter):
        for cell in row:
            assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "＝")), cell


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
def test_every_cell_is_quoted(language: str) -> None:
    call = Call(client_id="c", at=NOW, minutes=5, note="plain")
    data = export_calls([call], {"c": Client(name="Ana")}, dialect(language)).decode("utf-8-sig")
    mark = ";" if language == "fr" else ","
    for line in data.splitlines():
        assert all(cell.startswith('"') and cell.endswith('"') for cell in line.split(mark)), line


texts = st.text(st.sampled_from("ab é案件='+-@,;\"\n\u202e"), max_size=12).map(lambda text: text.strip(" \n"))
minutes = st.integers(0, 600 * 24 * 60)


@given(
    st.sampled_from(["en", "fr", "ja"]),
    st.builds(
        Job,
        client_id=st.just("sato"),
        title=texts,
        notes=texts,
        status=st.sampled_from([each.value for each in JobStatus]),
        started_at=minutes.map(lambda count: NOW - count * timedelta(minutes=1)),
        deadline=st.none() | minutes.map(lambda count: NOW + count * timedelta(minutes=1)),
        fee=st.none() | st.integers(0, 10**9),
        currency=st.sampled_from(["EUR", "JPY", "USD", "KWD"]),
        estimate_minutes=st.none() | st.integers(0, 10**6),
        spent_minutes=st.integers(0, 10**6),
        rating=st.none() | st.integers(1, 5),
    ),
)
def test_exported_jobs_are_read_back_as_they_were(language: str, job: Job) -> None:
    data = export_jobs([(job, [])], {"sato": SATO}, dialect(language))
    report = read(data, language)
    assert troubles(report) == []
    (found,) = (each.job for each in report.found)
    fields = (
        "client_id",
        "title",
        "notes",
        "status",
        "fee",
        "currency",
        "estimate_minutes",
        "spent_minutes",
        "rating",
    )
    for name in fields:
        assert getattr(found, name) == getattr(job, name), name
    assert found.deadline == job.deadline
    assert found.started_at == job.started_at


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
@pytest.mark.parametrize("reader", ["en", "fr", "ja"])
@pytest.mark.parametrize(("price", "quantity"), [(1_234, 3_000_500), (45, None), (80_000, 1_500)])
def test_a_price_of_one_and_a_quantity_come_back_whatever_the_language(
    language: str, reader: str, price: int, quantity: int | None
) -> None:
    job = Job(
        client_id="sato", title="記事", currency="JPY", basis=FeeBasis.PER_WORD,
        unit_price=price, quantity=quantity,
    )  # fmt: skip
    report = read(export_jobs([(job, [])], {"sato": SATO}, dialect(language)), reader)
    assert troubles(report) == []
    (found,) = (each.job for each in report.found)
    assert (found.basis, found.unit_price, found.quantity) == (FeeBasis.PER_WORD, price, quantity)


def test_payments_have_a_row_for_each_part_or_the_whole_job() -> None:
    parts = [Part(title="First", amount=123_456, delivered_at=NOW, paid_at=NOW), Part(amount=5)]
    whole = Job(client_id="sato", title="Flyer", fee=700, reminded_at=[NOW.isoformat()])
    clients = {"sato": SATO}
    rows = cells(
        export_payments([(Job(client_id="sato", title="Site"), parts), (whole, [])], clients, dialect("fr")),
        ";",
    )
    assert rows[0][:5] == ["Client", "Mission", "Partie", "Montant", "Devise"]
    day = "2026-06-10 12:00"
    assert rows[1] == ["佐藤商店", "Site", "First", "1234,56", "EUR", day, "", day, "0"]
    assert rows[2][3:5] == ["0,05", "EUR"]
    assert rows[3] == ["佐藤商店", "Flyer", "", "7,00", "EUR", "", "", "", "1"]


def test_messages_and_calls_are_on_the_users_clock_in_their_words() -> None:
    clients, jobs = {"sato": SATO}, {"j": Job(id="j", title="コラム")}
    message = Message(client_id="sato", job_id="j", at=NOW, summary="改行\nあり", kind="question")
    row = cells(export_messages([message], clients, jobs, dialect("ja"), str.upper))[1]
    assert row == ["2026-06-10 19:00", "佐藤商店", "コラム", "受信", "EMAIL", "質問", "改行\nあり", "", ""]
    call = Call(client_id="gone", at=NOW, outcome="voicemail", minutes=0)
    row = cells(export_calls([call], clients, dialect("en")))[1]
    assert row == ["2026-06-10 12:00", "", "No", "Voicemail", "0", ""]


def test_a_japanese_file_of_an_earlier_version_is_still_read() -> None:
    """It called the client クライアント."""
    now = export_jobs([(Job(client_id="sato", title="コラム"), [])], {"sato": SATO}, dialect("ja"))
    assert cells(now)[0][:2] == ["案件名", "取引先"]
    earlier = now.decode("utf-8-sig").replace("取引先", "クライアント").encode()
    for data in (now, earlier):
        report = read(data, "ja")
        assert troubles(report) == []
        assert [(each.job.title, each.job.client_id) for each in report.found] == [("コラム", "sato")]


def test_every_file_is_utf_8_for_spreadsheets_with_whole_lines() -> None:
    data = export_jobs([(Job(client_id="sato", title="a\nb"), [])], {"sato": SATO}, dialect("en"))
    assert data.startswith(b'\xef\xbb\xbf"Job","Client",')
    assert data.endswith(b"\r\n")
    assert datetime.fromisoformat(cells(data)[1][4])
