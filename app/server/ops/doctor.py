"""Finds unsafe or incomplete settings, which `kaeru doctor` prints and the server logs on startup."""

import shutil
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from app.server.database import migrations
from app.server.database.tables import AccountRow
from app.server.settings import ServerSettings

LEAST_FREE_BYTES, LEAST_FREE_SHARE = 1_000_000_000, 0.05
SECURE_SSL_MODES = {"require", "verify-ca", "verify-full"}


def findings(settings: ServerSettings, engine: Engine) -> list[str]:
    """Return the findings as sentences with a remedy, most important first. They contain no secrets."""
    return [
        *access_findings(settings),
        *push_findings(settings),
        *file_findings(settings),
        *database_findings(settings, engine),
    ]


def is_reachable(settings: ServerSettings) -> bool:
    """Whether the server is reachable from other machines, directly or through a proxy."""
    return bool(settings.trusted_proxies) or not is_local(settings.host)


def is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_on_network(host: str) -> bool:
    """Whether a database host is another machine: neither this one nor a Unix socket directory."""
    return bool(host) and not (is_local(host) or host.startswith(("/", "@")))


def access_findings(settings: ServerSettings) -> Iterator[str]:
    if settings.new_accounts and not settings.accounts and is_reachable(settings):
        yield (
            "Anyone who reaches this server may start accounts, and their number has no limit."
            " Set KAERU_ACCOUNTS, or KAERU_NEW_ACCOUNTS=false."
        )
    if not is_local(settings.host) and not settings.trusted_proxies:
        yield (
            f"The server listens on {settings.host} without a trusted proxy: what devices send is not"
            " encrypted on its way, and a proxy's visitors count as one address."
            " Put a proxy with HTTPS in front and name it in KAERU_TRUSTED_PROXIES."
        )
    for proxy in filter(None, settings.trusted_proxies.split(",")):
        if ip_network(proxy).prefixlen == 0:
            yield (
                f"KAERU_TRUSTED_PROXIES={proxy} believes everybody: any client can pretend to have"
                " any address. Name only your proxies."
            )


def push_findings(settings: ServerSettings) -> Iterator[str]:
    if settings.push_services.strip().lower() == "none":
        return
    unset = settings.push_contact == ServerSettings.model_fields["push_contact"].default
    if unset and is_reachable(settings):  # browsers require HTTPS for push
        yield (
            "KAERU_PUSH_CONTACT is not set: Apple's push service refuses notifications without it."
            " Set it to mailto: and your address."
        )
    if settings.push_testing:
        yield "KAERU_PUSH_TESTING lets devices make this server call private addresses. Unset it."


def file_findings(settings: ServerSettings) -> Iterator[str]:
    if not settings.data.is_dir():
        return
    if settings.data.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield f"{settings.data} is open to other users of this machine. Run: chmod 700 {settings.data}"
    usage = shutil.disk_usage(settings.data)
    if usage.free < min(LEAST_FREE_BYTES, usage.total * LEAST_FREE_SHARE):
        yield f"The disk of {settings.data} is almost full: {usage.free // 1_000_000} MB are left."


def database_findings(settings: ServerSettings, engine: Engine) -> Iterator[str]:
    address = settings.database
    if address.file is not None and not address.file.exists():
        return  # connecting would create it
    secure = address.parameters.get("sslmode") in SECURE_SSL_MODES
    if any(map(is_on_network, address.hosts)) and not secure:
        yield (
            "The connection to PostgreSQL on another machine may be unencrypted."
            " Add ?sslmode=verify-full to KAERU_DATABASE_URL."
        )
    try:
        with engine.connect() as connection:
            migrations.check(connection)
            if settings.new_accounts and settings.accounts:
                some = select(col(AccountRow.id)).limit(settings.accounts).subquery()
                count = connection.execute(select(func.count()).select_from(some)).scalar_one()
                if count >= settings.accounts:
                    yield f"No more accounts may start: there are {settings.accounts}. See KAERU_ACCOUNTS."
            until = connection.execute(select(func.max(col(AccountRow.guarded_until)))).scalar_one()
            if until is not None and until > datetime.now(UTC):
                yield (
                    f"The database was restored: until {until:%Y-%m-%d} no device can shut out another one."
                    " If nobody was shut out since the backup, run: kaeru db restored --lift"
                )
    except migrations.DatabaseVersionError as error:
        yield str(error)
    except DBAPIError as error:
        yield f"The database cannot be used ({type(error.orig).__name__})."
