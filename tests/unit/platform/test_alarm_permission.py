"""Permissions of the phone's system: to show notifications, and to ring at the exact minute."""

from tests.unit.platform.alarm_system import HOUR, Phone, alarm, play


def test_ios_prompts_on_request_and_not_at_the_start() -> None:
    """The plug-in requests the permissions that the control names; for none it reports a denial by itself."""

    async def story(phone: Phone) -> None:
        system = phone.system
        system.allowed = False
        assert (await phone.notifications.state()).permission == "default"
        await phone.notifications.set_alarms([alarm("a", 1)])  # its buttons initialise the plug-in again
        assert system.prompts == 0
        system.agrees = False
        assert (await phone.notifications.ask()).permission == "denied"
        assert system.prompts == 1
        system.agrees = True
        ringing = await phone.notifications.ask()
        assert system.prompts == 2
        assert (ringing.possible, ringing.permission, ringing.punctual) == ("alarms", "granted", True)

    play(story, "ios")


def test_android_prompts_on_request_and_not_at_the_start() -> None:
    async def story(phone: Phone) -> None:
        phone.system.allowed = phone.system.exact = False
        assert (await phone.notifications.state()).permission == "default"
        await phone.notifications.set_alarms([alarm("a", 1)])
        assert phone.system.prompts == 0
        phone.system.agrees = False
        assert (await phone.notifications.ask()).permission == "denied"
        phone.system.agrees = True
        ringing = await phone.notifications.ask()
        assert (ringing.possible, ringing.permission, ringing.punctual) == ("alarms", "granted", False)
        assert ringing.lateness == HOUR

    play(story)


def test_alarms_are_inexact_until_exact_alarms_are_permitted() -> None:
    async def story(phone: Phone) -> None:
        phone.system.exact = False
        await phone.notifications.set_alarms([alarm("a", 1)])
        assert [each["schedule_mode"] for each in phone.system.pending.values()] == ["inexactAllowWhileIdle"]
        assert (await phone.notifications.ask_punctual()).punctual
        await phone.notifications.set_alarms([alarm("a", 1)])
        assert [each["schedule_mode"] for each in phone.system.pending.values()] == ["exactAllowWhileIdle"]

    play(story)


def test_a_permission_revoked_while_the_app_was_closed_is_detected() -> None:
    """Android then ends the app and cancels its exact alarms; the plug-in still lists them."""

    async def story(phone: Phone) -> None:
        await phone.notifications.set_alarms([alarm("a", 1), alarm("b", 2)])
        phone.system.exact = False
        phone.system.force_stop()
        later = await Phone(phone.system).start()
        await later.notifications.set_alarms([alarm("a", 1), alarm("b", 2)])
        assert phone.system.alarms == set(phone.system.pending)

    system = play(story)
    assert {each["schedule_mode"] for each in system.pending.values()} == {"inexactAllowWhileIdle"}
