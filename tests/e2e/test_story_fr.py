"""The second seed as a story in French: six calls a day are counted, answered with what was sent, let ring.

The talk about them ends in a standing call, which takes their place.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from playwright.sync_api import Page

from tests.e2e import content
from tests.e2e.hands import Hands

PARIS = ZoneInfo("Europe/Paris")
REUNION = ZoneInfo("Indian/Reunion")
CLIENT = "Lemoine"
TEN = time(10)


def test_the_consultant_who_is_called_all_day(start_story: Callable[..., Page]) -> None:
    zone = calm_zone()
    play(Hands(start_story(locale="fr-FR", timezone_id=zone.key), "fr"), next_at_ten(zone))


def calm_zone() -> ZoneInfo:
    """One in which it will not strike ten while the story is played: what is told would be another day."""
    now = datetime.now(PARIS).time()
    return REUNION if time(9, 50) <= now <= TEN else PARIS


def next_at_ten(zone: ZoneInfo) -> datetime:
    """Today or tomorrow: soon enough for Today to show it."""
    now = datetime.now(zone)
    return datetime.combine(now.date() + timedelta(days=now.time() >= TEN), TEN, zone)


def play(h: Hands, next_call: datetime) -> None:
    first_run(h)
    notes_the_client(h)
    answers_a_check_in_with_what_was_sent(h)
    takes_two_calls_and_lets_the_others_ring(h)
    talks_about_it_and_they_agree(h, next_call)
    writes_that_it_can_wait_for_the_next_call(h, next_call)
    finds_the_standing_call_in_today(h)


def first_run(h: Hands) -> None:
    h.see("Répondez à temps")
    h.tap(h.say("Next"))
    h.type(h.say("Your name"), "Claire Martin")
    h.tap(h.say("Next"))
    h.tap(h.say("Start"))
    h.see(h.say("Your replies and deadlines gather here"))


def notes_the_client(h: Hands) -> None:
    h.tap(h.say("Clients", "tab"), "tab")
    h.tap(h.say("New client"))
    h.type(h.say("Name"), CLIENT)
    h.type(h.say("How you address them"), "M.")
    h.tap(h.say("Save"))
    h.see(f"M. {CLIENT}")


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


def takes_two_calls_and_lets_the_others_ring(h: Hands) -> None:
    for left in (1, 0):
        h.tap(h.say("Call"), exact=True)
        h.tap(h.say("Taken"), "checkbox", exact=True)
        if left:
            h.see(h.say("{left} of {whole} unscheduled calls left this week: your choice.", left=1, whole=2))
            h.back()
    h.see("laissez sonner")
    h.back()
    for _call in range(3):
        h.tap(h.say("Call"), exact=True)
        h.tap(h.say("Missed"), "checkbox", exact=True)
        h.see("laissez sonner")
        h.back()


def talks_about_it_and_they_agree(h: Hands, next_call: datetime) -> None:
    """The evidence, the words of the first step, and what came of them; nothing more is asked for a week."""
    first_step = h.say("Propose a standing call")
    h.tap(h.say("Next: {step}", step=first_step))
    h.see("5 appels imprévus", h.say("Over the allowance:"), h.say("Next: {step}", step=first_step))
    h.tap(h.say("Fill in and send…"))
    h.type(h.say("Standing call"), "un appel chaque semaine")
    h.tap(h.say("Copy"))
    assert "fixer avec vous un appel chaque semaine" in h.copied()
    h.tap(h.say("I said it"))
    h.back()
    h.tap(h.say("They agreed…"))
    h.tick(format_date(next_call, "EEE", locale="fr"))
    h.tap(h.say("Save"))
    h.see(h.say("They agreed"), h.say("They keep to it for now. Leave them in peace."))
    h.back()
    h.see(h.say("You talk next"))


def writes_that_it_can_wait_for_the_next_call(h: Hands, next_call: datetime) -> None:
    h.tap(h.say("Call"), exact=True)
    h.tap(h.say("Voicemail"), "checkbox", exact=True)
    h.tap(h.say("Only “call me back”"), "checkbox")
    h.see("laissez sonner")
    h.tap(content.script_title("fr", "voicemail-next-call"))
    h.tap(h.say("Copy"))
    said = h.copied()
    assert said.startswith(f"Bonjour M. {CLIENT},")
    assert "J’ai bien reçu votre message vocal." in said
    assert f"notre appel du {format_date(next_call, 'EEEE d MMMM', locale='fr')}" in said
    h.back()
    h.back()


def finds_the_standing_call_in_today(h: Hands) -> None:
    h.back()
    h.tap(h.say("Today", "tab"), "tab")
    h.see(CLIENT, h.say("Standing call"))
