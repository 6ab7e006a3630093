"""Gives WebAssembly's indirect calls one place for each type of function that they call.

Chromium's compiler guesses that a busy place which calls indirectly will call what it called before, and
takes that into the code around it. The loop in which Python runs its instructions calls anything from
anywhere: after each guess that fails all 79 KB of it are compiled anew, three or four times a start, which
takes a second of processor time; and what was compiled with guesses in it is not kept for the next start.
Places that all share leave nothing to guess. Python then runs as fast as it did, or up to a twentieth
slower.

The format: https://webassembly.github.io/spec/core/binary/
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

# What does nothing: over 500 bytes and a function is not taken into those that call it.
PADDING = bytes([0x01]) * 600
HEADER = b"\0asm\1\0\0\0"
TYPES, IMPORTS, FUNCTIONS, CODE = 1, 2, 3, 10
FUNCTION_TYPE, I32, END, CALL, CALL_INDIRECT, LOCAL_GET = 0x60, 0x7F, 0x0B, 0x10, 0x11, 0x20

# What follows an instruction: b a byte, n a number of any length, m a place in memory, digits so many bytes,
# v numbers and how many they are, c the clauses of a try.
OPERANDS = {
    **dict.fromkeys((*range(0x02, 0x05), *range(0x06, 0x0A), 0x0C, 0x0D, 0x10, 0x12, 0x14, 0x15, 0x18), "n"),
    **dict.fromkeys((0x11, 0x13), "nn"),
    **dict.fromkeys(range(0x20, 0x27), "n"),
    **dict.fromkeys(range(0x28, 0x3F), "m"),
    **dict.fromkeys((0x3F, 0x40, 0x41, 0x42, 0xD0, 0xD2), "n"),
    **dict.fromkeys((0x00, 0x01, 0x05, 0x0A, 0x0B, 0x0F, 0x19, 0x1A, 0x1B, 0xD1), ""),
    **dict.fromkeys(range(0x45, 0xC5), ""),
    0x0E: "vn",
    0x1C: "v",
    0x1F: "nc",
    0x43: "4",
    0x44: "8",
}
# The same for those that begin with another byte and a number.
BULK = 0xFC
VECTOR = 0xFD
ATOMIC = 0xFE
PREFIXED = {
    BULK: {
        **dict.fromkeys(range(8), ""),
        **dict.fromkeys((8, 10, 12, 14), "nn"),
        **dict.fromkeys((9, 11, 13, 15, 16, 17), "n"),
    },
    VECTOR: {
        **dict.fromkeys(range(0x114), ""),
        **dict.fromkeys((*range(12), 92, 93), "m"),
        **dict.fromkeys(range(84, 92), "mb"),
        **dict.fromkeys((12, 13), "88"),
        **dict.fromkeys(range(21, 35), "b"),
    },
    ATOMIC: {**dict.fromkeys((*range(3), *range(0x10, 0x4F)), "m"), 3: "b"},
}
MANY_MEMORIES = 0x40
CATCH_TAGGED = 2  # clauses below this name a tag


def share_indirect_calls(module: bytes) -> bytes:
    """The module, doing what it did, with indirect calls in functions made for them alone.

    Ends the program where the module has something in it that this does not know.
    """
    return Rewriting(module).result()


def number(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned LEB128 number, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def encoded(value: int) -> bytes:
    """A number as unsigned LEB128."""
    result = bytearray()
    while value >= 0x80:
        result.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*result, value])


def sized(content: bytes) -> bytes:
    return encoded(len(content)) + content


def sections(module: bytes) -> Iterator[tuple[int, bytes]]:
    if not module.startswith(HEADER):
        sys.exit("kaeru: this is no WebAssembly; look at build/indirect_calls.py")
    at = len(HEADER)
    while at < len(module):
        size, begin = number(module, at + 1)
        yield module[at], module[begin : begin + size]
        at = begin + size


def after_operands(code: bytes, at: int, kinds: str) -> int:
    """Where an instruction's operands end that begin here."""
    for kind in kinds:
        if kind == "n":
            _value, at = number(code, at)
        elif kind == "m":
            alignment, at = number(code, at)
            at = after_operands(code, at, "nn" if alignment & MANY_MEMORIES else "n")
        elif kind == "b":
            at += 1
        elif kind == "v":
            count, at = number(code, at)
            at = after_operands(code, at, "n" * count)
        elif kind == "c":
            count, at = number(code, at)
            for _clause in range(count):
                at = after_operands(code, at + 1, "nn" if code[at] < CATCH_TAGGED else "n")
        else:
            at += int(kind)
    return at


def instructions(code: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Where each instruction begins, where it ends, and its first byte."""
    while at < len(code):
        begin, opcode = at, code[at]
        at += 1
        kinds = OPERANDS.get(opcode)
        if opcode in PREFIXED:
            second, at = number(code, at)
            kinds = PREFIXED[opcode].get(second)
        if kinds is None:
            sys.exit(f"kaeru: instruction {opcode:#x} is not known; look at build/indirect_calls.py")
        at = after_operands(code, at, kinds)
        yield begin, at, opcode


@dataclass
class Rewriting:
    """A module's types, how many functions it has, and its new ones by the operands of their calls."""

    module: bytes
    types: list[bytes] = field(default_factory=list)
    functions: int = 0
    shared: dict[bytes, int] = field(default_factory=dict)

    def result(self) -> bytes:
        parts = dict(sections(self.module))
        self.types = list(function_types(parts[TYPES]))
        own, at = number(parts[FUNCTIONS], 0)
        self.functions = own + imported_functions(parts.get(IMPORTS, b"\0"))
        bodies = [self.body(body) for body in vector_of_bodies(parts[CODE])]
        first_type = len(self.types)
        made = [self.caller(operands) for operands in self.shared]
        types = [*self.types, *(kind for kind, _ in made)]
        of_types = [encoded(first_type + index) for index in range(len(made))]
        bodies += [body for _, body in made]
        changed = {
            TYPES: encoded(len(types)) + b"".join(types),
            FUNCTIONS: encoded(own + len(made)) + parts[FUNCTIONS][at:] + b"".join(of_types),
            CODE: encoded(len(bodies)) + b"".join(map(sized, bodies)),
        }
        return HEADER + b"".join(
            bytes([kind]) + sized(changed.get(kind, content)) for kind, content in sections(self.module)
        )

    def body(self, body: bytes) -> bytes:
        """A function's body: its locals, then its code."""
        groups, at = number(body, 0)
        for _group in range(groups):
            at = after_operands(body, at, "nb")
        result, kept = bytearray(), 0
        for begin, end, opcode in instructions(body, at):
            if opcode == CALL_INDIRECT:
                operands = body[begin + 1 : end]
                index = self.shared.setdefault(operands, self.functions + len(self.shared))
                result += body[kept:begin] + bytes([CALL]) + encoded(index)
                kept = end
        return bytes(result + body[kept:])

    def caller(self, operands: bytes) -> tuple[bytes, bytes]:
        """The type and the body of a function that makes such a call; its last parameter says of what."""
        called = self.types[number(operands, 0)[0]]
        count, at = number(called, 1)
        parameters = encoded(count + 1) + called[at : at + count] + bytes([I32])
        kind = bytes([FUNCTION_TYPE]) + parameters + called[at + count :]
        code = b"".join(bytes([LOCAL_GET]) + encoded(index) for index in range(count + 1))
        return kind, b"\0" + PADDING + code + bytes([CALL_INDIRECT]) + operands + bytes([END])


def function_types(section: bytes) -> Iterator[bytes]:
    """Each type as it is written; all of them are of functions over numbers and plain references."""
    count, at = number(section, 0)
    for _type in range(count):
        begin = at
        if section[at] != FUNCTION_TYPE:
            sys.exit("kaeru: a type is not a function's; look at build/indirect_calls.py")
        for _side in ("parameters", "results"):
            length, at = number(section, at + (at == begin))
            at += length
        yield section[begin:at]


def imported_functions(section: bytes) -> int:
    found = 0
    count, at = number(section, 0)
    for _import in range(count):
        for _name in ("module", "field"):
            length, at = number(section, at)
            at += length
        kind, at = section[at], at + 1
        found += kind == 0
        if kind in (1, 2):  # a table says of what first; both have limits: flags, least and perhaps most
            at += kind == 1
            at = after_operands(section, at + 1, "nn" if section[at] & 1 else "n")
        else:  # a function's type; a global's and whether it changes; a tag's attribute and type
            at = after_operands(section, at, {0: "n", 3: "bb", 4: "bn"}[kind])
    return found


def vector_of_bodies(section: bytes) -> Iterator[bytes]:
    count, at = number(section, 0)
    for _body in range(count):
        size, at = number(section, at)
        yield section[at : at + size]
        at += size
