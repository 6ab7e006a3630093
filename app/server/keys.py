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

from app.server.access import ACCOUNT_BYTES


def among(dialect: str, *key: Any) -> ColumnElement[bool]:
    """Whether a row's key, columns of an account and of texts, is one of those that are `handed` over."""
    return tuple_(*key).in_(keys(dialect, len(key) - 1))


def handed(dialect: str, found: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """The parameters of a statement about rows, from their keys; there is at least one."""
    accounts, *texts = zip(*found, strict=True)
    if dialect == "sqlite":
        return {"accounts": b"".join(accounts), "texts": json.dumps([*zip(*texts, strict=True)])}
    return {"accounts": [*accounts], **{name_of(place): [*each] for place, each in enumerate(texts)}}


@cache
def keys(dialect: str, texts: int) -> Select[Any]:
    if dialect == "sqlite":
        # It knows no arrays, and JSON no bytes: the accounts come one behind the other.
        each = func.json_each(bindparam("texts")).table_valued("key", "value")
        account = func.substr(bindparam("accounts"), each.c.key * ACCOUNT_BYTES + 1, ACCOUNT_BYTES)
        return select(account, *(func.json_extract(each.c.value, f"$[{place}]") for place in range(texts)))
    names = [name_of(place) for place in range(texts)]
    accounts = cast(bindparam("accounts"), ARRAY(LargeBinary))
    arrays = [accounts, *(cast(bindparam(name), ARRAY(String)) for name in names)]
    given = func.unnest(*arrays).table_valued("account", *names)
    return select(*given.render_derived().c)


def name_of(place: int) -> str:
    return f"text_{place}"
