"""The server's settings, each an environment variable; `kaeru --help` lists them from here."""

from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

REPOSITORY = Path(__file__).resolve().parents[2]


class Settings(BaseSettings):
    """What can be set. A value that does not fit raises `pydantic.ValidationError`, naming the variable."""

    model_config = SettingsConfigDict(populate_by_name=True, env_ignore_empty=True)

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
    web: Path = Field(
        default=REPOSITORY / "build" / "out" / "web",
        validation_alias=AliasChoices("KAERU_WEB"),
        description="folder of the packaged app, as `make pwa` writes it",
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


def variables(name: str) -> list[str]:
    """The environment variables that set a field, the one that wins first."""
    alias = Settings.model_fields[name].validation_alias
    return [str(choice) for choice in alias.choices] if isinstance(alias, AliasChoices) else [name]
