"""How a client is addressed: what the name names, and the honorific that goes with it.

In Japanese 御中 is for an organisation and 様 for a person, never both. In the other languages a title
belongs to a person: nobody writes to "M. Association Les Halles".
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from .codes import Party
from .entities import Client
from .languages import ENGLISH, FRENCH, JAPANESE

SAMA, SAN, ONCHU, CONTACT = "様", "さん", "御中", "ご担当者様"

HONORIFICS: dict[str, dict[Party, tuple[str, ...]]] = {
    JAPANESE: {Party.PERSON: (SAMA, SAN), Party.ORGANISATION: (ONCHU, CONTACT)},
    FRENCH: {Party.PERSON: ("M.", "Mme"), Party.ORGANISATION: ()},
    ENGLISH: {Party.PERSON: ("Mr", "Ms", "Dr"), Party.ORGANISATION: ()},
}
"""What is usual by language and by what the name names; the first is the usual one in Japanese."""

_TO_A_GROUP = ("御中", "担当者様", "ご担当者さま", "各位")
_AFTER_A_NAME = ("様", "さま", "さん", "御中", "殿", "先生")
_TYPED_BEFORE = {
    "m": "M.",
    "monsieur": "M.",
    "mme": "Mme",
    "madame": "Mme",
    "mr": "Mr",
    "ms": "Ms",
    "dr": "Dr",
}

_JAPANESE_FORM = re.compile(
    r"(?:株式|有限|合同|合資|合名)会社|(?:(?:一般|公益)?(?:社団|財団)|特定非営利活動|NPO|医療|学校|社会福祉|宗教"
    r"|独立行政|国立大学|税理士|弁護士|監査)法人|\((?:株|有|同)\)",
    re.IGNORECASE,
)
_JAPANESE_ENDING = re.compile(
    r"(?:事務所|協会|組合|商店|商会|編集部|製作所|工務店|病院|大学|学園|財団|研究所|出版|出版社|新聞社|会館|役所)$"
)
_DEPARTMENT = re.compile(r"(?:部|課|係|室|支店|支社|営業所|局)$")
_FIRST_WORDS = frozenset(
    (
        "association",
        "société",
        "agence",
        "mairie",
        "fondation",
        "fédération",
        "cabinet",
        "collectif",
        "éditions",
        "groupe",
        "ville",
        "commune",
        "office",
        "comité",
        "centre",
        "institut",
        "université",
        "école",
        "lycée",
        "syndicat",
        "ministère",
        "musée",
    )
)
_LAST_WORDS = frozenset(
    (
        "ltd",
        "limited",
        "inc",
        "llc",
        "llp",
        "plc",
        "gmbh",
        "corp",
        "corporation",
        "company",
        "foundation",
        "association",
        "society",
        "agency",
        "institute",
        "university",
        "council",
    )
)
_ABBREVIATIONS = frozenset(
    ("SARL", "SAS", "SASU", "SA", "EURL", "SCI", "SNC", "SCOP", "SCIC", "GIE", "AG", "SE")
)


@dataclass(frozen=True)
class TypedName:
    """A name as typed in one line, taken apart as far as it says so itself."""

    name: str
    honorific: str = ""
    party: str = ""


def names_organisation(name: str) -> bool:
    """Whether a name is an organisation's alone: it bears a legal form, or a word only they bear.

    A firm and a person in one ("株式会社青空 佐藤") is not an organisation's name alone.
    """
    text = " ".join(unicodedata.normalize("NFKC", name).split())
    if _JAPANESE_FORM.search(text):
        *_rest, last = re.sub(rf" *({_JAPANESE_FORM.pattern}) *", "", text, flags=re.IGNORECASE).split() or [
            ""
        ]
        return not _rest or last.isascii() or bool(_DEPARTMENT.search(last))
    words = text.split()
    if not words:
        return False
    if len(words) == 1:
        return bool(_JAPANESE_ENDING.search(text))
    return (
        words[0].casefold() in _FIRST_WORDS
        or words[-1].rstrip(".").casefold() in _LAST_WORDS
        or not _ABBREVIATIONS.isdisjoint(words)
    )


def party_of(client: Client) -> Party | None:
    """What the name names: as said, else as the record shows; None where nothing tells."""
    if client.organisation.strip():
        return Party.PERSON
    if client.party in set(Party):
        return Party(client.party)
    if _to_a_group(client.honorific) or names_organisation(client.name):
        return Party.ORGANISATION
    return None


def honorific_of(client: Client) -> str:
    """The honorific as it is written: one that does not go with what the name names gives way.

    In Japanese a name never stands alone; elsewhere an organisation has no title.
    """
    given, organisation = client.honorific.strip(), party_of(client) is Party.ORGANISATION
    if client.language != JAPANESE:
        return "" if organisation else given
    if _bears_honorific(client.name):
        return ""
    if organisation:
        return given if _to_a_group(given) else ONCHU
    return SAMA if not given or _to_a_group(given) else given


def read_name(text: str, language: str) -> TypedName:
    """A name typed in one line: "田中さん", "Mme Weber", "株式会社青空".

    A title or honorific typed with it is told apart; what the line does not say stays open.
    """
    typed = " ".join(text.split())
    if language == JAPANESE:
        for word in (CONTACT, *_AFTER_A_NAME):
            name = typed.removesuffix(word).rstrip()
            if name and name != typed:
                party = Party.ORGANISATION if _to_a_group(word) else Party.PERSON
                return TypedName(name, word, party)
    else:
        first, _, rest = typed.partition(" ")
        title = _TYPED_BEFORE.get(first.removesuffix(".").casefold(), "")
        if title and rest:
            if names_organisation(rest):
                return TypedName(rest, "", Party.ORGANISATION)
            return TypedName(rest, title, Party.PERSON)
    if names_organisation(typed):
        return TypedName(typed, ONCHU if language == JAPANESE else "", Party.ORGANISATION)
    return TypedName(typed, SAMA if language == JAPANESE else "")


def client_named(text: str, language: str, now: datetime) -> Client:
    """A new client of whom only a name was typed, addressed as is usual in the language."""
    typed = read_name(text, language)
    return Client(
        name=typed.name,
        party=typed.party,
        honorific=typed.honorific,
        language=language,
        created_at=now,
    )


def spellings(client: Client) -> set[str]:
    """The ways a client's name is written in a line: alone, and with the honorific."""
    name, honorific = client.name, client.honorific
    return {name, f"{name}{honorific}", f"{name} {honorific}", f"{honorific} {name}"} if honorific else {name}


def _to_a_group(honorific: str) -> bool:
    return honorific.strip().endswith(_TO_A_GROUP)


def _bears_honorific(name: str) -> bool:
    """Whether a Japanese name was noted with its honorific: 田中さん."""
    text = name.strip()
    return text.endswith(_AFTER_A_NAME) and text not in _AFTER_A_NAME
