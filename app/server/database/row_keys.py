"""Many rows in one statement: their keys are handed over together, so the database is asked once for all.

They go as one string of bytes and one of JSON. PostgreSQL would take arrays, too: psycopg writes these value
by value, in Python, which took a tenth of all that a dispatcher needs.
"""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    LargeBinary,
    Select,
    Text,
    bindparam,
    cast,
    column,
    func,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.server.database.tables import ACCOUNT_BYTES


def among(dialect: str, *key: Any) -> ColumnElement[bool]:
    """Whether a row's key, columns of an account and of texts, is one of those that are `handed` over."""
    return tuple_(*key).in_(keys(dialect, len(key) - 1))


def handed(found: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """The parameters of a statement about rows, from their keys; there is at least one."""
    accounts, *texts = zip(*found, strict=True)
    # JSON knows no bytes: the accounts come one behind the other.
    return {"accounts": b"".join(accounts), "texts": json.dumps([*zip(*texts, strict=True)])}


@cache
def keys(dialect: str, texts: int) -> Select[Any]:
    if dialect == "sqlite":
        each = func.json_each(bindparam("texts")).table_valued("key", "value")
        account = func.substr(bindparam("accounts"), each.c.key * ACCOUNT_BYTES + 1, ACCOUNT_BYTES)
        return select(account, *(func.json_extract(each.c.value, f"$[{place}]") for place in range(texts)))
    given = func.jsonb_array_elements(cast(bindparam("texts", type_=Text), JSONB))
    each = given.table_valued(column("value", JSONB), with_ordinality="number").render_derived()
    first = cast(each.c.number - 1, Integer) * ACCOUNT_BYTES + 1
    account = func.substr(cast(bindparam("accounts"), LargeBinary), first, ACCOUNT_BYTES)
    return select(account, *(each.c.value[place].astext for place in range(texts)))
