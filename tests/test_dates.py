"""Dates as pages print them: fifteen languages and more, labels, clocks, calendars, and what is no date."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from archive.reading import dates, datewords
from archive.reading.printed import LONGEST, Manner, may_hold_date, read

PARIS = timezone(timedelta(hours=1))
NOW = datetime(2025, 3, 9, 18, 0, tzinfo=PARIS)

# language, line, published (or None), changed (or None)
LINES = [
    ("fr", "Publié le 8 février 2025 à 10 h 32", "2025-02-08T10:32:00", None),
    ("fr", "Publié le 8 mars 2025 à 10h32. Mis à jour le 9 mars 2025 à 11h05",
     "2025-03-08T10:32:00", "2025-03-09T11:05:00"),
    ("fr", "Par Anne Roy | 8 mars 2025 | Mis à jour le 09/03/2025 à 8h", "2025-03-08T00:00:00", "2025-03-09T08:00:00"),
    ("fr", "Publié le 1er mars 2025", "2025-03-01T00:00:00", None),
    ("fr", "Le 08/03/2025 à 10:32", "2025-03-08T10:32:00", None),
    ("fr", "hier à 14h", "2025-03-08T14:00:00+01:00", None),
    ("fr", "il y a 3 heures", "2025-03-09T15:00:00+01:00", None),
    ("fr", "Publié il y a 20 minutes", "2025-03-09T17:40:00+01:00", None),
    ("fr", "Mis à jour il y a 2 heures", None, "2025-03-09T16:00:00+01:00"),
    ("fr", "il y a 3 mois", None, None),
    ("en", "Published 8 March 2025, 10:32 GMT", "2025-03-08T10:32:00+00:00", None),
    ("en", "March 8, 2025 at 3:05 pm", "2025-03-08T15:05:00", None),
    ("en", "Updated 5:36 AM EST, March 8, 2025", None, "2025-03-08T05:36:00-05:00"),
    ("en", "Published 10:00 8 March 2025, updated 11:30", "2025-03-08T10:00:00", "2025-03-08T11:30:00"),
    ("en", "Written: 2025-03-07 15:03:30 / Updated: 2025-03-08 15:30:46", "2025-03-07T15:03:30", "2025-03-08T15:30:46"),
    ("en", "Aug. 8, 2024", "2024-08-08T00:00:00", None),
    ("en", "Sat, 8th of March 2025", "2025-03-08T00:00:00", None),
    ("en", "3 hours ago", "2025-03-09T15:00:00+01:00", None),
    ("en", "yesterday", "2025-03-08T00:00:00+01:00", None),
    ("en", "03/08/2025", "2025-03-08T00:00:00", None),
    ("en", "13/02/2025", "2025-02-13T00:00:00", None),
    ("en", "Copyright 2025 The Lookout", None, None),
    ("en", "10 people like this", None, None),
    ("de", "8. März 2025, 10:32 Uhr", "2025-03-08T10:32:00", None),
    ("de", "08.03.2025, 10.32 Uhr - Lokales", "2025-03-08T10:32:00", None),
    ("de", "Veröffentlicht am 8.3.25", "2025-03-08T00:00:00", None),
    ("de", "Erstellt: 07.03.2025 Aktualisiert: 08.03.2025, 10:32", "2025-03-07T00:00:00", "2025-03-08T10:32:00"),
    ("de", "vor 2 Stunden", "2025-03-09T16:00:00+01:00", None),
    ("de", "gestern um 14 Uhr", "2025-03-08T14:00:00+01:00", None),
    ("es", "8 de marzo de 2025 10:32h", "2025-03-08T10:32:00", None),
    ("es", "hace 2 horas", "2025-03-09T16:00:00+01:00", None),
    ("es", "08/03/2025 - 10:32 Actualizado: 09/03/2025 - 08:10", "2025-03-08T10:32:00", "2025-03-09T08:10:00"),
    ("ca", "8 de març de 2025", "2025-03-08T00:00:00", None),
    ("it", "Pubblicato il 8 marzo 2025 alle 10.32", "2025-03-08T10:32:00", None),
    ("it", "10:32 - 08/03/2025", "2025-03-08T10:32:00", None),
    ("it", "2 ore fa", "2025-03-09T16:00:00+01:00", None),
    ("pt", "Publicado em 08/03/2025 às 10h32", "2025-03-08T10:32:00", None),
    ("pt", "08/03/2025 10h32 Atualizado há 2 horas", "2025-03-08T10:32:00", "2025-03-09T16:00:00+01:00"),
    ("nl", "8 maart 2025 om 10:32", "2025-03-08T10:32:00", None),
    ("nl", "2 uur geleden", "2025-03-09T16:00:00+01:00", None),
    ("sv", "Publicerad: 8 mars 2025 10.32", "2025-03-08T10:32:00", None),
    ("da", "8. marts 2025 kl. 10.32", "2025-03-08T10:32:00", None),
    ("nb", "Publisert 8. mars 2025, kl. 10:32", "2025-03-08T10:32:00", None),
    ("fi", "8.3.2025 klo 10.32", "2025-03-08T10:32:00", None),
    ("pl", "8 marca 2025, 10:32", "2025-03-08T10:32:00", None),
    ("pl", "2 godziny temu", "2025-03-09T16:00:00+01:00", None),
    ("cs", "8. března 2025 10:32", "2025-03-08T10:32:00", None),
    ("hu", "2025. március 8. 10:32", "2025-03-08T10:32:00", None),
    ("ro", "8 martie 2025, 10:32", "2025-03-08T10:32:00", None),
    ("ru", "8 марта 2025, 10:32", "2025-03-08T10:32:00", None),
    ("ru", "8 марта 2025, 10:32 МСК", "2025-03-08T10:32:00+03:00", None),
    ("ru", "вчера в 14:20", "2025-03-08T14:20:00+01:00", None),
    ("uk", "8 березня 2025, 10:32", "2025-03-08T10:32:00", None),
    ("el", "Δημοσιεύτηκε: 8 Μαρτίου 2025, 10:32", "2025-03-08T10:32:00", None),
    ("tr", "07.03.2025 - Güncelleme : 08.03.2025", "2025-03-07T00:00:00", "2025-03-08T00:00:00"),
    ("tr", "8 Mart 2025 Cumartesi 10:32", "2025-03-08T10:32:00", None),
    ("ar", "٨ مارس ٢٠٢٥", "2025-03-08T00:00:00", None),
    ("ar", "منذ 3 ساعات", "2025-03-09T15:00:00+01:00", None),
    ("fa", "۱۸ اسفند ۱۴۰۳ - ۱۰:۳۲", "2025-03-08T10:32:00", None),
    ("fa", "1403/12/18", "2025-03-08T00:00:00", None),
    ("he", "8 במרץ 2025", "2025-03-08T00:00:00", None),
    ("hi", "8 मार्च 2025", "2025-03-08T00:00:00", None),
    ("bn", "৮ মার্চ ২০২৫", "2025-03-08T00:00:00", None),
    ("th", "8 มีนาคม 2568 10:32 น.", "2025-03-08T10:32:00", None),
    ("th", "๘ มีนาคม ๒๕๖๘", "2025-03-08T00:00:00", None),
    ("th", "08/03/2568", "2025-03-08T00:00:00", None),
    ("hi", "८ मार्च २०२५, १०:३२", "2025-03-08T10:32:00", None),
    ("mr", "८ मार्च २०२५", "2025-03-08T00:00:00", None),
    ("ar", "٠٨/٠٣/٢٠٢٥ ١٠:٣٢", "2025-03-08T10:32:00", None),
    ("lv", "2025. gada 8. marts", None, None),
    ("lt", "2025 m. kovo 8 d.", None, None),
    ("sk", "8. marca 2025", "2025-03-08T00:00:00", None),
    ("hr", "8. ožujka 2025.", "2025-03-08T00:00:00", None),
    ("bg", "8 март 2025", "2025-03-08T00:00:00", None),
    ("et", "8. märts 2025", "2025-03-08T00:00:00", None),
    ("ka", "8 მარტი 2025", "2025-03-08T00:00:00", None),
    ("vi", "Thứ bảy, 8/3/2025, 10:32 (GMT+7)", "2025-03-08T10:32:00+07:00", None),
    ("vi", "8 tháng 3, 2025", "2025-03-08T00:00:00", None),
    ("id", "Sabtu, 8 Maret 2025 10:32 WIB", "2025-03-08T10:32:00+07:00", None),
    ("ja", "2025年3月8日 10:32", "2025-03-08T10:32:00", None),
    ("ja", "2025年3月8日10時32分更新", None, "2025-03-08T10:32:00"),
    ("ja", "3時間前", "2025-03-09T15:00:00+01:00", None),
    ("zh", "发布时间：2025-03-08 10:32", "2025-03-08T10:32:00", None),
    ("zh", "3小时前", "2025-03-09T15:00:00+01:00", None),
    ("ko", "입력 2025.03.08. 오후 3:20", "2025-03-08T15:20:00", None),
    ("ko", "2025년 3월 8일", "2025-03-08T00:00:00", None),
    ("en", "31/31/2025", None, None),
    ("en", "2025-02-31", None, None),
    ("en", "12.05.0203", None, None),
    ("en", "8 March 2031 and 1.2.3.4 and 12:99", "2031-03-08T00:00:00", None),
    ("en", "a b c d e f g h i 8 March 2025", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("language", "line", "published", "changed"), LINES)
def test_line_is_read_in_its_language(language: str, line: str, published: str | None, changed: str | None) -> None:
    found = read(line, Manner((language,), month_first=language == "en", now=NOW), thorough=True)
    said = {printed.updated: printed.at.isoformat() for printed in reversed(found)}
    assert (said.get(False), said.get(True)) == (published, changed)


def test_languages_and_cases_are_many() -> None:
    assert len(LINES) >= 60
    assert len({language for language, *_ in LINES}) >= 15


def test_quick_reading_counts_nothing_back() -> None:
    manner = Manner(("ru",), month_first=False, now=NOW)
    assert read("8 марта 2025", manner)
    assert read("3 часа назад", manner) == []


def test_months_are_those_of_the_pages_language() -> None:
    assert read("8. ožujka 2025", Manner(("hr",), month_first=False, now=NOW))
    assert read("8. ožujka 2025", Manner(("cs", "xx"), month_first=False, now=NOW)) == []


def test_sentence_with_a_date_in_it_is_prose() -> None:
    manner = Manner(("en",), month_first=False, now=NOW)
    assert read("On 8 March 2025, the port was as empty as it had been all through the war.", manner) == []
    assert read("By Anne Roy, in Port Arthur, 8 March 2025.", manner)


def test_day_is_first_but_in_america() -> None:
    for month_first, expected in ((True, 8), (False, 3)):
        (found,) = read("03/08/2024", Manner(("en",), month_first=month_first, now=NOW))
        assert found.at.day == expected
    (ahead,) = read("03/04/2025", Manner(("en",), month_first=False, now=NOW))
    assert (ahead.at.month, ahead.at.day) == (3, 4), "the third of April is yet to come"


def test_long_lines_are_prose() -> None:
    manner = Manner(("en",), month_first=False, now=NOW)
    assert read("8 March 2025 " + "x" * LONGEST, manner) == []
    assert not may_hold_date("8 March 2025 " + "x" * LONGEST)
    assert not may_hold_date("Hier, ja hier")
    assert may_hold_date("hier", thorough=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10:32", (10, 32, 0)), ("à 10 h 32", (10, 32, 0)), ("14 Uhr", (14, 0, 0)), ("3:05 pm", (15, 5, 0)),
        ("12 a.m.", (0, 0, 0)), ("10時32分", (10, 32, 0)), ("오후 3:20", (15, 20, 0)), ("kl. 10.32", (10, 32, 0)),
        ("10:32:45", (10, 32, 45)), ("24:00", (0, 0, 0)), ("8.3.2025", None), ("10 heures", (10, 0, 0)),
        ("10 people", None), ("", None),
    ],
)  # fmt: skip
def test_clock_is_read(text: str, expected: tuple[int, int, int] | None) -> None:
    assert dates.clock(text) == expected


@pytest.mark.parametrize(
    ("day", "gregorian"),
    [((1403, 12, 18), "2025-03-08"), ((1404, 1, 1), "2025-03-21"), ((1399, 12, 30), "2021-03-20"),
     ((1395, 1, 1), "2016-03-20"), ((1357, 11, 22), "1979-02-11")],
)  # fmt: skip
def test_solar_hijri_day_is_turned(day: tuple[int, int, int], gregorian: str) -> None:
    assert datewords.from_solar_hijri(*day).isoformat() == gregorian


@pytest.mark.parametrize("day", [(1403, 13, 1), (1403, 7, 31), (1403, 0, 1), (1403, 1, 0)])
def test_solar_hijri_day_that_is_none_is_refused(day: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="is no day"):
        datewords.from_solar_hijri(*day)


def test_zeros_of_software_are_no_dates() -> None:
    for raw in ("1970-01-01T00:00:00Z", "1970-01-01T01:00:00+01:00", "1969-12-31T19:00:00-05:00", "0001-01-01T00:00:00",
                "1900-01-01", "0000-00-00 00:00:00"):  # fmt: skip
        assert dates.parse(raw) is None, raw
    assert dates.parse("1970-01-02T00:00:00Z") == datetime(1970, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "unit",
    ["8 ", "8/", "8. März ", "1-", "2025-", "updated ", "年", "10:", "+0", "GMT", "de ", "٨ ", "\u200b8", "(8", "x 8 ",
     "8 ok 2025 ", "March 8 ", "8 März 2025."],
)  # fmt: skip
def test_hostile_strings_take_no_time(unit: str) -> None:
    manner = Manner(("de", "ar", "ja"), month_first=True, now=NOW)
    start = time.process_time()
    for size in (LONGEST, 100_000):
        text = unit * (size // len(unit))
        dates.parse(text)
        dates.clock(text)
        read(text, manner, thorough=True)
        may_hold_date(text, thorough=True)
    assert time.process_time() - start < 2
