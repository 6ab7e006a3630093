"""The Flet entry point: phone, browser and development all start here."""

import flet as ft

from app.ui.app import main

ft.run(main)
