"""Reads a large JSON text value by value from a sliding window; json.loads needs it all in memory."""

import codecs
import re
from json import JSONDecoder
from typing import Any, NoReturn

PIECE = 1 << 18  # bytes decoded at once
LONGEST_VALUE = 1 << 24  # characters
DEEPEST = 100  # maximum nesting of lists and objects

_SPACE = re.compile(r"[ \t\n\r]*")
# Complete strings and the text between them; an incomplete string is left for the next pass.
_WHOLE_TOKENS = re.compile(r'(?:[^"]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_NO_BRACKET = re.compile(r"[^\[\]{}]+")


class JsonReader:
    """Reads the values of a JSON text in order. Every method raises ValueError for invalid JSON.

    Values nested deeper than `DEEPEST` are rejected; decoding them would crash the interpreter in a browser.
    """

    def __init__(self, data: bytes) -> None:
        self.read = 0
        """Number of bytes decoded so far."""
        self._data = data
        self._utf8 = codecs.getincrementaldecoder("utf-8-sig")()
        self._decoder = JSONDecoder(parse_constant=_no_number)
        self._window = ""
        self._at = 0
        self._counted = 0  # end of the part of the window whose brackets have been counted
        self._depth = 0

    def peek(self) -> str:
        """The next character that is not whitespace; empty at the end."""
        while True:
            match = _SPACE.match(self._window, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._window):
                return self._window[self._at]
            if not self._more():
                return ""

    def take(self, wanted: str) -> None:
        """Skip this character, which must be next."""
        if self.peek() != wanted:
            raise ValueError(f"expected {wanted}")
        self._at += 1

    def value(self) -> Any:
        """Read the next complete value. Raises TooLongError if it exceeds `LONGEST_VALUE` characters."""
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._window, self._at)
            except ValueError:
                if not self._more():
                    raise
            else:
                # A number at the window's end may continue.
                if end < len(self._window) or not self._more():
                    self._at = end
                    return value
            if len(self._window) - self._at > LONGEST_VALUE:
                raise TooLongError(f"a value of more than {LONGEST_VALUE} characters")

    def _more(self) -> bool:
        """Drop what has been read and at least double the rest of the window. Returns False at the end."""
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
    """A value is longer than `LONGEST_VALUE`."""


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")
