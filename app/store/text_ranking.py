"""Ranks texts by relevance to a query: inflected or partial words, synonyms, unspaced Japanese.

Latin words match by stem or prefix. Japanese is split where the script changes, and a run of kanji into
parts that occur in some text: 単価交渉 into 単価 and 交渉. Words in fewer texts have a higher weight.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log

from app.domain.normalisation import normalise
from app.store.search_index import MAX_QUERY

_WORD = re.compile(r"[a-z0-9]+")
_KANJI = r"\u3400-\u9fff\uf900-\ufaff々〆𠀀-𯿿"
_RUNS = re.compile(rf"[{_KANJI}]+|[ァ-ヺー]+|[ぁ-ゖー]+")
_HIRAGANA = re.compile(r"[ぁ-ゖー]+")
_JAPANESE = re.compile(rf"[{_KANJI}ぁ-ゖァ-ヺー]+")

STEM = 4
"""Minimum number of letters that inflected forms of a Latin word share: augmenter, augmentation."""
PREFIX = 3
"""Minimum number of typed letters that match as a prefix of a longer Latin word."""
_ENDINGS = re.compile(
    "|e|s|es|x|e?d|e?r|ers|ings?|(?:at)?ions?|e?ments?|y|ies|ied|al|ly"
    "|ees?|ent|antes?|ants?|ir|ie|is|it|us|ues?|ait|ais|ez|able|[ae]nces?|eurs?|euses?"
)

UNKNOWN = 1.0
"""Rarity of a word found in no text: about that of a word in every second text."""

SINGLE = 0.6
"""Weight of a single kanji, which is a part of many words."""

LEAST_SHARE = 0.5
"""Share of the query that a text must match to be listed, relative to the best text."""
LEAST_SCORE = 0.3
"""The same for scores, which distinguish a title from a mention."""


@dataclass(frozen=True)
class RankedText:
    """A searchable text: its parts, each with the weight of a match in it."""

    parts: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class _Unit:
    """A part of a query that is searched on its own. `weight` is 0 to 1; optional ones may be missing."""

    text: str
    weight: float = 1.0
    optional: bool = False

    @property
    def latin(self) -> bool:
        return _WORD.fullmatch(self.text) is not None


def rank(texts: Sequence[RankedText], query: str, stop_words: frozenset[str]) -> list[int]:
    """The indices of the texts that match the query, best first; ties keep their order.

    `stop_words` are ignored unless the query has no other words. An empty query matches every text.
    """
    query = query[:MAX_QUERY]
    if not normalise(query):
        return list(range(len(texts)))
    index = _index(tuple(texts))
    units = list(_units(query, stop_words, index))
    if not units:
        return []
    scores, shares, whole = [0.0] * len(texts), [0.0] * len(texts), 0.0
    for unit in units:
        found = index.find(unit)
        rarity = log(1 + len(texts) / len(found)) if found else UNKNOWN
        rarity *= unit.weight
        if not unit.optional:
            whole += rarity
        for place, (score, quality) in found.items():
            scores[place] += score * rarity
            if not unit.optional:
                shares[place] += quality * rarity
    best_share, best_score = max(shares, default=0), max(scores, default=0)
    if best_share < LEAST_SHARE * whole or not best_score:
        return []
    listed = [
        place
        for place in range(len(texts))
        if shares[place] >= LEAST_SHARE * best_share and scores[place] >= LEAST_SCORE * best_score
    ]
    if best_share > 0.99 * whole:
        complete = [place for place in listed if shares[place] > 0.99 * whole]
        best_complete = max(scores[place] for place in complete)
        listed = [place for place in listed if place in complete or scores[place] >= best_complete]
    return sorted(listed, key=lambda place: (-scores[place], place))


class _Index:
    """The words of a set of texts, computed once for all queries."""

    def __init__(self, texts: Sequence[RankedText]) -> None:
        self._words: dict[str, dict[int, float]] = {}
        self._japanese: list[list[tuple[str, float]]] = []
        self.terms: set[str] = set()  # runs of hiragana, after normalisation, used to split queries
        for place, text in enumerate(texts):
            self._japanese.append([])
            for part, weight in text.parts:
                folded = normalise(part)
                for word in _WORD.findall(folded):
                    places = self._words.setdefault(word, {})
                    places[place] = max(places.get(place, 0), weight)
                runs = _JAPANESE.findall(folded)
                if runs:
                    self._japanese[place].append((" ".join(runs), weight))
                    self.terms.update(run for run in runs if _HIRAGANA.fullmatch(run) and len(run) > 1)

    def find(self, unit: _Unit) -> dict[int, tuple[float, float]]:
        """By index of the text: (weight of the best matching part × match quality, match quality)."""
        return self._latin(unit.text) if unit.latin else self._in_japanese(unit.text)

    def _latin(self, wanted: str) -> dict[int, tuple[float, float]]:
        found: dict[int, tuple[float, float]] = {}
        for word, places in self._words.items():
            quality = _likeness(wanted, word)
            if not quality:
                continue
            for place, weight in places.items():
                score, best = found.get(place, (0.0, 0.0))
                found[place] = max(score, weight * quality), max(best, quality)
        return found

    def _in_japanese(self, wanted: str) -> dict[int, tuple[float, float]]:
        found = {}
        for place, parts in enumerate(self._japanese):
            best = max((weight for text, weight in parts if wanted in text), default=0.0)
            if best:
                found[place] = best, 1.0
        return found


@lru_cache(maxsize=8)
def _index(texts: tuple[RankedText, ...]) -> _Index:
    return _Index(texts)


def _likeness(wanted: str, word: str) -> float:
    """How well a Latin word of a text matches a word of the query: 0 to 1."""
    if wanted == word:
        return 1.0
    shared = 0
    for one, other in zip(wanted, word, strict=False):
        if one != other:
            break
        shared += 1
    rest, other_rest = wanted[shared:], word[shared:]
    inflected = bool(_ENDINGS.fullmatch(rest) and _ENDINGS.fullmatch(other_rest))
    if inflected and (shared >= STEM or (shared >= PREFIX and {rest, other_rest} <= {"", "s"})):
        return 0.9
    return 0.7 if not rest and shared >= PREFIX else 0.0


def _units(query: str, stop_words: frozenset[str], index: _Index) -> Iterator[_Unit]:
    latin = _WORD.findall(normalise(query))
    telling = [word for word in latin if word not in stop_words and len(word) > 1]
    runs = _RUNS.findall(unicodedata.normalize("NFKC", query))
    if not runs or telling:
        yield from map(_Unit, telling or latin)
    solid = [run for run in runs if not _HIRAGANA.fullmatch(run)]
    for run in runs:
        folded = normalise(run)
        if run not in solid:
            yield from _hiragana(folded, stop_words, index, optional=bool(solid or telling))
        elif folded in stop_words:
            continue
        elif _HIRAGANA.fullmatch(folded):  # katakana: テスト finds テストライティング
            whole = _Unit(folded)
            yield from [whole] if index.find(whole) else _hiragana(folded, stop_words, index, optional=False)
        else:
            yield from _kanji(folded, index)


def _kanji(run: str, index: _Index) -> Iterator[_Unit]:
    """The longest parts of a run of kanji that some text contains (at least two characters), or the run."""
    if len(run) == 1:
        yield _Unit(run, SINGLE)
        return
    found, at, unknown = [], 0, ""
    while at < len(run):
        ends = range(len(run), at + 1, -1)
        known = next((unit for end in ends if index.find(unit := _Unit(run[at:end]))), None)
        if known:
            found.append(known)
        else:
            unknown += run[at]
        at += len(known.text) if known else 1
    yield from found
    if len(unknown) == 1:
        yield _Unit(unknown, SINGLE, optional=bool(found))
    elif unknown:
        yield _Unit(unknown)


def _hiragana(run: str, stop_words: frozenset[str], index: _Index, *, optional: bool) -> Iterator[_Unit]:
    """The known words in a run of hiragana, longest first; the run itself if it contains none."""
    if run in stop_words or len(run) < 2:
        return
    found, at = [], 0
    while at < len(run):
        ends = range(len(run), at + 1, -1)
        term = next((run[at:end] for end in ends if run[at:end] in index.terms), "")
        if term and term not in stop_words:
            found.append(term)
        at += len(term) or 1
    if not found and optional:
        return
    for term in found or [run]:
        yield _Unit(term, 0.7 if optional else 1.0, optional)


def ranked_text(*parts: tuple[Iterable[str], float]) -> RankedText:
    """Build a text from parts, each some strings and the weight of a match in them."""
    return RankedText(tuple((" ".join(strings), weight) for strings, weight in parts))
