"""Migrates the server's database with Alembic and checks its version."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

# Key of the PostgreSQL advisory lock held while migrating: arbitrary, the same in every version.
MIGRATION_LOCK = 0x6B61657275


class DatabaseVersionError(Exception):
    """The database has another version than this server. The message states a remedy."""


def upgrade(engine: Engine) -> None:
    """Apply the missing migrations in one transaction. Raises DatabaseVersionError."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        if is_newer(connection):
            raise newer_version_error()
        if not is_current(connection):
            configuration = config()
            configuration.attributes["connection"] = connection
            command.upgrade(configuration, "head")


def check(connection: Connection) -> None:
    """Raise DatabaseVersionError unless the database has this server's version."""
    if is_newer(connection):
        raise newer_version_error()
    if not is_current(connection):
        raise DatabaseVersionError("The database is not of this version. Run: kaeru db upgrade")


def is_current(connection: Connection) -> bool:
    return revision_of(connection) == scripts().get_current_head()


def is_newer(connection: Connection) -> bool:
    """Whether the database's revision is unknown here, so that a newer server created it."""
    revision = revision_of(connection)
    return revision is not None and all(revision != script.revision for script in scripts().walk_revisions())


def newer_version_error() -> DatabaseVersionError:
    return DatabaseVersionError("A newer version of Kaeru made this database. Install that version again.")


def revision_of(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@cache
def scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(config())


def config() -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    return configuration
