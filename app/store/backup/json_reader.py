"""Reads a large JSON text value by value, holding a window of it: json.loads needs all of it at once."""

import codecs
import re
from json import JSONDecoder
from typing import Any, NoReturn

PIECE = 1 << 18  # bytes decoded at a time
LONGEST_VALUE = 1 << 24  # characters of one value
DEEPEST = 100  # lists and mappings inside one another

_SPACE = re.compile(r"[ \t\n\r]*")
# Whole strings and what is between them; a string that goes on beyond the window is left for the next look.
_WHOLE_TOKENS = re.compile(r'(?:[^"]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_NO_BRACKET = re.compile(r"[^\[\]{}]+")


class JsonReader:
    """Hands out the values of a JSON text in order; every method raises ValueError for what is no JSON.

    Nothing nested deeper than `DEEPEST` is decoded: that would end the interpreter in a browser.
    """

    def __init__(self, data: bytes) -> None:
        self.read = 0
        """How many of the bytes have been decoded."""
        self._data = data
        self._utf8 = codecs.getincrementaldecoder("utf-8-sig")()
        self._decoder = JSONDecoder(parse_constant=_no_number)
        self._window = ""
        self._at = 0
        self._counted = 0  # up to here in the window, brackets have been counted
        self._depth = 0

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            match = _SPACE.match(self._window, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._window):
                return self._window[self._at]
            if not self._more():
                return ""

    def take(self, wanted: str) -> None:
        """Pass over this character, which must be next."""
        if self.peek() != wanted:
            raise ValueError(f"expected {wanted}")
        self._at += 1

    def value(self) -> Any:
        """The next value, whole. Raises TooLongError where it takes more than `LONGEST_VALUE` characters."""
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._window, self._at)
            except ValueError:
                if not self._more():
                    raise
            else:
                # A number at the window's end may go on.
                if end < len(self._window) or not self._more():
                    self._at = end
                    return value
            if len(self._window) - self._at > LONGEST_VALUE:
                raise TooLongError(f"a value of more than {LONGEST_VALUE} characters")

    def _more(self) -> bool:
        """Decode as much again as the window holds, and drop what has been read. False at the end."""
        if self.read >= len(self._data):
            return False
        kept = self._window[self._at :]
        self._counted -= self._at
        self._at = 0
        size = max(PIECE, len(kept))
        piece = self._data[self.read : self.read + size]
        self.read += len(piece)
        self._window = kept + self._utf8.decode(piece, final=self.read >= len(self._data))
        self._count_brackets()
        return True

    def _count_brackets(self) -> None:
        match = _WHOLE_TOKENS.match(self._window, max(self._counted, 0))
        whole = match.group() if match else ""
        self._counted = max(self._counted, 0) + len(whole)
        for bracket in _NO_BRACKET.sub("", _STRING.sub("", whole)):
            self._depth += 1 if bracket in "[{" else -1
            if self._depth > DEEPEST:
                raise ValueError(f"nested deeper than {DEEPEST}")


class TooLongError(ValueError):
    """A value is too long to be of use."""


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")
