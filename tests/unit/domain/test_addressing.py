"""Honorifics by party: 様 for a person, 御中 for an organisation, never both."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.addressing import (
    HONORIFICS,
    client_named,
    client_split,
    honorific_of,
    names_department,
    names_organisation,
    party_of,
    read_name,
    spellings,
    split_name,
)
from app.domain.codes import Party
from app.domain.entities import Client
from app.domain.validation import check
from app.wording.words import addressed, greeted

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "株式会社青空",
            "青空株式会社",
            "株式会社 青空",
            "㈱青空",
            "（株）青空",
            "(有)山本",
            "合同会社ＡＢＣ",
        ),
        *(
            "株式会社青空 編集部",
            "株式会社Blue Sky",
            "NPO法人みどり",
            "一般社団法人日本翻訳協会",
            "山田製作所",
        ),
        *("佐藤事務所", "Association Les Halles", "association les halles", "Les Halles SARL", "Acme Ltd."),
        *("Société Générale", "Mairie de Lyon", "Northwind LLC", "Weber GmbH"),
    ],
)
def test_an_organisation_is_recognised_by_legal_form_or_typical_word(name: str) -> None:
    assert names_organisation(name)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "佐藤",
            "阿部",
            "渡部",
            "服部 健",
            "山田 花子",
            "株式会社青空 佐藤花子",
            "合同会社 海と空 田中",
            "",
        ),
        *("Ana", "Marc Durand", "Sasha Cole", "Lefèvre", "Ltd", "Les Halles"),
    ],
)
def test_names_of_persons_or_of_a_firm_and_a_person_are_not_organisation_names(name: str) -> None:
    assert not names_organisation(name)


@pytest.mark.parametrize(
    ("client", "honorific"),
    [
        (Client(name="佐藤", language="ja"), "様"),
        (Client(name="佐藤", language="ja", honorific="さん"), "さん"),
        (Client(name="佐藤", language="ja", honorific="御中", party="person"), "様"),
        (Client(name="佐藤", language="ja", honorific="御中", organisation="株式会社青空"), "様"),
        (Client(name="佐藤", language="ja", honorific="ご担当者様", organisation="株式会社青空"), "様"),
        (Client(name="田中さん", language="ja", honorific="様"), ""),
        (Client(name="株式会社青空", language="ja", honorific="様"), "御中"),
        (Client(name="株式会社青空", language="ja"), "御中"),
        (Client(name="株式会社青空", language="ja", honorific="ご担当者様"), "ご担当者様"),
        (Client(name="青空", language="ja", honorific="様", party="organisation"), "御中"),
        (Client(name="株式会社青空 佐藤", language="ja", honorific="様"), "様"),
        (Client(name="Association Les Halles", language="fr", honorific="M."), ""),
        (Client(name="Les Halles", language="fr", honorific="M.", party="organisation"), ""),
        (Client(name="Lefèvre", language="fr", honorific="M.", organisation="Les Halles"), "M."),
        (Client(name="Cole", language="en", honorific="Dr"), "Dr"),
        (Client(name="Ana", language="en"), ""),
    ],
)
def test_the_honorific_matches_the_party(client: Client, honorific: str) -> None:
    assert honorific_of(client) == honorific


words_typed = st.sampled_from(
    ["", "様", "さん", "御中", "ご担当者様", "各位", "M.", "Mme", "Mr", "Ms", "Dr", "先生", "社長"]
)
names_typed = st.sampled_from(
    ["佐藤", "株式会社青空", "田中さん", "Lefèvre", "Association Les Halles", "Acme Ltd"]
)


@given(
    names_typed,
    words_typed,
    st.sampled_from(["", "person", "organisation"]),
    st.sampled_from(["", "株式会社青空"]),
)
def test_group_honorifics_are_written_only_for_organisations(
    name: str, honorific: str, party: str, organisation: str
) -> None:
    """Devices with two app versions may have changed the same record."""
    client = Client(name=name, honorific=honorific, party=party, organisation=organisation, language="ja")
    written = name + honorific_of(client)
    group = party_of(client) is Party.ORGANISATION
    assert written.endswith(("御中", "担当者様", "各位")) == (group and name != "田中さん")


@pytest.mark.parametrize(
    ("text", "language", "name", "honorific", "party"),
    [
        ("山田", "ja", "山田", "様", ""),
        (" 田中さん ", "ja", "田中", "さん", "person"),
        ("田中　様", "ja", "田中", "様", "person"),
        ("株式会社青空", "ja", "株式会社青空", "御中", "organisation"),
        ("株式会社青空御中", "ja", "株式会社青空", "御中", "organisation"),
        ("株式会社青空 ご担当者様", "ja", "株式会社青空", "ご担当者様", "organisation"),
        ("様", "ja", "様", "様", ""),
        ("Mme Weber", "fr", "Weber", "Mme", "person"),
        ("Monsieur Lefèvre", "fr", "Lefèvre", "M.", "person"),
        ("M. Association Les Halles", "fr", "Association Les Halles", "", "organisation"),
        ("Les Halles", "fr", "Les Halles", "", ""),
        ("Dr Cole", "en", "Cole", "Dr", "person"),
        ("M", "en", "M", "", ""),
    ],
)
def test_a_name_on_one_line_is_split_as_far_as_it_is_unambiguous(
    text: str, language: str, name: str, honorific: str, party: str
) -> None:
    read = read_name(text, language)
    assert (read.name, read.honorific, read.party) == (name, honorific, party)
    client = client_named(text, language, NOW)
    assert check(client) == []
    assert honorific in HONORIFICS[language].get(party_of(client) or Party.PERSON, ()) or honorific == ""


def test_spellings_include_the_name_with_its_honorific() -> None:
    assert "田中さん" in spellings(Client(name="田中", honorific="さん"))
    assert "Mme Weber" in spellings(Client(name="Weber", honorific="Mme"))
    assert spellings(Client(name="Ana")) == {"Ana"}


@pytest.mark.parametrize(
    ("text", "language", "organisation", "person", "honorific"),
    [
        ("株式会社青空 高橋様", "ja", "株式会社青空", "高橋", "様"),
        ("株式会社青空　高橋", "ja", "株式会社青空", "高橋", "様"),
        ("株式会社青空 高橋 様", "ja", "株式会社青空", "高橋", "様"),
        ("株式会社青空 営業部 高橋様", "ja", "株式会社青空 営業部", "高橋", "様"),
        ("青空株式会社高橋様", "ja", "青空株式会社", "高橋", "様"),
        ("株式会社青空 阿部", "ja", "株式会社青空", "阿部", "様"),
        ("高橋様（株式会社青空）", "ja", "株式会社青空", "高橋", "様"),
        ("株式会社青空 高橋様", "en", "株式会社青空", "高橋", "様"),
        ("Acme SARL – Mme Durand", "fr", "Acme SARL", "Durand", "Mme"),
        ("Mme Durand - Acme", "fr", "Acme", "Durand", "Mme"),
        ("Durand (Acme)", "fr", "Acme", "Durand", ""),
        ("Acme (Mme Durand)", "fr", "Acme", "Durand", "Mme"),
        ("Jane Cole, Acme Ltd", "en", "Acme Ltd", "Jane Cole", ""),
        ("Jane Cole at Acme Ltd", "en", "Acme Ltd", "Jane Cole", ""),
    ],
)
def test_organisation_and_person_on_one_line_are_split(
    text: str, language: str, organisation: str, person: str, honorific: str
) -> None:
    found = split_name(text, language)
    assert found is not None
    assert (found.organisation, found.person, found.honorific) == (organisation, person, honorific)


@pytest.mark.parametrize(
    "text",
    [
        *("山田 花子", "株式会社青空", "株式会社青空 編集部", "青空（株）", "阿部 健", "", "様"),
        *("Marc Durand", "Jean-Pierre Dupont", "Cole, Jane", "Acme Inc.", "Acme, Inc.", "Rock - Pop"),
    ],
)
@pytest.mark.parametrize("language", ["en", "fr", "ja"])
def test_an_ambiguous_name_is_not_split(text: str, language: str) -> None:
    assert split_name(text, language) is None


@given(st.text(max_size=40), st.sampled_from(["en", "fr", "ja"]))
def test_any_line_is_split_into_two_names_or_not_at_all(text: str, language: str) -> None:
    found = split_name(text, language)
    assert found is None or (found.organisation.strip() and found.person.strip())


@pytest.mark.parametrize(
    "name", ["営業部", "総務課", "お客様センター", "Service achats", "Sales team", "Accounts"]
)
def test_a_department_is_not_a_person(name: str) -> None:
    assert names_department(name)


@pytest.mark.parametrize("name", ["阿部", "服部", "渡部 健", "長谷部", "小室", "Ana", "Marc Durand", ""])
def test_a_family_name_that_ends_like_a_department_is_a_persons(name: str) -> None:
    assert not names_department(name)


@pytest.mark.parametrize(
    ("name", "language", "greeting", "address"),
    [
        ("Durand (Acme)", "fr", "Durand", "Durand"),
        ("Acme (Mme Durand)", "fr", "Madame Durand", "Mme Durand"),
        ("Bertrand Vasseur (Acme)", "fr", "Bertrand Vasseur", "Bertrand Vasseur"),
        ("Jane Cole (Acme Ltd)", "en", "Jane", "Jane Cole"),
        ("田中（青空）", "ja", "田中様", "田中様"),
        ("田中様（株式会社青空）", "ja", "株式会社青空 田中様", "田中様"),
        ("青空（株）", "ja", "青空（株） 御中", "青空（株） 御中"),
        ("(Acme)", "en", "(Acme)", "(Acme)"),
    ],
)
def test_nobody_is_greeted_with_a_parenthesis(name: str, language: str, greeting: str, address: str) -> None:
    client = Client(name=name, language=language)
    assert (greeted(client), addressed(client)) == (greeting, address)


def test_a_client_that_is_split_has_the_usual_honorific() -> None:
    found = split_name("株式会社青空 高橋", "ja")
    assert found is not None
    client = client_split(found, "ja", NOW)
    assert (client.name, client.organisation, client.honorific) == ("高橋", "株式会社青空", "様")
    found = split_name("Durand (Acme)", "fr")
    assert found is not None
    client = client_split(found, "fr", NOW)
    assert (client.name, client.organisation, client.honorific) == ("Durand", "Acme", "")
