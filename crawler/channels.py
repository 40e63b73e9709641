"""How somebody is told of alarms: a command, a webhook, or any service that apprise knows. [notify] in sites.toml."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import logging
import os
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Annotated, Any
from urllib.parse import unquote, urlsplit

import msgspec

from crawler.errors import CrawlError, SitesError

_SECONDS = 30.0
_SECRET = 8  # characters: no shorter word of a command is taken for a secret
_EXPECTED = {
    "command": 'a program and its arguments, such as ["/usr/local/bin/tell", "--alarm"]',
    "webhook": "an absolute http:// or https:// URL",
    "apprise": 'a list of Apprise URLs, such as ["mailto://..."]',
    "timeout": "a number of seconds, from 1 to 600",
}


class NotTold(CrawlError):
    """Raised where a channel could not be told; its message has no secret of the channel's address."""


class Notify(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table [notify] of sites.toml; `timeout` is how many seconds the command and the webhook may take."""

    command: tuple[str, ...] = ()
    webhook: str | None = None
    apprise: tuple[str, ...] = ()
    timeout: Annotated[float, msgspec.Meta(ge=1, le=600)] = _SECONDS

    def channels(self) -> Iterator[Channel]:
        if self.command:
            yield Command(self.command, self.timeout)
        if self.webhook:
            yield Webhook(self.webhook, self.timeout)
        for number, url in enumerate(self.apprise, 1):
            yield Apprise(number, url)


class Channel:
    """One way to tell somebody; `name` is how the archive knows it, and holds no secret."""

    name: str

    def tell(self, message: Mapping[str, Any]) -> None:
        """Hand over a message (`crawler.notifying`); raises NotTold with a sentence that says why not."""
        raise NotImplementedError


class Command(Channel):
    """A program that gets the message as JSON on its standard input; no shell is between."""

    name = "command"

    def __init__(self, words: tuple[str, ...], timeout: float) -> None:
        self.words = words
        self.timeout = timeout

    def tell(self, message: Mapping[str, Any]) -> None:
        given = json.dumps(message, ensure_ascii=False).encode()
        # Files, not pipes: what the program leaves running behind it would hold a pipe open.
        with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stderr:
            stdin.write(given)
            stdin.seek(0)
            code = self._run(stdin, stderr)
            if code:
                raise NotTold(f"{self.words[0]} exited with {code}{self._said(stderr)}")

    def _run(self, stdin: IO[bytes], stderr: IO[bytes]) -> int:
        try:
            process = subprocess.Popen(  # noqa: S603 - the program is the operator's own choice
                self.words, stdin=stdin, stdout=subprocess.DEVNULL, stderr=stderr, start_new_session=True
            )
        except OSError as error:
            raise NotTold(f"{self.words[0]}: {error.strerror}") from None
        with process:
            try:
                return process.wait(self.timeout)
            except subprocess.TimeoutExpired:
                raise NotTold(f"{self.words[0]} took longer than {self.timeout:g} seconds") from None
            finally:
                if process.returncode is None:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)

    def _said(self, stderr: IO[bytes]) -> str:
        """What the program said, without the words it was given: one of them may be a token."""
        stderr.seek(max(0, stderr.seek(0, os.SEEK_END) - 2000))
        said = stderr.read().decode("utf-8", "replace").strip()
        for word in self.words[1:]:
            said = said.replace(word, "...") if len(word) >= _SECRET else said
        return f": {said[-200:]}" if said else ""


class Webhook(Channel):
    """An address of the operator's own that gets the message as JSON by POST; it may be on this machine.

    It is not a site's address, so the guard that keeps a crawl to public ones is not asked; redirects are not followed.
    """

    name = "webhook"

    def __init__(self, url: str, timeout: float) -> None:
        self.parts = urlsplit(url)
        self.timeout = timeout

    def tell(self, message: Mapping[str, Any]) -> None:
        connection = self._connection()
        # A timeout of the socket alone is one for each byte of the answer.
        timer = threading.Timer(self.timeout, _hang_up, [connection])
        timer.start()
        try:
            answer = self._post(connection, json.dumps(message, ensure_ascii=False).encode())
        except (OSError, http.client.HTTPException) as error:
            # The path of a webhook is its secret more often than not.
            raise NotTold(f"the webhook at {self.parts.hostname}: {type(error).__name__}") from None
        finally:
            timer.cancel()
            connection.close()
        if not 200 <= answer.status < 300:
            raise NotTold(f"the webhook at {self.parts.hostname} answered {answer.status}")

    def _post(self, connection: http.client.HTTPConnection, body: bytes) -> http.client.HTTPResponse:
        headers = {"Content-Type": "application/json", "User-Agent": "marbre"}
        if self.parts.username:
            account = f"{unquote(self.parts.username)}:{unquote(self.parts.password or '')}"
            headers["Authorization"] = f"Basic {base64.b64encode(account.encode()).decode()}"
        target = (self.parts.path or "/") + (f"?{self.parts.query}" if self.parts.query else "")
        connection.request("POST", target, body, headers)
        return connection.getresponse()

    def _connection(self) -> http.client.HTTPConnection:
        host = self.parts.hostname or ""
        if self.parts.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(host, self.parts.port, timeout=self.timeout, context=context)
        return http.client.HTTPConnection(host, self.parts.port, timeout=self.timeout)


def _hang_up(connection: http.client.HTTPConnection) -> None:
    with contextlib.suppress(OSError):
        if connection.sock:
            connection.sock.shutdown(socket.SHUT_RDWR)


class Apprise(Channel):
    """A service that apprise knows, by its number in the list: the URL holds passwords."""

    def __init__(self, number: int, url: str) -> None:
        self.name = f"apprise-{number}"
        self.url = url

    def tell(self, message: Mapping[str, Any]) -> None:
        try:
            import apprise
        except ImportError:
            raise NotTold("apprise is not installed; install it with: pip install 'marbre[notify]'") from None
        logging.getLogger("apprise").disabled = True  # it logs a URL that it does not understand, password and all
        service = apprise.Apprise()
        if not service.add(self.url):
            raise NotTold(f"apprise does not understand URL {self.name.partition('-')[2]} of its list")
        kind = apprise.NotifyType.WARNING if message["opened"] else apprise.NotifyType.SUCCESS
        try:
            taken = service.notify(title=message["title"], body=message["text"], notify_type=kind)
        except Exception as error:  # noqa: BLE001 - one of 130 services' own code; its words may hold the URL
            raise NotTold(f"URL {self.name.partition('-')[2]} of apprise's list: {type(error).__name__}") from None
        if not taken:
            raise NotTold(f"the service at URL {self.name.partition('-')[2]} of the list did not take it")


def notify_of(path: Path, table: Any) -> Notify:
    """Return the table [notify] of a sites.toml as values; raises SitesError for a mistake in it."""
    if not isinstance(table, dict):
        raise SitesError(f"{path}: notify: expected a table, [notify]")
    for key in table:
        if key not in _EXPECTED:
            raise SitesError(f'{path}: notify: unknown key "{key[:60]}"; there are {", ".join(_EXPECTED)}')
    try:
        notify = msgspec.convert(table, Notify)
    except msgspec.ValidationError as error:
        key = str(error).partition("$.")[2].strip("`").partition("[")[0]
        # What was given may be a secret: it is not repeated.
        raise SitesError(f"{path}: notify: {key}: expected {_EXPECTED.get(key, 'something else')}") from None
    if any("\0" in word for word in notify.command):
        raise SitesError(f"{path}: notify: command: expected {_EXPECTED['command']}")
    if notify.webhook is not None and not _is_url(notify.webhook):
        raise SitesError(f"{path}: notify: webhook: expected {_EXPECTED['webhook']}")
    return notify


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and text.isascii()
        and text.isprintable()
        and " " not in text
    )
