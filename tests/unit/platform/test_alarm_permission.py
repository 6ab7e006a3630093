"""What the phone's system allows: to ring at all, and to the minute."""

from tests.unit.platform.alarm_system import Phone, alarm, play


def test_permission_is_asked_when_told_to_and_not_at_the_start() -> None:
    async def story(phone: Phone) -> None:
        phone.system.allowed = phone.system.exact = False
        service = phone.notifications._service
        assert not service.request_alert_permission
        assert (await phone.notifications.state()).permission == "default"
        phone.system.agrees = False
        assert (await phone.notifications.ask()).permission == "denied"
        phone.system.agrees = True
        ringing = await phone.notifications.ask()
        assert (ringing.possible, ringing.permission, ringing.punctual) == ("alarms", "granted", False)

    play(story)


def test_without_leave_to_be_exact_they_ring_about_then_and_exactly_once_there_is() -> None:
    async def story(phone: Phone) -> None:
        phone.system.exact = False
        await phone.notifications.set_alarms([alarm("a", 1)])
        assert [each["schedule_mode"] for each in phone.system.pending.values()] == ["inexactAllowWhileIdle"]
        assert (await phone.notifications.ask_punctual()).punctual
        await phone.notifications.set_alarms([alarm("a", 1)])
        assert [each["schedule_mode"] for each in phone.system.pending.values()] == ["exactAllowWhileIdle"]

    play(story)
