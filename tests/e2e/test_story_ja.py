"""The first seed as a story in Japanese: reply in the day, ask instead of guessing, hold back unpaid work.

Then the client of the sample data who paid half and went silent: remind, hold back the rest, let it go.
"""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.e2e import content
from tests.e2e.browser import Phone
from tests.e2e.hands import Hands

SILENT = "山本"
JOB = "顧客名簿のデータ入力"
UNPAID = f"{JOB} · 2回目（サ〜ナ行）"


def test_story_of_a_worker_who_replies_within_the_day(start_story: Callable[..., Page]) -> None:
    play(Hands(start_story(locale="ja-JP", timezone_id="Asia/Tokyo"), "ja"))


def play(h: Hands) -> None:
    first_run(h)
    three_channels(h)
    answers_within_the_day(h)
    asks_instead_of_guessing(h)
    keeps_the_unpaid_rest(h)


def first_run(h: Hands) -> None:
    h.tap(h.say("Next"))
    h.type(h.say("Your name"), "佐藤")
    h.tap(h.say("Next"))
    h.tap(h.say("Start"))
    h.see(h.say("Your replies and deadlines gather here"))


def three_channels(h: Hands) -> None:
    """Messages arrive by Chatwork, Skype, and e-mail; each gets a reply time of 24 hours."""
    for client, channel, kind, matter in (
        ("青木デザイン", "Chatwork", "Question", "ロゴの色"),
        ("山田メディア", "Skype", "Request", "追加の記事5本"),
        ("鈴木商店", h.say("E-mail"), "Other", "商品説明文"),
    ):
        h.tap(h.say("Record"))
        h.type(h.say("Client's name"), client)
        h.tap(h.say("New client “{name}”", name=client))
        h.type(h.say("What is it about?"), matter)
        h.tap(h.say(kind, "message kind" if kind == "Other" else ""), "checkbox")
        h.pick(h.say("Channel"), channel)
        h.tap(h.say("Save"))
        h.see(matter, h.say("Reply by {when}", when="").strip())
        h.back()
        h.see(client, matter)


def answers_within_the_day(h: Hands) -> None:
    h.tap(h.say("Replied: {name}", name="青木デザイン"))
    h.see(h.say("Reply noted"))
    h.see_no("ロゴの色")
    h.tap(h.say("Undo"))
    h.see("ロゴの色")
    h.tap("青木デザイン。")
    h.tap(h.say("Replied"))
    h.see(h.say("Answered in"))
    h.back()
    h.see_no("ロゴの色")


def asks_instead_of_guessing(h: Hands) -> None:
    """The reply checklist is not complete while a question is open, and the text to ask it is ready."""
    h.tap("山田メディア。")
    h.type(h.say("A question to ask"), "1本あたりの文字数は何字でしょうか。")
    h.tap(h.say("Add question"))
    h.see(h.say("Not asked yet"))
    for item in content.checklist_items("ja", "before-reply"):
        h.tick(item)
    h.see(h.say("A question is still open: ask first."))

    h.choose(h.say("More for this question"), h.say("What to say"))
    h.see("1本あたりの文字数は何字でしょうか。")
    h.tap(h.say("Copy"))
    h.see(h.say("Copied"))
    asked = h.copied()
    assert "「追加の記事5本」の件で" in asked
    assert "1本あたりの文字数は何字でしょうか。" in asked
    assert "{" not in asked
    h.tap(h.say("The question is asked"))
    h.back()
    h.see(h.say("Asked, no answer yet"))
    h.choose(h.say("More for this question"), h.say("Answered"))
    h.see(h.say("All clear: ready to send."))
    h.back()


def keeps_the_unpaid_rest(h: Hands) -> None:
    """A client paid only the first part: the second is owed, and the rest is held back."""
    h.tap(h.say("Record"))
    h.tap(h.say("Job"), "checkbox")
    h.tap("鈴木商店")
    h.type(h.say("Title"), "商品説明文 30点")
    h.tap(h.say("Save"))
    for title, amount in (("1〜10点", "10,000"), ("11〜20点", "１００００"), ("21〜30点", "10000")):
        h.type(h.say("Add a part"), title)
        h.type(h.say("Amount ({currency})", currency="円"), amount)
        h.tap(h.say("Add part"))
        h.see(title)
    h.tick(h.say("{name}: delivered", name="1〜10点"))
    h.tick(h.say("{name}: paid", name="1〜10点"))
    h.tick(h.say("{name}: delivered", name="11〜20点"))
    h.tap(content.script_title("ja", "paid-part-only"))
    h.see("1〜10点", "21〜30点")
    h.tap(h.say("Copy"))
    said = h.copied()
    assert "：\n1〜10点" in said
    assert "これからお送りする分：\n21〜30点" in said
    assert "11〜20点" not in said  # it is delivered: not still to come
    assert "10,000円のご入金を確認でき次第" in said
    assert "佐藤" in said
    h.back()
    h.back()
    h.see("10,000円")


def test_story_of_a_client_who_paid_half_and_went_silent(make_phone: Callable[..., Phone]) -> None:
    h = Hands(make_phone(locale="ja-JP", permissions=["clipboard-read", "clipboard-write"]).start(), "ja")
    h.tap(h.say("Next"))
    h.type(h.say("Your name"), "佐藤")
    h.tap(h.say("Next"))
    h.tap(h.say("Try with sample data"))
    h.see(SILENT)
    follows_up_with_the_silent_client(h)
    asks_for_the_money(h)
    keeps_the_rest_past_the_limit(h)
    lets_the_job_go(h)


def follows_up_with_the_silent_client(h: Hands) -> None:
    h.tap(h.say("Waiting for them"), exact=True)  # rows in Today have the same text within a sentence
    h.see(h.say("Ask again"), SILENT)
    h.tap(h.say("What to say"))
    h.tap(h.say("Copy"))
    assert "2回目のお支払いと3回目の着手" in h.copied()
    h.tap(h.say("Follow-up sent"))
    h.back()
    h.see(JOB)
    h.back()
    h.see(h.say("Still in good time"))
    h.back()


def asks_for_the_money(h: Hands) -> None:
    """The total owed leads to the payment that is due and to its reminder."""
    h.tap(h.say("Clients", "tab"), "tab")
    h.tap("26,000円")
    h.see(SILENT, "18,000円", h.say("Time for a polite reminder: most are only forgotten."))
    h.tap(h.say("Write the reminder…"))
    h.tap(h.say("Copy"))
    assert JOB in h.copied()
    h.tap(h.say("Reminder sent"))
    h.back()


def keeps_the_rest_past_the_limit(h: Hands) -> None:
    """The last part would exceed the limit: the app asks first and offers the text that holds it back."""
    h.tap(h.say("{name}: delivered", name="3回目（ハ〜ワ行）"), "checkbox")
    h.see(h.say("Deliver before you are paid?"), "36,000円", "20,000円")
    h.tap(h.say("Send only the part that is paid for"))
    h.tap(h.say("Copy"))
    assert "18,000円のご入金を確認でき次第" in h.copied()
    h.back()
    h.see(h.say("Money"))
    h.back()
    h.see(h.say("Reminded: {days}", days=h.say("today", "in a sentence")))


def lets_the_job_go(h: Hands) -> None:
    """A closed job is no longer owed, neither here nor in the total of all clients."""
    h.choose(h.say("More for {name}", name=UNPAID), h.say("Close the job, let it go"))
    h.see_no(JOB)
    h.see("8,000円")
    h.back()
    h.see("8,000円")
    h.see_no("26,000円")
