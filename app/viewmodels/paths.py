"""Addresses as stacks of screens: `/clients/client/4f…/job/a1…` is a job over a client over the list."""

from urllib.parse import parse_qs, urlencode

AT = "at"


def without_query(route: str) -> str:
    return route.partition("?")[0].rstrip("/")


def pointing_at(route: str, target: str) -> str:
    """Add the id of the record to scroll to; an empty `target` leaves the route unchanged."""
    return f"{without_query(route)}?{urlencode({AT: target})}" if target else route


def target(route: str) -> str:
    """The id of the record to scroll to; empty for the top of the screen."""
    return parse_qs(route.partition("?")[2]).get(AT, [""])[0]


def is_within(route: str, base: str) -> bool:
    """Whether the stack of `route` contains the screen at `base`, on top or below others."""
    return f"{without_query(route)}/".startswith(f"{without_query(base)}/")


def stacked(route: str, kind: str, key: str) -> str:
    """Put a screen on top of the stack, or return to it if the stack already contains it."""
    segment = f"/{kind}/{key}"
    base = f"{without_query(route)}/".partition(f"{segment}/")[0].rstrip("/")
    return base + segment


def parent(route: str) -> str:
    """The address without its top screen; "/" for a main destination."""
    parts = without_query(route).strip("/").split("/")
    return "/" + "/".join(parts[:-2])


def below(route: str, *kinds: str) -> tuple[str, str] | None:
    """The nearest screen of one of these kinds below the top one, as (kind, key)."""
    parts = without_query(parent(route)).strip("/").split("/")
    # A main destination is a single segment, so (kind, key) pairs are counted from the end.
    pairs = [(parts[i - 1], parts[i]) for i in range(len(parts) - 1, 0, -2)]
    return next(((kind, key) for kind, key in pairs if kind in kinds), None)


def leaving(route: str, key: str) -> str:
    """The address below the lowest screen about `key`, for use after that record is deleted."""
    base = f"{without_query(route)}/".partition(f"/{key}/")[0]
    return base.rpartition("/")[0] or "/"
