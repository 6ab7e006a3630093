"""The server's settings, read from environment variables and listed by `kaeru --help`."""

from ipaddress import ip_network
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.server.database.address import AddressError, DatabaseAddress
from app.server.signing_key import read_private_key

REPOSITORY = Path(__file__).resolve().parents[2]
# Push services of Chromium browsers, Firefox, Edge and Safari.
PUSH_SERVICES = (
    "fcm.googleapis.com,jmt17.google.com,*.push.services.mozilla.com,*.notify.windows.com,*.push.apple.com"
)


NO_CONTACT = "mailto:unset@kaeru.invalid"


class ServerSettings(BaseSettings):
    """All settings. An invalid value raises `pydantic.ValidationError`, naming the variable."""

    model_config = SettingsConfigDict(populate_by_name=True, env_ignore_empty=True, hide_input_in_errors=True)

    host: str = Field(
        default="127.0.0.1",
        validation_alias=AliasChoices("KAERU_HOST", "HOST"),
        description="address to listen on; 0.0.0.0 for every one of this machine",
    )
    port: int = Field(
        default=8000,
        ge=0,
        le=65535,
        validation_alias=AliasChoices("KAERU_PORT", "PORT"),
        description="TCP port to listen on; 0 for any that is free",
    )
    data: Path = Field(
        default=Path("data"),
        validation_alias=AliasChoices("KAERU_DATA"),
        description="folder for what the server keeps; made if it is not there",
    )
    database_url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("KAERU_DATABASE_URL"),
        description="postgresql://user:password@host/name, also with several hosts as libpq takes them:"
        " host1:5432,host2:5432. Without one, SQLite in the data folder",
    )
    database_connections: int = Field(
        default=8,
        ge=1,
        validation_alias=AliasChoices("KAERU_DATABASE_CONNECTIONS"),
        description="connections to PostgreSQL, or readers of SQLite, at the same time",
    )
    database_connect_seconds: int = Field(
        default=5,
        ge=2,  # libpq's minimum
        le=60,
        validation_alias=AliasChoices("KAERU_DATABASE_CONNECT_SECONDS"),
        description="how long connecting to one host of PostgreSQL may take",
    )
    database_seconds: float = Field(
        default=10,
        ge=1,
        le=120,
        validation_alias=AliasChoices("KAERU_DATABASE_SECONDS"),
        description="how long a request waits for PostgreSQL, connecting included, before it is answered 503",
    )
    web: Path = Field(
        default=REPOSITORY / "build" / "out" / "web",
        validation_alias=AliasChoices("KAERU_WEB"),
        description="folder of the packaged app, as `make pwa` writes it",
    )
    new_accounts: bool = Field(
        default=True,
        validation_alias=AliasChoices("KAERU_NEW_ACCOUNTS"),
        description="whether anyone who reaches the server may start an account: true or false",
    )
    accounts: int = Field(
        default=1000,
        ge=0,
        validation_alias=AliasChoices("KAERU_ACCOUNTS"),
        description="most accounts that the server keeps; 0 for any number",
    )
    accounts_an_hour: int = Field(
        default=100,
        ge=1,
        validation_alias=AliasChoices("KAERU_ACCOUNTS_AN_HOUR"),
        description="most accounts started in an hour, on the whole server",
    )
    idle_days: int = Field(
        default=730,
        ge=0,
        validation_alias=AliasChoices("KAERU_IDLE_DAYS"),
        description="days after which an account is deleted if none of its devices synced, was registered or"
        " revoked, or changed the key (30 days after the server has noticed); 0 for never",
    )
    account_megabytes: int = Field(
        default=200,
        ge=1,
        validation_alias=AliasChoices("KAERU_ACCOUNT_MEGABYTES"),
        description="most an account's sealed records and reminders may add up to, in MB",
    )
    account_records: int = Field(
        default=200_000,
        ge=1,
        validation_alias=AliasChoices("KAERU_ACCOUNT_RECORDS"),
        description="most records an account may have, deleted ones included",
    )
    account_devices: int = Field(
        default=20,
        ge=1,
        validation_alias=AliasChoices("KAERU_ACCOUNT_DEVICES"),
        description="most devices an account may have at a time",
    )
    address_rate: int = Field(
        default=1200,
        ge=1,
        validation_alias=AliasChoices("KAERU_ADDRESS_RATE"),
        description="requests to the API a minute from one address (IPv6: from one /64 network)",
    )
    account_rate: int = Field(
        default=600,
        ge=1,
        validation_alias=AliasChoices("KAERU_ACCOUNT_RATE"),
        description="requests to the API a minute for one account",
    )
    registration_rate: int = Field(
        default=60,
        ge=1,
        validation_alias=AliasChoices("KAERU_REGISTRATION_RATE"),
        description="registrations of a device, and claims of a pairing, an hour from one address",
    )
    head_seconds: int = Field(
        default=10,
        ge=1,
        validation_alias=AliasChoices("KAERU_HEAD_SECONDS"),
        description="how long a request's line and headers may take to arrive",
    )
    body_seconds: int = Field(
        default=20,
        ge=1,
        validation_alias=AliasChoices("KAERU_BODY_SECONDS"),
        description="how long a request's body may take to arrive, and longer only at the least rate",
    )
    body_rate: int = Field(
        default=1000,
        ge=1,
        validation_alias=AliasChoices("KAERU_BODY_RATE"),
        description="least rate, in bytes a second, of a body that takes longer than that",
    )
    idle_seconds: int = Field(
        default=60,
        ge=1,
        validation_alias=AliasChoices("KAERU_IDLE_SECONDS"),
        description="how long a connection without a request is kept open",
    )
    connections: int = Field(
        default=2000,
        ge=1,
        validation_alias=AliasChoices("KAERU_CONNECTIONS"),
        description="connections at a time; where there are more, the one that was idle for the longest is"
        " closed",
    )
    address_connections: int = Field(
        default=200,
        ge=1,
        validation_alias=AliasChoices("KAERU_ADDRESS_CONNECTIONS"),
        description="of them, those from one address (IPv6: from one /64 network) that is no trusted proxy",
    )
    push_services: str = Field(
        default=PUSH_SERVICES,
        validation_alias=AliasChoices("KAERU_PUSH_SERVICES"),
        description="hosts of the push services that may be called, separated by commas; * stands for any"
        " characters. none: nobody is rung",
    )
    push_contact: str = Field(
        default=NO_CONTACT,
        pattern=r"^(mailto:[^@\s]+@[^@\s]+|https://\S+)$",
        validation_alias=AliasChoices("KAERU_PUSH_CONTACT"),
        description="mailto: or https: address at which push services reach who runs this server; some, as"
        " Apple's, refuse what comes without a real one",
    )
    security_contact: str | None = Field(
        default=None,
        pattern=r"^(mailto:[^@\s]+@[^@\s]+|https://\S+|tel:\+[0-9-]+)$",
        validation_alias=AliasChoices("KAERU_SECURITY_CONTACT"),
        description="mailto:, https: or tel: address for reports of security weaknesses, published at"
        " /.well-known/security.txt. Without one, KAERU_PUSH_CONTACT is published if it is set",
    )
    vapid_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("KAERU_VAPID_KEY"),
        description="private key that push services know this server by: P-256, its 32 bytes in base64url."
        " Without one, the server makes one and keeps it in the database",
    )
    push_testing: bool = Field(
        default=False,
        validation_alias=AliasChoices("KAERU_PUSH_TESTING"),
        description="for tests only: push services may be at private addresses, at any port, without TLS",
    )
    dispatcher: bool = Field(
        default=True,
        validation_alias=AliasChoices("KAERU_DISPATCHER"),
        description="whether `kaeru serve` also sends the reminders that fall due; false where"
        " `kaeru dispatch` does",
    )
    trusted_proxies: str = Field(
        default="",
        validation_alias=AliasChoices("KAERU_TRUSTED_PROXIES"),
        description="addresses or networks, separated by commas, of the reverse proxies whose"
        " X-Forwarded-For and X-Forwarded-Proto are believed; nobody's by default",
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        min_length=16,
        validation_alias=AliasChoices("KAERU_METRICS_TOKEN"),
        description="bearer token that may read /metrics; without one nobody may",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info",
        validation_alias=AliasChoices("KAERU_LOG_LEVEL"),
        description="least severe level to log: debug, info (every request), warning or error",
    )
    shutdown_seconds: int = Field(
        default=10,
        ge=0,
        validation_alias=AliasChoices("KAERU_SHUTDOWN_SECONDS"),
        description="how long requests under way may take to finish when the server is stopped",
    )

    @field_validator("database_url")
    @classmethod
    def validate_database_url(cls, value: SecretStr | None) -> SecretStr | None:
        """Validate the PostgreSQL URL. Errors don't quote it: it may contain a password."""
        if value is not None:
            try:
                DatabaseAddress.of_url(value.get_secret_value(), 2)
            except AddressError as error:
                raise ValueError(str(error)) from None
        return value

    @field_validator("vapid_key")
    @classmethod
    def validate_vapid_key(cls, value: SecretStr | None) -> SecretStr | None:
        """Validate the P-256 private key. Errors don't quote it."""
        if value is not None:
            try:
                read_private_key(value.get_secret_value())
            except ValueError:
                raise ValueError("must be 32 bytes in base64url, a private key of P-256") from None
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def validate_trusted_proxies(cls, value: str) -> str:
        """Accept only addresses and networks: a host name would never match a request's address."""
        proxies = [proxy.strip() for proxy in value.split(",") if proxy.strip()]
        for proxy in proxies:
            ip_network(proxy)
        return ",".join(proxies)

    @property
    def security_address(self) -> str | None:
        """Contact for security reports; None if the operator configured no contact."""
        if self.security_contact is not None:
            return self.security_contact
        return None if self.push_contact == NO_CONTACT else self.push_contact

    @property
    def database(self) -> DatabaseAddress:
        """The database's address."""
        if self.database_url is None:
            return DatabaseAddress(file=self.data / "kaeru.db")
        return DatabaseAddress.of_url(self.database_url.get_secret_value(), self.database_connect_seconds)


def variables(name: str) -> list[str]:
    """The environment variables that set a field, in order of precedence."""
    alias = ServerSettings.model_fields[name].validation_alias
    return [str(choice) for choice in alias.choices] if isinstance(alias, AliasChoices) else [name]
