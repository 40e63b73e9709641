"""What web archives' indices and TimeMaps say, which captures are picked, and whose headers are kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from crawler import mementos
from crawler.discovery import cdx, timemap
from crawler.mementos import Memento

PAGE = "https://gazette.example/une/titre/"
NAMES = ["timestamp", "original", "mimetype", "statuscode", "digest"]
ROW = ["20190301102030", PAGE, "text/html", "200", "AAAA"]
FIRST = Memento(PAGE, datetime(2019, 3, 1, 10, 20, 30, tzinfo=UTC), "text/html", 200, "AAAA")
PYWB = "&fl=timestamp,url,mime,status,digest&limit=20000"
PLAIN = f"example,gazette)/une/titre 20190301102030 {PAGE} text/html 200 AAAA"


def memento(day: str, digest: str | None = "A", url: str = PAGE, **given: object) -> Memento:
    fields = {"mime": "text/html", "status": 200} | given
    return Memento(url, datetime.fromisoformat(f"{day}T12:00:00+00:00"), digest=digest, **fields)  # type: ignore[arg-type]


def days(picked: dict[str, list[Memento]]) -> list[str]:
    return [f"{each.captured_at:%Y-%m-%d}" for captures in picked.values() for each in captures]


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (json.dumps([NAMES, ROW]), None),
        (json.dumps([NAMES, ROW, [], ["example,gazette)/b 2019"]]), "example,gazette)/b 2019"),
        (json.dumps({"url": PAGE, "timestamp": ROW[0], "mime": "text/html", "status": "200", "digest": "AAAA"}), None),
        (f'example,gazette)/ {ROW[0]} {{"url":"{PAGE}","mime":"text/html","status":"200","digest":"AAAA"}}', None),
        (f" CDX N b a m s k r M S V g\n{PLAIN} - - 1043 333 a.warc.gz\n", None),
        (f"{PLAIN} 1043\n", None),
    ],
)
def test_every_dialect_names_the_same_capture(body: str, key: str | None) -> None:
    assert cdx.parse(body.encode()) == ([FIRST], key)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "<!doctype html><title>Too many requests</title><p>Please wait a while and try it again",
        "org.archive.wayback.exception.RobotAccessControlException: Blocked",
        "[[",
        '[["timestamp"], 5]',
        '[{"a": 1}]',
        "[" * 100_000,
        json.dumps([NAMES, ["20191301000000", PAGE], [None, None], [], []]),
        json.dumps([NAMES, [ROW[0], "ftp://gazette.example/"]]),
        '{"timestamp": "20190301102030", "url": ["x"]}',
    ],
)
def test_what_is_no_index_names_nothing(body: str) -> None:
    assert cdx.parse(body.encode()) == ([], None)


def test_where_archives_answer() -> None:
    ia = cdx.Archive.at("wayback")
    assert ia.raw(FIRST) == f"https://web.archive.org/web/20190301102030id_/{PAGE}"
    asked = ia.ask("https://www.gazette.example/", page=False, since=None, until=None, key="a b")
    assert asked.startswith("https://web.archive.org/cdx/search/cdx?url=gazette.example&matchType=domain&")
    assert asked.endswith("&limit=5000&showResumeKey=true&resumeKey=a+b")
    for place in ("http://localhost:8080/coll", "http://localhost:8080/coll/", "http://localhost:8080/coll/cdx"):
        pywb = cdx.Archive.at(place)
        asked = pywb.ask(PAGE, page=True, since=FIRST.captured_at, until=None, key=None)
        assert asked == f"http://localhost:8080/coll/cdx?url={PAGE}&output=json&from=20190301102030{PYWB}"
        assert pywb.raw(FIRST) == f"http://localhost:8080/coll/20190301102030id_/{PAGE}"
    assert cdx.Archive.at("https://archive.example/cdx/search/cdx").replay == "https://archive.example/web/"


def test_picking() -> None:
    captures = [
        memento("2019-03-31", "B"),
        memento("2019-03-01", "A"),
        memento("2019-04-02", "B"),
        memento("2019-05-09", "A"),
        memento("2019-06-01", None),
        memento("2019-07-01", None),
    ]
    assert days(cdx.pick(captures, "month")) == ["2019-03-31", "2019-05-09", "2019-06-01", "2019-07-01"]
    assert days(cdx.pick(captures, "digest")) == ["2019-03-01", "2019-03-31", "2019-06-01", "2019-07-01"]
    assert days(cdx.pick(captures, "all"))[:3] == ["2019-03-01", "2019-03-31", "2019-05-09"]
    since, until = datetime(2019, 4, 1, tzinfo=UTC), datetime(2019, 5, 1, tzinfo=UTC)
    assert days(cdx.pick(captures, "all", since=since, until=until)) == ["2019-04-02"]


def test_pages_are_picked_and_nothing_else() -> None:
    site = "http://gazette.example"
    left = [
        *("/", "/feed/", "/une/titre/feed/", "/rss.xml", "/wp-json/wp/v2/posts/1", "/robots.txt", "/a.PDF", "/a.jpg"),
        *("/?feed=rss2", "/?rest_route=/wp/v2/posts", "/a b", "/wp-login.php"),
    ]
    taken = ["/?p=7", "/feedback/", "/une/rss-feeds-expliques/", "/une/titre.html", "/une/index.php?id=4"]
    captures = [memento("2019-03-01", url=site + path) for path in left + taken]
    captures += [memento("2019-03-01", url=f"{site}/{each}/", status=each) for each in (301, 404)]
    captures += [memento("2019-03-01", url=f"{site}/x/", mime="application/pdf")]
    captures += [memento("2019-03-01", url=url) for url in ("https://elsewhere.example/a/", "http://[")]
    picked = cdx.pick(captures, covers=lambda url: "gazette" in url)
    assert [url.removeprefix(site) for url in picked] == sorted(taken)


def test_spellings_of_one_address_are_one_page() -> None:
    captures = [memento("2019-03-01", "A"), memento("2019-04-01", "B", PAGE.replace("une", "%75ne") + "?utm_source=x")]
    assert list(cdx.pick(captures)) == [PAGE]


def test_timemaps() -> None:
    text = (
        f'<{PAGE}>; rel="original",\n<http://a.example/timemap/link/{PAGE}>; rel="self"; type="application/link-format"'
        f',\n<http://a.example/20190301102030/{PAGE}?a,b>; rel="first memento";'
        ' datetime="Fri, 01 Mar 2019 10:20:30 GMT",'
        f'\n<http://a.example/2/{PAGE}>; rel=memento; datetime="never", <http://a.example/3>; rel="memento"'
    )
    assert timemap.parse(text.encode(), PAGE) == [Memento(PAGE, FIRST.captured_at)]
    assert timemap.parse(b'<p class="' * 50_000, PAGE) == []


def test_headers_of_the_original() -> None:
    archives = [
        ("X-Archive-Orig-Server", "Apache/2.2"),
        ("x-archive-orig-content-type", "text/html; charset=iso-8859-1"),
        ("X-Archive-Orig-Content-Encoding", "br"),
        ("X-Archive-Orig-Content-Length", "99"),
        ("X-Archive-Orig-Set-Cookie", "session=1"),
        ("X-Archive-Orig-Transfer-Encoding", "chunked"),
        ("X-Archive-Src", "a.warc.gz"),
        ("Memento-Datetime", "Fri, 01 Mar 2019 10:20:30 GMT"),
        ("Server-Timing", "captures_list;dur=1"),
        ("Server", "nginx"),
        ("Content-Type", "text/html"),
        ("Content-Encoding", "gzip"),
    ]
    kept = (("Server", "Apache/2.2"), ("content-type", "text/html; charset=iso-8859-1"), ("Content-Encoding", "gzip"))
    assert mementos.original_headers(archives, b"<p>") == kept
    assert mementos.original_headers(archives[:1], b"\x1f\x8b")[1:] == (("Content-Encoding", "gzip"),)
    pywb = [("Memento-Datetime", "x"), ("Link", "<>"), ("Server", "Apache"), ("Content-Length", "3"), ("X-Ts", "200")]
    assert mementos.original_headers(pywb, b"<p>") == (("Server", "Apache"), ("Content-Length", "3"))


def test_what_an_archive_gave() -> None:
    dated = [("Memento-Datetime", "Sat, 02 Mar 2019 00:00:01 GMT")]
    second = datetime(2019, 3, 2, 0, 0, 1, tzinfo=UTC)
    at = "http://a.example/web/20190302000001id_/"
    assert mementos.answered(FIRST, dated, at + PAGE.replace("https", "http")) == Memento(
        PAGE.replace("https", "http"), second, "text/html", 200, "AAAA"
    )
    by_url = mementos.answered(FIRST, [("X-Archive-Orig-Server", "x")], at + PAGE)
    assert by_url is not None
    assert by_url.captured_at == second
    assert mementos.answered(FIRST, dated, f"{at}https://gazette.example/autre/") is None
    assert mementos.answered(FIRST, [("Server", "nginx")], at + PAGE) is None
