"""Run the app in the pseudo-locale with sample data, as native.py does: `python -m tests.e2e.pseudo PORT`."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from app.domain.entities import Settings
from app.store import sample
from app.store.database import open_database
from app.store.store import Store
from tests import pseudo_locale
from tests.e2e import native

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)  # a Wednesday


def main() -> None:
    from app.ui import app

    data = Path(os.environ["KAERU_DATA"])
    with pseudo_locale.added(data / "locales"):
        store = Store(open_database(data / "kaeru.db"), lambda: NOW)
        store.save(
            Settings(
                introduced=True, language=pseudo_locale.CODE, time_zone="Europe/Paris", name="[Îšýđöö]",
                currency="EUR", holiday_country="FR",
            )
        )  # fmt: skip
        sample.load_sample(store, pseudo_locale.CODE, NOW)
        store.close()
        vars(app).update(utc_now=lambda: NOW)
        native.main()


if __name__ == "__main__":
    sys.exit(main())
