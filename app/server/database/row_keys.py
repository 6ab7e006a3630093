"""Passes the keys of many rows to one statement.

Accounts go as one bytes value, the other key columns as JSON. psycopg encodes PostgreSQL arrays value by
value in Python, which took a tenth of a dispatcher's time.
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


def key_is_in(dialect: str, *key: Any) -> ColumnElement[bool]:
    """Condition: a row's key (the account column, then text columns) is among `key_parameters`."""
    return tuple_(*key).in_(keys(dialect, len(key) - 1))


def key_parameters(row_keys: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Build the parameters for `key_is_in` from row keys, of which there is at least one."""
    accounts, *texts = zip(*row_keys, strict=True)
    # JSON has no bytes: the accounts are concatenated.
    return {"accounts": b"".join(accounts), "texts": json.dumps([*zip(*texts, strict=True)])}


@cache
def keys(dialect: str, texts: int) -> Select[Any]:
    if dialect == "sqlite":
        each = func.json_each(bindparam("texts")).table_valued("key", "value")
        account = func.substr(bindparam("accounts"), each.c.key * ACCOUNT_BYTES + 1, ACCOUNT_BYTES)
        return select(account, *(func.json_extract(each.c.value, f"$[{place}]") for place in range(texts)))
    elements = func.jsonb_array_elements(cast(bindparam("texts", type_=Text), JSONB))
    each = elements.table_valued(column("value", JSONB), with_ordinality="number").render_derived()
    first = cast(each.c.number - 1, Integer) * ACCOUNT_BYTES + 1
    account = func.substr(cast(bindparam("accounts"), LargeBinary), first, ACCOUNT_BYTES)
    return select(account, *(each.c.value[place].astext for place in range(texts)))
