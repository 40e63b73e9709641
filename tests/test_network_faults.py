"""What a network and a server may do to a request: each fault is a reason of its own, and no half page an article."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import brotli
import pytest

from archive.captures import by_id
from archive.database import open_for_reading
from archive.encoding import zstd  # type: ignore[attr-defined]  # the module it chose
from archive.warc import read_exchange
from tests.conftest import run_marbre
from tests.faults import (
    HTML,
    Faults,
    certificate,
    drips,
    encoded,
    gzipped,
    moved,
    page,
    resets,
    says,
    sends,
)

PAGE = page("La ville rouvre son marché couvert")
OK = b"HTTP/1.1 200 OK\r\n" + HTML.encode()
LENGTH = f"Content-Length: {len(PAGE)}\r\n".encode()
CHUNKS = f"{len(PAGE):x}\r\n".encode() + PAGE + b"\r\n0\r\n\r\n"
GZIP, BR, ZSTD = gzipped(PAGE), brotli.compress(PAGE), zstd.compress(PAGE)
EARLY = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"
ACTS = {
    "/fine": says(PAGE),
    # N1, N2: broken off
    "/reset": resets(),
    "/reset-within": resets(OK + LENGTH + b"\r\n" + PAGE[:100]),
    "/closed": sends(b"", then_close=True),
    "/longer": sends(OK + b"Content-Length: 99999\r\n\r\n" + PAGE, then_close=True),
    "/chunk-cut": sends(
        OK + b"Transfer-Encoding: chunked\r\n\r\n100\r\n" + PAGE[:256] + b"\r\n100\r\nabc", then_close=True
    ),
    # N3: whole for HTTP, cut for its coding
    "/gzip-cut": encoded(GZIP[: len(GZIP) // 2], "gzip"),
    "/br-cut": encoded(BR[: len(BR) // 2], "br"),
    "/zstd-cut": encoded(ZSTD[: len(ZSTD) // 2], "zstd"),
    # N4, N5: without an end
    "/drip": drips(OK + b"Content-Length: 100000\r\n\r\n", seconds=0.2),
    "/endless": drips(OK + b"X-A: ", b"a: b\r\nX-B: ", 0.01),
    "/long-line": says(PAGE, f"{HTML}X-Long: {'a' * 200_000}\r\n"),
    "/many-headers": says(PAGE, HTML + "".join(f"X-{number}: {number}\r\n" for number in range(10_000))),
    # Statuses that are neither page nor fault
    "/304": sends(b"HTTP/1.1 304 Not Modified\r\n\r\n"),
    "/empty": says(b""),
    "/204": sends(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "/206": says(PAGE[:300], f"{HTML}Content-Range: bytes 0-299/{len(PAGE)}\r\n", "206 Partial Content"),
    "/999": says(PAGE, status="999 Request Denied"),
    "/early": sends(EARLY + OK + LENGTH + b"\r\n" + PAGE),
    "/101": sends(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n", then_close=True),
    # N10: where an answer ends
    "/http-1.0": sends(b"HTTP/1.0 200 OK\r\n" + HTML.encode() + b"\r\n" + PAGE, then_close=True),
    "/two-lengths": sends(OK + LENGTH + b"Content-Length: 10\r\n\r\n" + PAGE),
    "/length-and-chunks": sends(OK + b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n" + CHUNKS),
    "/negative-length": sends(OK + b"Content-Length: -5\r\n\r\n" + PAGE, then_close=True),
    "/no-http": sends(b"\x00\x01 what is this\r\n\r\n", then_close=True),
    # N12: codings that are none
    "/not-gzip": encoded(PAGE, "gzip"),
    "/gzip-twice": encoded(gzipped(GZIP), "gzip"),
    "/gzip-twice-said": encoded(gzipped(GZIP), "gzip, gzip"),
    "/unknown-coding": encoded(PAGE, "frob"),
    "/broken-gzip": encoded(GZIP[:12] + b"\xff\xff\xff\xff" + GZIP[16:], "gzip"),
    # Redirects without an end
    "/self": moved("/self"),
    "/there": moved("/back"),
    "/back": moved("/there"),
    **{f"/hop{number}": moved(f"/hop{number + 1}") for number in range(21)},
    "/two-hops": moved("/hop-again"),
    "/hop-again": moved("/arrived"),
    "/arrived": says(page("Le marché a rouvert, nouvelle adresse")),
}
ASKED = [path for path in ACTS if path not in ("/hop-again", "/arrived", *(f"/hop{n}" for n in range(1, 21)))]
EXPECTED = {
    **dict.fromkeys(["/fine", "/many-headers", "/early", "/http-1.0", "/length-and-chunks"], "new None"),
    **dict.fromkeys(["/not-gzip", "/gzip-twice-said", "/two-hops"], "new None"),
    "/reset": "failed reset",
    "/closed": "failed connection_lost",
    **dict.fromkeys(["/reset-within", "/longer", "/chunk-cut"], "failed cut_short"),
    **dict.fromkeys(["/gzip-cut", "/br-cut", "/zstd-cut"], "failed payload_truncated"),
    **dict.fromkeys(["/drip", "/endless"], "failed timeout"),
    "/long-line": "failed connection_lost",
    "/101": "failed connection_lost",
    "/304": "rejected http_304",
    "/empty": "rejected empty",
    "/204": "rejected http_204",
    "/206": "rejected http_206",
    "/999": "failed http_999",
    **dict.fromkeys(["/two-lengths", "/negative-length", "/no-http"], "failed bad_answer"),
    "/gzip-twice": "rejected not_html",
    **dict.fromkeys(["/unknown-coding", "/broken-gzip"], "failed bad_encoding"),
    **dict.fromkeys(["/self", "/there", "/back", "/hop0"], "failed redirects"),
}


class Came(NamedTuple):
    """What became of a URL: outcome and reason in words, the sentence, and the capture's id."""

    of: str
    detail: str
    capture: str | None


def crawl(
    directory: Path, url: str, *lines: str, paths: tuple[str, ...] = (), code: int | None = None
) -> dict[str, Came]:
    """Crawl a site, or only some pages of it, and return what became of each path."""
    sites = directory / "sites.toml"
    keys = (f'url = "{url}"', "allow_loopback = true", "delay = 0", *(lines or ("timeout = 1",)))
    sites.write_text("\n".join(("[sites.faulty]", *keys, "")), encoding="utf-8")
    asked = [word for path in paths for word in ("--url", url.rstrip("/") + path)] or ["faulty"]
    run_marbre("--sites", sites, "crawl", *asked, "--archive", directory / "archive", "--workers", "1", code=code)
    return outcomes(directory)


def outcomes(directory: Path) -> dict[str, Came]:
    db = open_for_reading(directory / "archive")
    found = db.execute("SELECT url, outcome, reason, detail, capture FROM frontier ORDER BY rowid").fetchall()
    db.close()
    return {
        "/" + url.split("/", 3)[3]: Came(f"{outcome} {reason}", said or "", at)
        for url, outcome, reason, said, at in found
    }


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Faults, dict[str, Came]]]:
    directory = tmp_path_factory.mktemp("faulty")
    with Faults(ACTS) as faults:
        yield directory, faults, crawl(directory, faults.url, paths=tuple(ASKED))


@pytest.mark.parametrize("path", ASKED)
def test_each_fault_has_its_outcome_and_reason(faulty: tuple[Path, Faults, dict[str, Came]], path: str) -> None:
    assert faulty[2][path].of == EXPECTED[path], faulty[2][path]


def test_nothing_is_asked_for_more_than_thrice(faulty: tuple[Path, Faults, dict[str, Came]]) -> None:
    _, faults, _ = faulty
    redirecting = [*("/self", "/there", "/back", "/arrived"), *(f"/hop{number}" for number in range(1, 21))]
    counts = {path: faults.paths().count(path) for path in ASKED if path not in redirecting}
    assert max(counts.values()) == 3, counts
    assert {
        path: counts[path] for path in ("/fine", "/gzip-cut", "/not-gzip", "/204", "/999", "/two-hops")
    } == dict.fromkeys(("/fine", "/gzip-cut", "/not-gzip", "/204", "/999", "/two-hops"), 1)
    assert not [path for path in faults.paths() if path in [f"/hop{number}" for number in range(9, 22)]]


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/gzip-cut", GZIP[: len(GZIP) // 2]),
        ("/br-cut", BR[: len(BR) // 2]),
        ("/zstd-cut", ZSTD[: len(ZSTD) // 2]),
        ("/not-gzip", PAGE),
        ("/gzip-twice", gzipped(GZIP)),
        ("/unknown-coding", PAGE),
    ],
)
def test_what_cannot_be_decoded_is_kept_as_it_came(
    faulty: tuple[Path, Faults, dict[str, Came]], path: str, sent: bytes
) -> None:
    directory, _, came = faulty
    db = open_for_reading(directory / "archive")
    capture = by_id(db, came[path].capture) if came[path].capture else None
    if capture is None:  # of an article the frontier names none
        row = db.execute("SELECT id FROM captures WHERE url LIKE ?", ["%" + path]).fetchone()
        capture = by_id(db, row[0])
    db.close()
    assert capture is not None
    assert read_exchange(directory / "archive" / "warc" / capture.filename, capture.offset).body == sent


def test_only_whole_pages_became_articles(faulty: tuple[Path, Faults, dict[str, Came]]) -> None:
    directory, _, came = faulty
    db = open_for_reading(directory / "archive")
    texts = [text for (text,) in db.execute("SELECT text FROM articles")]
    db.close()
    assert texts
    assert all("rouv" in text and "C'est ce que dit" in text for text in texts)
    assert {path for path, each in came.items() if each.of.startswith("new")} == {
        path for path, expected in EXPECTED.items() if expected == "new None"
    }


def test_a_page_that_came_cut_is_asked_for_whole_the_next_time(tmp_path: Path) -> None:
    tagged = f'{HTML}ETag: "one"\r\nContent-Encoding: gzip\r\n'
    with Faults({"/a": says(GZIP[: len(GZIP) // 2], tagged)}) as faults:
        assert crawl(tmp_path, faults.url, paths=("/a",))["/a"].of == "failed payload_truncated"
        faults.acts["/a"] = says(GZIP, tagged)
        assert crawl(tmp_path, faults.url, paths=("/a",), code=0)["/a"].of == "new None"
        assert "if-none-match" not in faults.hits[-1].headers


def test_what_is_no_tls_and_what_cannot_be_trusted_is_never_asked_for_a_page(tmp_path: Path) -> None:
    contexts = [certificate(tmp_path, expired=True), certificate(tmp_path)]
    for number, context in enumerate(contexts):
        with Faults({"/a": says(PAGE)}, secure=context) as faults:
            (tmp_path / str(number)).mkdir()
            came = crawl(tmp_path / str(number), faults.url, paths=("/a",))["/a"]
            assert came.of == "failed robots_unreachable"
            assert not faults.hits


@contextmanager
def closing_after_robots() -> Iterator[Faults]:
    """A server that answers for robots.txt, and is gone before the first page."""
    with Faults() as faults:
        answer = sends(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", then_close=True)

        def act(connection: socket.socket, hit: object) -> None:
            faults.close()
            answer(connection, hit)  # type: ignore[arg-type]

        faults.acts["/robots.txt"] = act
        yield faults


def test_a_refused_connection_and_a_missing_host_are_told_apart(tmp_path: Path) -> None:
    with closing_after_robots() as faults:
        assert crawl(tmp_path, faults.url, paths=("/a",))["/a"].of == "failed refused"
    came = crawl(tmp_path, "http://nowhere.invalid/", paths=("/b",))["/b"]
    assert (came.of, came.detail) == ("failed dns", "there is no host nowhere.invalid")


def test_no_such_host_and_no_name_server_are_two_things(tmp_path: Path) -> None:
    """Of a host that does not exist nothing more is asked; where no name server answers, it is tried again."""
    sites = tmp_path / "sites.toml"
    sites.write_text(
        "".join(f'[sites.{n}]\nurl = "http://{n}.{n}/"\ndelay = 0\n' for n in ("nowhere", "again")), "utf-8"
    )
    for name in ("nowhere", "again"):
        words = ("--sites", sites, "crawl", "--url", f"http://{name}.{name}/a", "--archive", tmp_path / "archive")
        run_marbre(*words, code=None, module=("tests.unresolved", str(tmp_path / name)))
    db = open_for_reading(tmp_path / "archive")
    came = dict(db.execute("SELECT url, reason FROM frontier").fetchall())
    db.close()
    assert came == {"http://nowhere.nowhere/a": "dns", "http://again.again/a": "robots_unreachable"}
    tries = {name: len((tmp_path / name).read_text().splitlines()) for name in ("nowhere", "again")}
    assert tries["nowhere"] == 1
    assert 3 <= tries["again"] <= 12


def test_what_was_asked_is_kept_with_what_was_answered(tmp_path: Path) -> None:
    """A server may answer differently to each: by User-Agent, by language, by what it may pack an answer in."""
    varies = f"{HTML}Vary: User-Agent, Accept-Encoding, Accept-Language\r\n"
    with Faults({"/a": says(PAGE, varies)}) as faults:
        crawl(tmp_path, faults.url, 'language = "fr"', paths=("/a",))
        sent = next(hit.headers for hit in faults.hits if hit.path == "/a")
    texts = [gzip.decompress(path.read_bytes()).decode("latin-1") for path in tmp_path.rglob("*.warc.gz")]
    requests = [record for text in texts for record in text.split("WARC/1.") if "\r\nWARC-Type: request\r\n" in record]
    asked = next(record.lower() for record in requests if "GET /a HTTP/1.1" in record)
    for name in ("user-agent", "accept-encoding", "accept-language"):
        assert f"\r\n{name}: {sent[name]}\r\n".lower() in asked
