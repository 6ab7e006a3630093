"""The second seed as a story in French: calls are counted, then let ring; Friday's call takes their place."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from playwright.sync_api import Page

from tests.e2e import content
from tests.e2e.hands import Hands

PARIS = ZoneInfo("Europe/Paris")
CLIENT = "Lemoine"


def test_the_consultant_who_is_called_all_day(start_story: Callable[..., Page]) -> None:
    play(Hands(start_story(locale="fr-FR", timezone_id="Europe/Paris"), "fr"))


def play(h: Hands) -> None:
    first_run(h)
    agrees_on_a_standing_call(h)
    answers_a_check_in_with_what_was_sent(h)
    takes_two_calls_and_lets_the_third_ring(h)
    writes_that_it_can_wait_for_friday(h)


def first_run(h: Hands) -> None:
    h.see("Répondez à temps")
    h.tap(h.say("Next"))
    h.type(h.say("Your name"), "Claire Martin")
    h.tap(h.say("Next"))
    h.tap(h.say("Start"))
    h.see(h.say("Your replies and deadlines gather here"))


def agrees_on_a_standing_call(h: Hands) -> None:
    h.tap(h.say("Clients"), "tab")
    h.tap(h.say("New client"))
    h.type(h.say("Name"), CLIENT)
    h.type(h.say("How you address them"), "M.")
    h.tick("ven.")
    h.tap(h.say("Save"))
    h.see(CLIENT, "vendredi")


def answers_a_check_in_with_what_was_sent(h: Hands) -> None:
    """An update sent before being asked answers the check-in that comes all the same."""
    h.tap(h.say("Update"))
    h.type(h.say("What you told them"), "Le dossier de subvention est parti ce matin à la mairie.")
    h.tap(h.say("Save"))
    h.tap(h.say("Message"))
    h.type(h.say("What is it about?"), "dossier de subvention")
    h.tap(h.say("Check-in"), "checkbox")
    h.tap(h.say("Save"))
    h.see("Le dossier de subvention est parti ce matin à la mairie.")
    h.tap(content.script_title("fr", "already-sent"))
    h.tap(h.say("Copy"))
    assert "Le dossier de subvention est parti ce matin à la mairie." in h.copied()
    h.tap(h.say("Mark as replied"))
    h.back()
    h.see(h.say("Answered in"))
    h.back()


def takes_two_calls_and_lets_the_third_ring(h: Hands) -> None:
    for left in (1, 0):
        h.tap(h.say("Call"), exact=True)
        h.tap(h.say("Taken"))
        if left:
            h.see(h.say("{left} of {whole} unscheduled calls left this week: your choice.", left=1, whole=2))
            h.back()
    h.see("laissez sonner")
    h.back()
    h.tap(h.say("Call"), exact=True)
    h.tap(h.say("Voicemail"))
    h.tap(h.say("Only “call me back”"), "checkbox")
    h.see("laissez sonner")


def writes_that_it_can_wait_for_friday(h: Hands) -> None:
    h.tap(content.script_title("fr", "voicemail-next-call"))
    h.tap(h.say("Copy"))
    said = h.copied()
    assert said.startswith(f"Bonjour M. {CLIENT},")
    assert "J’ai bien reçu votre message vocal." in said
    assert f"notre appel du {friday()}" in said
    h.back()


def friday() -> str:
    """The next Friday at ten, worded."""
    now = datetime.now(PARIS)
    day = now.date() + timedelta(days=(4 - now.weekday()) % 7)
    if datetime.combine(day, time(10), PARIS) <= now:
        day += timedelta(days=7)
    return format_date(day, "EEEE d MMMM", locale="fr")
