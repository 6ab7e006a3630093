"""The one list of the app's languages. To add one: an entry here and a folder of locales/ (CONTRIBUTING.md).

What a language does not have in its folder is in English. A rule of grammar that the code does not know for
it is that of CLDR or of English.
"""

LANGUAGES = {"en": "English", "ja": "日本語", "fr": "Français"}
"""What each language calls itself, by its code in CLDR, which also names its folder; in the order shown."""

# Those whose grammar the code knows.
ENGLISH, JAPANESE, FRENCH = "en", "ja", "fr"
