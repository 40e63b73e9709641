"""Telling somebody of alarms: a real webhook and real commands, each told once, and tried again if it failed."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.database import open_for_reading, open_for_writing
from archive.health import book
from archive.health.alarms import Alarm
from archive.health_view import one_line
from crawler import notifying
from crawler.channels import NotTold
from crawler.errors import SitesError
from crawler.sites import Sites, load_sites
from tests.conftest import run_marbre
from tests.hooks import Hook
from tests.newsrooms import Newsroom, fill

NOW = datetime.now(UTC)
of_apprise = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # its own import
ALARM = Alarm("gazette", "author", NOW.date(), None, "template changed", "missing in 9 of 9 articles since today")
MESSAGE = notifying.message([book.Entry(1, ALARM, NOW, {}, {})], [], 1)


def sites(directory: Path, *lines: str) -> Sites:
    path = directory / "sites.toml"
    path.write_text("\n".join(('contact = "mailto:desk@gazette.example"', "[notify]", *lines)), encoding="utf-8")
    return load_sites(path)


def program(directory: Path, text: str) -> Path:
    path = directory / "tell.py"
    path.write_text(text, encoding="utf-8")
    return path


def command(directory: Path, text: str, *words: str, timeout: int = 20) -> Sites:
    given = json.dumps([sys.executable, str(program(directory, text)), *words])
    return sites(directory, f"command = {given}", f"timeout = {timeout}")


def soon(holds: Callable[[], bool]) -> bool:
    """Whether something comes to hold within ten seconds: a process that was killed is still there for a moment."""
    until = time.monotonic() + 10
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)
    return holds()


def tell(given: Sites) -> None:
    (channel,) = given.notify.channels()
    channel.tell(MESSAGE)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    open_for_writing(tmp_path / "archive").close()
    return tmp_path / "archive"


def write(archive: Path, *alarms: Alarm) -> None:
    db = open_for_writing(archive)
    book.write(db, "gazette", alarms, NOW)
    db.close()


def entries(archive: Path) -> list[book.Entry]:
    db = open_for_reading(archive)
    try:
        return book.entries(db, ["gazette"])
    finally:
        db.close()


def run(archive: Path, given: Sites) -> None:
    """The end of a run that crawled nothing: what is in the table is told."""
    notifying.after_run(archive, given, [])


# -- A webhook


def test_a_webhook_is_told_once_when_an_alarm_opens_and_once_when_it_is_over(archive: Path, tmp_path: Path) -> None:
    with Hook() as hook:
        given = sites(tmp_path, f'webhook = "{hook.url}"')
        run(archive, given)
        assert hook.told == []
        write(archive, ALARM)
        run(archive, given)
        run(archive, given)
        write(archive, Alarm("gazette", "author", ALARM.since, NOW.date() + timedelta(1), ALARM.cause, ALARM.detail))
        run(archive, given)
        run(archive, given)
    assert [(len(one["opened"]), len(one["closed"]), one["standing"]) for one in hook.told] == [(1, 0, 1), (0, 1, 0)]
    opened, closed = hook.told
    assert opened["title"] == "Marbre: 1 alarm (gazette)"
    assert opened["opened"][0]["field"] == "author"
    assert opened["opened"][0]["cause"] == "template changed"
    assert "marbre sites profile gazette --learn" in opened["text"]
    assert closed["title"] == "Marbre: 1 alarm over (gazette)"
    assert "well again since" in closed["text"]
    assert hook.asked[0] == ("/hooks/s3cret-t0ken?key=hush", "application/json")


def test_what_failed_is_tried_again_counted_and_said_without_the_secret(
    archive: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    write(archive, ALARM)
    told = tmp_path / "told"
    words = json.dumps([sys.executable, str(program(tmp_path, f"open({str(told)!r}, 'a').write('told ')"))])
    with Hook(status=503) as hook:
        given = sites(tmp_path, f'webhook = "{hook.url}"', f"command = {words}")
        run(archive, given)
        run(archive, given)
        assert entries(archive)[0].tries == {"webhook": 2}
        assert "webhook could not be told of 1 alarm (2 times in a row): the webhook at 127.0.0.1 answered 503" in (
            caplog.text
        )
        hook.status = 200
        run(archive, given)
        run(archive, given)
    assert len(hook.told) == 3
    assert told.read_text() == "told "
    (entry,) = entries(archive)
    assert (entry.told, entry.tries) == ({"command": "opened", "webhook": "opened"}, {})
    assert "s3cret" not in caplog.text
    assert "hush" not in caplog.text


@pytest.mark.parametrize("status", [302, 404, 500])
def test_only_a_good_answer_counts_and_no_redirect_is_followed(status: int, tmp_path: Path) -> None:
    with Hook(status) as hook:
        with pytest.raises(NotTold, match=f"the webhook at 127.0.0.1 answered {status}$"):
            tell(sites(tmp_path, f'webhook = "{hook.url}"'))
        assert len(hook.asked) == 1


def test_a_webhook_that_never_answers_is_given_up(tmp_path: Path) -> None:
    began = time.monotonic()
    with Hook(status=0) as hook, pytest.raises(NotTold, match=r"the webhook at 127\.0\.0\.1: "):
        tell(sites(tmp_path, f'webhook = "{hook.url}"', "timeout = 1"))
    assert time.monotonic() - began < 20


def test_a_webhook_nobody_serves_is_said_without_its_path(tmp_path: Path) -> None:
    with Hook() as hook:
        url = hook.url
    with pytest.raises(NotTold) as told:
        tell(sites(tmp_path, f'webhook = "{url}"'))
    assert str(told.value) == "the webhook at 127.0.0.1: ConnectionRefusedError"


# -- A command


def test_a_command_gets_the_message_as_json_and_no_shell_is_between(tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    text = f"import sys; open({str(kept)!r}, 'w').write(sys.stdin.read()); assert sys.argv[1] == '$(touch x); *'"
    tell(command(tmp_path, text, "$(touch x); *"))
    assert json.loads(kept.read_text()) == MESSAGE


def test_a_command_that_fails_says_why_without_the_words_it_was_given(tmp_path: Path) -> None:
    text = "import sys; sys.exit(f'no answer from {sys.argv[1]}')"
    with pytest.raises(NotTold) as told:
        tell(command(tmp_path, text, "https://chat.example/T0KEN"))
    assert str(told.value) == f"{sys.executable} exited with 1: no answer from ..."


def test_a_command_that_does_not_end_is_killed_and_what_it_started_too(tmp_path: Path) -> None:
    text = (
        "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        f"open({str(tmp_path / 'child')!r}, 'w').write(str(child.pid)); child.wait()"
    )
    with pytest.raises(NotTold, match=r"took longer than 3 seconds"):
        tell(command(tmp_path, text, timeout=3))
    child = Path("/proc", (tmp_path / "child").read_text())
    assert soon(lambda: not child.exists() or "\nState:\tZ" in (child / "status").read_text())


def test_what_a_command_leaves_running_is_not_waited_for(tmp_path: Path) -> None:
    text = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(9)'])"
    began = time.monotonic()
    tell(command(tmp_path, text))
    assert time.monotonic() - began < 8


def test_a_command_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotTold, match=r"^/nowhere/tell: No such file or directory$"):
        tell(sites(tmp_path, 'command = ["/nowhere/tell"]'))


# -- apprise


@pytest.fixture
def without_apprise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)


@pytest.mark.usefixtures("without_apprise")
def test_without_apprise_it_is_said_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(NotTold, match=r"pip install 'marbre\[notify\]'"):
        tell(sites(tmp_path, 'apprise = ["json://127.0.0.1/"]'))


@of_apprise
def test_apprise_tells_the_services_it_knows(tmp_path: Path) -> None:
    pytest.importorskip("apprise")
    with Hook(status=200) as hook:
        place = hook.url.removeprefix("http://")
        tell(sites(tmp_path, f'apprise = ["json://{place}"]'))
        hook.status = 500
        with pytest.raises(NotTold, match=r"^the service at URL 1 of the list did not take it$"):
            tell(sites(tmp_path, f'apprise = ["json://{place}"]'))
    assert hook.told[0]["title"] == "Marbre: 1 alarm (gazette)"
    assert hook.told[0]["type"] == "warning"
    assert "missing in 9 of 9 articles" in hook.told[0]["message"]


@of_apprise
def test_apprise_never_says_a_url(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    pytest.importorskip("apprise")
    caplog.set_level(logging.DEBUG)
    with pytest.raises(NotTold, match=r"^apprise does not understand URL 1 of its list$"):
        tell(sites(tmp_path, 'apprise = ["nothing://user:s3cret@place"]'))
    assert "s3cret" not in caplog.text


# -- sites.toml


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('webhook = "ftp://s3cret@place/"', "notify: webhook: expected an absolute http:// or https:// URL"),
        ('webhook = "http://place/s3cret\\u00e9"', "notify: webhook: expected an absolute"),
        ('command = "tell --s3cret"', "notify: command: expected a program and its arguments"),
        ('command = ["tell", "s3cret\\u0000"]', "notify: command: expected a program"),
        ('apprise = "mailto://s3cret"', "notify: apprise: expected a list of Apprise URLs"),
        ("timeout = 0", "notify: timeout: expected a number of seconds"),
        ('webhok = "http://s3cret/"', 'notify: unknown key "webhok"; there are command, webhook, apprise, timeout'),
    ],
)
def test_a_mistake_in_sites_toml_is_a_sentence_that_does_not_repeat_the_secret(
    line: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(SitesError) as told:
        sites(tmp_path, line)
    assert said in str(told.value)
    assert "s3cret" not in str(told.value)


# -- The command, and the line of `marbre status`


def test_health_notify_tells_of_what_stands(tmp_path: Path) -> None:
    days = 34
    room = Newsroom(1, 14.0, 0.6, {}, swaps={days - 2: "author"}, steady=True)
    archive, begin = tmp_path / "archive", datetime.now(UTC) - timedelta(days=days)
    room.begin = begin.replace(hour=0, minute=0, second=0, microsecond=0)
    fill(archive, room.site(days))
    with Hook() as hook:
        path = sites(tmp_path, f'webhook = "{hook.url}"').path
        for _ in range(2):
            run_marbre("health", "--notify", "--archive", str(archive), "--sites", str(path), code=1)
    (message,) = hook.told
    (alarm,) = message["opened"]
    assert (alarm["site"], alarm["field"], alarm["cause"]) == ("site-1", "author", "template changed")
    db = open_for_reading(archive)
    assert one_line(db, "site-1") == f"author since {alarm['since']} (template changed)"
    assert one_line(db, "nobody") == "ok"
    db.close()


def test_nobody_is_told_of_the_past(archive: Path) -> None:
    refused = run_marbre("health", "--notify", "--on", "2026-01-01", "--archive", str(archive), code=2)
    assert "nobody is told of the past" in refused.stderr
