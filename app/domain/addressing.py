"""How to address a client: whether the name is a person's or an organisation's, and the matching honorific.

In Japanese, 御中 follows an organisation and 様 a person, never both. In the other languages only a person
has a title: nobody writes to "M. Association Les Halles".
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
"""The usual honorifics by language and party; the first is the default in Japanese."""

_ELSEWHERE = frozenset(word for language in (FRENCH, ENGLISH) for word in HONORIFICS[language][Party.PERSON])
_TO_A_GROUP = ("御中", "担当者様", "ご担当者さま", "各位")
_HONORIFIC_WORDS = frozenset(("様", "さま", "さん", "殿", "先生"))
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
_DEPARTMENT = re.compile(
    r"(?:営業|総務|経理|人事|広報|企画|開発|制作|製作|編集|技術|法務|購買|調達|資材|宣伝|事業|業務|管理|販売|商品|品質|経営"
    r"|財務|物流|製造|国際|海外|採用|情報|システム|デザイン|マーケティング|サポート|カスタマー).*(?:部|室|局|班)$"
    r"|.(?:課|係|本部|支店|支社|営業所|事務局|センター|チーム|グループ|窓口)$"
)
"""The ending alone does not tell a department from a family name: 阿部, 服部, 渡部, 小室."""
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
_DEPARTMENT_FIRST = frozenset(
    ("service", "département", "direction", "équipe", "secrétariat", "comptabilité", "accounts")
)
_DEPARTMENT_LAST = frozenset(("department", "dept", "team", "office", "accounts"))
_ABBREVIATIONS = frozenset(
    ("SARL", "SAS", "SASU", "SA", "EURL", "SCI", "SNC", "SCOP", "SCIC", "GIE", "AG", "SE")
)


@dataclass(frozen=True)
class TypedName:
    """A name typed on one line, split as far as the text is unambiguous."""

    name: str
    honorific: str = ""
    party: str = ""


def names_organisation(name: str) -> bool:
    """Return whether a name is an organisation's only: it contains a legal form or an organisation-only word.

    "株式会社青空 佐藤" names a firm and a person, so the result is False.
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
    if names_department(text):
        return True
    if len(words) == 1:
        return bool(_JAPANESE_ENDING.search(text))
    return (
        words[0].casefold() in _FIRST_WORDS
        or words[-1].rstrip(".").casefold() in _LAST_WORDS
        or not _ABBREVIATIONS.isdisjoint(words)
    )


def party_of(client: Client) -> Party | None:
    """Return the client's party: as set, else as derived from the name; None if the name does not tell."""
    if client.organisation.strip():
        return Party.PERSON
    if client.party in set(Party):
        return Party(client.party)
    if _is_group_honorific(client.honorific) or names_organisation(client.name):
        return Party.ORGANISATION
    return None


def names_department(name: str) -> bool:
    """Return whether a name is a department's: 営業部, Service comptabilité, Sales team."""
    words = name.split()
    if not words:
        return False
    last = words[-1].rstrip(".").casefold()
    return (
        bool(_DEPARTMENT.search(words[-1]))
        or words[0].casefold() in _DEPARTMENT_FIRST
        or (len(words) > 1 and last in _DEPARTMENT_LAST)
    )


def is_group(client: Client) -> bool:
    """Return whether several people are addressed: an organisation or one of its departments."""
    return party_of(client) is Party.ORGANISATION or names_department(client.name)


def honorific_of(client: Client) -> str:
    """Return the honorific to write; one that does not match the party is replaced.

    A Japanese name always has an honorific; in the other languages an organisation has no title.
    """
    given, group = client.honorific.strip(), is_group(client)
    if client.language != JAPANESE:
        return "" if group or given.endswith(_AFTER_A_NAME) else given
    if bears_honorific(client.name):
        return ""
    if group:
        return given if _is_group_honorific(given) else ONCHU
    return SAMA if not given or _is_group_honorific(given) or given in _ELSEWHERE else given


def read_name(text: str, language: str) -> TypedName:
    """Parse a name typed on one line: "田中さん", "Mme Weber", "株式会社青空".

    A title or honorific is split off. Fields that the text does not determine stay empty.
    """
    typed = " ".join(text.split())
    if language == JAPANESE:
        for word in (CONTACT, *_AFTER_A_NAME):
            name = typed.removesuffix(word).rstrip()
            if name and name != typed:
                party = Party.ORGANISATION if _is_group_honorific(word) else Party.PERSON
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


# Particles that begin a family name of several words: "Jean de La Tour", "Van Dyck".
_PARTICLES = frozenset(
    (
        *("de", "du", "des", "d", "la", "le", "les", "van", "von", "der", "den", "ter", "ten", "dos", "da"),
        *("di", "del", "della", "el", "al", "ben", "ibn", "bin", "saint", "sainte", "st", "mac", "mc", "o"),
    )
)
_LATIN = re.compile(r"[A-Za-zÀ-ɏ'’.\- ]+")


def name_parts(name: str) -> tuple[str, str]:
    """Split a personal name in Latin letters into given and family name: ("Bertrand", "Vasseur").

    A family name in capitals is recognised anywhere; otherwise the first word is the given name. A single
    word, or a name that begins with a particle, is a family name only: the given name is empty.
    """
    words = name.split()
    if len(words) < 2 or not _LATIN.fullmatch(name.strip()):
        return "", name.strip()
    capitals = [word for word in words if len(word.rstrip(".")) > 1 and word.isupper()]
    if capitals and len(capitals) < len(words):
        return " ".join(word for word in words if word not in capitals), " ".join(capitals)
    if words[0].rstrip("'’.").casefold() in _PARTICLES:
        return "", " ".join(words)
    return words[0], " ".join(words[1:])


@dataclass(frozen=True)
class SplitName:
    """An organisation and a person that were typed as one name."""

    organisation: str
    person: str
    honorific: str = ""


_JAPANESE = re.compile(r"[぀-ヿ㐀-鿿]")
_FORM_THEN_PERSON = re.compile(r"(.+(?:株式会社|有限会社|合同会社))(\S+(?:様|さま|さん))")
_IN_BRACKETS = re.compile(r"(.+?)\s*[(（](.+)[)）]\s*")
_BETWEEN = re.compile(r"\s+[-–—/|]\s+|\s*[|｜／]\s*|,\s+|[、，]\s*|\s+(?:@|chez|at|from)\s+")


def split_name(text: str, language: str) -> SplitName | None:
    """Split a name into organisation and person: "株式会社青空 高橋様", "Acme – Mme Durand", "Durand (Acme)".

    Callers propose the result and never apply it without asking. None if the name is ambiguous.
    """
    typed = " ".join(text.split())
    if _JAPANESE.search(typed):
        language = JAPANESE
    if found := _IN_BRACKETS.fullmatch(typed):
        outside, inside = found[1].strip(), found[2].strip()
        if _JAPANESE_FORM.fullmatch(f"({inside})"):
            return None
        turned = names_organisation(outside) or _has_title(inside, language)
        return _split(outside, inside, language) if turned else _split(inside, outside, language)
    sides = [side for side in _BETWEEN.split(typed) if side]
    if len(sides) == 2:
        first, second = sides
        if names_organisation(first) or _has_title(second, language):
            return _split(first, second, language)
        if names_organisation(second) or _has_title(first, language):
            return _split(second, first, language)
        return None
    return _split_japanese(typed, language)


def _split_japanese(typed: str, language: str) -> SplitName | None:
    """Split off the last word as the person if the words before it name an organisation."""
    if found := _FORM_THEN_PERSON.fullmatch(typed):
        return _split(found[1], found[2], language)
    words = typed.split(" ")
    if len(words) > 2 and words[-1] in _HONORIFIC_WORDS:
        words[-2:] = ["".join(words[-2:])]
    before, last = " ".join(words[:-1]), words[-1]
    form = unicodedata.normalize("NFKC", before)
    tells = _JAPANESE_FORM.search(form) or _JAPANESE_ENDING.search(form)
    if not tells or names_organisation(typed) or not names_organisation(before):
        return None
    return _split(before, last, language)


def _split(organisation: str, person: str, language: str) -> SplitName | None:
    if names_organisation(person):
        return None
    read = read_name(person, language)
    if read.party == Party.ORGANISATION:
        return None
    return SplitName(organisation, read.name, read.honorific)


def _has_title(name: str, language: str) -> bool:
    return read_name(name, language).party == Party.PERSON


_BRACKETS = re.compile(r"\s*[(（]([^()（）]*)[)）]")


def for_greeting(client: Client) -> Client:
    """Return whom to greet: nobody is greeted with a parenthesis, as in "Bonjour Durand (Acme),".

    A legal form such as (株) stays.
    """
    name = client.name.strip()
    if not _BRACKETS.search(name):
        return client
    found = None if client.organisation.strip() else split_name(name, client.language)
    if found is None:
        bare = _BRACKETS.sub(_legal_form, name).strip()
        return (
            client if bare in ("", name) else _addressee(client, bare, client.organisation, client.honorific)
        )
    organisation = found.organisation if names_organisation(found.organisation) else ""
    return _addressee(client, found.person, organisation, client.honorific or found.honorific)


def _legal_form(brackets: re.Match[str]) -> str:
    form = unicodedata.normalize("NFKC", f"({brackets[1].strip()})")
    return brackets[0] if _JAPANESE_FORM.fullmatch(form) else ""


def _addressee(client: Client, name: str, organisation: str, honorific: str) -> Client:
    return Client(
        name=name,
        organisation=organisation,
        party=client.party,
        honorific=honorific,
        language=client.language,
    )


def client_split(found: SplitName, language: str, now: datetime) -> Client:
    """Create a client from a name that was split, with the usual honorific of the language."""
    client = client_named(found.person, language, now)
    client.organisation, client.party = found.organisation, Party.PERSON
    client.honorific = found.honorific or honorific_of(client)
    return client


def client_named(text: str, language: str, now: datetime) -> Client:
    """Create a client from a typed name, with the usual honorific of the language."""
    typed = read_name(text, language)
    return Client(
        name=typed.name,
        party=typed.party,
        honorific=typed.honorific,
        language=language,
        created_at=now,
    )


_BEARS_TITLE = re.compile(r"(?:長|教授|代表|取締役|博士|主任|各位|御中)$")


def written_name(text: str, language: str, now: datetime) -> Client | None:
    """Return the addressee for a name typed into a text; None if the name is used as typed.

    A Japanese name without an honorific gets one, unless it ends in a title: 高橋社長. A person typed with
    their organisation in brackets is greeted without it.
    """
    name = text.strip()
    typed = client_named(name, language, now)
    if name and for_greeting(typed) is not typed:
        return typed
    if language != JAPANESE or not name or bears_honorific(name) or _BEARS_TITLE.search(name):
        return None
    return client_named(name, language, now)


def spellings(client: Client) -> set[str]:
    """Return the spellings of a client's name to look for in a line: plain, and with the honorific."""
    name, honorific = client.name, client.honorific
    return {name, f"{name}{honorific}", f"{name} {honorific}", f"{honorific} {name}"} if honorific else {name}


def _is_group_honorific(honorific: str) -> bool:
    return honorific.strip().endswith(_TO_A_GROUP)


def bears_honorific(name: str) -> bool:
    """Return whether a Japanese name was saved with its honorific: 田中さん."""
    text = name.strip()
    return text.endswith(_AFTER_A_NAME) and text not in _AFTER_A_NAME
