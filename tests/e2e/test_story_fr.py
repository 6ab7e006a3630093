"""The second seed as a story in French: a client calls six times a day; calls are counted and left to ring.

The client refuses the first proposal, gets an answer with the counted calls, and agrees to the standing call
that was proposed.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from playwright.sync_api import Page, expect

from app.domain.holidays import HolidayDays
from tests.e2e import content
from tests.e2e.browser import ACTION_MS
from tests.e2e.hands import Hands

PARIS = ZoneInfo("Europe/Paris")
REUNION = ZoneInfo("Indian/Reunion")
CLIENT = "Lemoine"
TEN = time(10)


def test_story_of_a_consultant_whose_client_calls_all_day(start_story: Callable[..., Page]) -> None:
    zone = zone_not_near_ten()
    play(Hands(start_story(locale="fr-FR", timezone_id=zone.key), "fr"), next_at_ten(zone))


def zone_not_near_ten() -> ZoneInfo:
    """A time zone in which it does not turn ten during the story, as that changes the day of the call."""
    now = datetime.now(PARIS).time()
    return REUNION if time(9, 50) <= now <= TEN else PARIS


def next_at_ten(zone: ZoneInfo) -> datetime:
    """Ten o'clock today or tomorrow, or on the first day after that which is no public holiday."""
    now = datetime.now(zone)
    day, holidays = now.date() + timedelta(days=now.time() >= TEN), HolidayDays("FR")
    while day in holidays:
        day += timedelta(days=1)
    return datetime.combine(day, TEN, zone)


def play(h: Hands, next_call: datetime) -> None:
    first_run(h)
    notes_the_client(h)
    answers_a_check_in_with_what_was_sent(h)
    answers_a_voicemail_with_an_e_mail_and_marks_it_as_a_check_in(h)
    takes_two_calls_and_lets_the_others_ring(h)
    talks_about_it_and_they_refuse(h, next_call)
    answers_the_refusal_at_once_and_they_agree(h, next_call)
    writes_that_it_can_wait_for_the_next_call(h, next_call)
    tells_the_client_that_it_waits(h)
    finds_the_topic_in_todays_call(h)
    adds_a_topic_and_calls_the_call_off(h)


def first_run(h: Hands) -> None:
    h.see("Répondez à temps")
    h.tap(h.say("Next"))
    h.type(h.say("Your name"), "Claire Martin")
    h.tap("500", "checkbox")
    h.tap(h.say("Next"))
    h.tap(h.say("Start"))
    h.see(h.say("Your replies and deadlines gather here"))


def notes_the_client(h: Hands) -> None:
    h.tap(h.say("Clients", "tab"), "tab")
    h.tap(h.say("New client"))
    h.type(h.say("Person"), CLIENT)
    h.type(h.say("Form of address"), "M.")
    h.tap(h.say("Save"))
    h.see(f"M. {CLIENT}")


def answers_a_check_in_with_what_was_sent(h: Hands) -> None:
    """An update sent earlier answers a later check-in."""
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


def answers_a_voicemail_with_an_e_mail_and_marks_it_as_a_check_in(h: Hands) -> None:
    """The earlier update does not make the call a check-in: the user decides."""
    h.tap(h.say("Call"), exact=True)
    h.tap(h.say("Voicemail"), "checkbox", exact=True)
    h.see(content.script_title("fr", "voicemail-received"))
    h.tap(h.say("Copy"))
    said = h.copied()
    assert said.startswith(f"Bonjour Monsieur {CLIENT},")
    assert "J’ai bien reçu votre message vocal, merci. Je vous réponds par e-mail sous 24 heures." in said
    h.tap(h.say("The call only asked about this"), "switch")
    h.see(content.script_title("fr", "already-sent"))
    h.back()


def takes_two_calls_and_lets_the_others_ring(h: Hands) -> None:
    """With the voicemail these are the second and third call of the week; two are allowed."""
    for advice in (
        "The limit is reached: let the next one ring, then write.",
        "This one is over the limit: let the next one ring, then write.",
    ):
        h.tap(h.say("Call"), exact=True)
        h.tap(h.say("Taken"), "checkbox", exact=True)
        h.see(h.say(advice))
        h.back()
    for _call in range(3):
        h.tap(h.say("Call"), exact=True)
        h.tap(h.say("Missed"), "checkbox", exact=True)
        h.see("laissez sonner", content.script_title("fr", "missed-call"))
        h.back()
    h.see_no(content.script_title("fr", "missed-call"))  # the call page leads to the ladder, too


def talks_about_it_and_they_refuse(h: Hands, next_call: datetime) -> None:
    """The evidence, and the text of the first step with the proposed days and time."""
    first_step = h.say("Propose a standing call")
    h.tap(h.say("Next: {step}", step=first_step))
    h.see("6 appels imprévus", h.say("Over the allowance:"), h.say("Next: {step}", step=first_step))
    h.see(h.say("About things already sent"))
    h.tap(h.say("Fill in and send…"))
    h.see("vous avez d’autres clients")  # the text claims this, but only one client is stored
    h.tick(format_date(next_call, "EEE", locale="fr"))
    h.tap(h.say("Copy"))
    assert f"fixer avec vous {the_call(next_call)} :" in plain(h.copied())
    h.tap(h.say("I said it"))
    h.back()
    h.tap(h.say("They pushed back"))


def answers_the_refusal_at_once_and_they_agree(h: Hands, next_call: datetime) -> None:
    """The answer has the counted calls; the agreement form starts with the proposal."""
    h.see(h.say("Your answer: {step}", step=h.say("Push back, kindly")))
    h.tap(h.say("Fill in and send…"))
    h.type(h.say("Your expertise"), "recherche de financements")
    h.tap(h.say("Copy"))
    answer = plain(h.copied())
    assert "J’ai compté 6 appels hors rendez-vous" in answer
    assert f"je fixerais avec vous {the_call(next_call)} :" in answer
    h.tap(h.say("I said it"))
    h.back()
    h.tap(h.say("They agreed…"))
    day = h.page.get_by_role("checkbox", name=format_date(next_call, "EEE", locale="fr")).first
    expect(day).to_be_checked(timeout=ACTION_MS)
    h.tap(h.say("Save"))
    h.see(h.say("They agreed"), h.say("They agreed. Confirm it in writing."))
    h.back()
    h.see(h.say("Next call"))


def the_call(next_call: datetime) -> str:
    return f"un appel chaque {format_date(next_call, 'EEEE', locale='fr')} à 10 h"


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def writes_that_it_can_wait_for_the_next_call(h: Hands, next_call: datetime) -> None:
    h.tap(h.say("Call"), exact=True)
    h.tap(h.say("Voicemail"), "checkbox", exact=True)
    h.tap(h.say("Only “call me back”"), "checkbox")
    h.see("laissez sonner", content.script_title("fr", "voicemail-why-next-call"))
    h.tap(h.say("Copy"))
    said = plain(h.copied())
    day = format_date(next_call, "EEEE d MMMM", locale="fr").replace(" 1 ", " 1er ")
    assert "de quoi s’agit-il ?" in said
    assert f"notre appel du {day} à 10 h." in said
    h.tap(h.say("Keep it for your next call"))
    h.see(h.say("They do not know yet: tell them."), h.say("Topics"))
    h.back()


def tells_the_client_that_it_waits(h: Hands) -> None:
    """A call kept for the standing call stays in Today until the client is told."""
    h.back()
    h.tap(h.say("Today", "tab"), "tab")
    h.see(h.say("Calls to answer"))
    h.tap(f"{h.say('I told them')}")
    h.see_no(h.say("Calls to answer"))


def finds_the_topic_in_todays_call(h: Hands) -> None:
    """The topic is in Today's standing call, and no call is left to answer."""
    h.see(CLIENT, h.say("Standing call"))


def adds_a_topic_and_calls_the_call_off(h: Hands) -> None:
    """A future call cannot be noted as held. The client's topic waits for the next one."""
    h.tap(f"{CLIENT}. {h.say('Standing call')}")
    h.type(h.say("Add a topic"), "la facture de novembre")
    h.tap(h.say("Add topic"))
    h.see("la facture de novembre")
    h.tick("la facture de novembre")
    h.see(h.say("Talked about"))
    h.see_no(h.say("It took place"))
    h.tap(h.say("It will not take place"))
    h.see(h.say("Noted: no call this time."))
    h.see(content.script_title("fr", "call-changed"), h.say("It takes place after all"))
    h.back()
    h.see(h.say("Tell them about your call"))
    h.tap(h.say("I told them"))
    h.see_no(h.say("Tell them about your call"))
    h.see(h.say("Standing call"))
