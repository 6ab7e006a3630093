"""Many rows in one statement: their keys are handed over together, so the database is asked once for all."""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    LargeBinary,
    Select,
    String,
    bindparam,
    cast,
    func,
    select,
    tuple_,
)
from sqlalchemy.types import NullType

ACCOUNT_BYTES = 16
ACCOUNTS, TEXTS = "accounts", "texts"


def among(dialect: str, account: ColumnElement[bytes], *texts: ColumnElement[str]) -> ColumnElement[bool]:
    """That a row's key, an account and texts, is one of those given as `handed` says."""
    return tuple_(account, *texts).in_(keys(dialect, len(texts)))


@cache
def keys(dialect: str, texts: int) -> Select[Any]:
    if dialect == "sqlite":
        # It knows no arrays, and JSON no bytes: the accounts are one behind the other.
        each = func.json_each(bindparam(TEXTS)).table_valued("key", "value")
        account = func.substr(bindparam(ACCOUNTS, type_=LargeBinary()), each.c.key * ACCOUNT_BYTES + 1, ACCOUNT_BYTES)
        return select(account, *(func.json_extract(each.c.value, f"$[{place}]") for place in range(texts)))
    arrays = [cast(bindparam(ACCOUNTS, type_=NullType()), ARRAY(LargeBinary))]
    arrays += [cast(bindparam(f"{TEXTS}_{place}", type_=NullType()), ARRAY(String)) for place in range(texts)]
    names = [f"key_{place}" for place in range(texts + 1)]
    given = func.unnest(*arrays).table_valued(*names).render_derived()
    return select(*given.c)


def handed(dialect: str, found: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    """The parameters of a statement about the rows that have these keys; there is at least one."""
    accounts, *texts = zip(*found, strict=True)
    if dialect == "sqlite":
        return {ACCOUNTS: b"".join(accounts), TEXTS: json.dumps([key[1:] for key in found])}
    return {ACCOUNTS: list(accounts), **{f"{TEXTS}_{place}": list(each) for place, each in enumerate(texts)}}
