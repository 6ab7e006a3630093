"""The address as a stack of screens: `/clients/client/4f…/job/a1…` is a job over a client over the list."""

from urllib.parse import parse_qs, urlencode

AT = "at"


def without_query(route: str) -> str:
    return route.partition("?")[0].rstrip("/")


def pointing_at(route: str, target: str) -> str:
    """The address that has a thing on its screen come into view, by the thing's id."""
    return f"{without_query(route)}?{urlencode({AT: target})}" if target else route


def target(route: str) -> str:
    """The thing that an address points at; empty for the top of the screen."""
    return parse_qs(route.partition("?")[2]).get(AT, [""])[0]


def is_within(route: str, base: str) -> bool:
    """Whether an address shows the screen of `base`, on top or under others."""
    return f"{without_query(route)}/".startswith(f"{without_query(base)}/")


def stacked(route: str, kind: str, key: str) -> str:
    """The address with a screen put on top; one that is already in the stack is returned to instead."""
    segment = f"/{kind}/{key}"
    base = f"{without_query(route)}/".partition(f"{segment}/")[0].rstrip("/")
    return base + segment


def parent(route: str) -> str:
    """The address of the screen below the top one; a main destination's own when nothing is below."""
    parts = without_query(route).strip("/").split("/")
    return "/" + "/".join(parts[:-2])


def below(route: str, *kinds: str) -> tuple[str, str] | None:
    """The nearest screen of one of these kinds under the top one, as (kind, key)."""
    parts = without_query(parent(route)).strip("/").split("/")
    # A main destination is one word, so pairs are counted from the top.
    pairs = [(parts[i - 1], parts[i]) for i in range(len(parts) - 1, 0, -2)]
    return next(((kind, key) for kind, key in pairs if kind in kinds), None)


def leaving(route: str, key: str) -> str:
    """The address under the lowest screen about `key`: for when that thing is no more."""
    base = f"{without_query(route)}/".partition(f"/{key}/")[0]
    return base.rpartition("/")[0] or "/"
