"""Words and calendars of dates: months' names, labels such as "updated", languages by script, the solar Hijri year."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from importlib import import_module

# Months as the languages of most of the web's news print them; dateparser knows the others.
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            (
                "january janvier januar enero gennaio janeiro januari jan janv ene gen jän jänner января "
                "січня stycznia ledna ocak январь"
            ),
            (
                "february février fevrier februar febrero febbraio fevereiro februari feb févr fév fevr fev "
                "февраля лютого lutego února şubat"
            ),
            "march mars märz marzo março maart mar mär mrz marts марта березня marca března mart",
            "april avril abril aprile apr avr abr апреля квітня kwietnia dubna nisan",
            "may mai mayo maggio maio mei mag maj мая травня maja května mayıs",
            "june juin juni junio giugno junho jun giu июня червня czerwca června haziran",
            "july juillet juli julio luglio julho jul juil lug июля липня lipca července temmuz",
            "august août aout agosto augustus aug ago augusti августа серпня sierpnia srpna ağustos",
            "september septembre septiembre settembre setembro sep sept set сентября вересня września září eylül",
            "october octobre oktober octubre ottobre outubro oct okt ott out октября жовтня października října ekim",
            "november novembre noviembre novembro nov ноября листопада listopada listopadu kasım",
            (
                "december décembre decembre dezember diciembre dicembre dezembro dec déc dez dic декабря "
                "грудня grudnia prosince aralık"
            ),
        ),
        start=1,
    )
    for name in names.split()
}
_HIJRI = "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند"
_MONTHS |= {name: number for number, name in enumerate(_HIJRI.split(), start=1)}

_UPDATED = (
    r"(?:last )?(?:updated|modified|changed|revised)(?: (?:on|at))?|mise? à jour|actualisée?|modifiée?(?: le)?"
    r"|(?:zuletzt )?(?:aktualisiert|geändert|bearbeitet)|(?:letzte )?(?:aktualisierung|änderung)|update[ds]?"
    r"|(?:última )?actualiza(?:do|da|ción)|modificado|(?:ultimo )?aggiorna(?:to|ta|mento)|modificato"
    r"|(?:última )?atualiza(?:do|da|ção)|bijgewerkt|gewijzigd|laatste update|(?:senast )?uppdatera[dt]"
    r"|(?:sist )?oppdatert|opdateret|ændret|endret|ändrad|päivitetty|muokattu|обновлен[оа]?|изменен[оа]?"
    r"|оновлен[оа]|(?:ostatnia )?aktualizacja|zaktualizowano|aktualizov[aá]no|(?:son )?güncelle(?:me|ndi|nme)"
    r"|actualizat|frissítve|módosítva|ενημερώθηκε|ενημέρωση|(?:آخر )?تحديث|عُ?دل|به ?روز ?رسانی|بروزرسانی|עודכן"
    r"|עדכון|最終更新日?|最后更新|更新(?:日時?|时间|時間|于|於)?|수정|업데이트|최종"
    r"|diperbarui|cập nhật|अपडेट(?:ेड)?|อัปเดต|แก้ไข"
    r"|ajournée?|ažurirano"
)
_PUBLISHED = (
    r"(?:first |originally )?(?:published|posted|created|written|publish date)(?: (?:on|at))?|publiée?|posté"
    r"|créé|mise? en ligne|parue?|veröffentlicht|erstellt|erschienen|publicad[oa]|creado|pubblicat[oa]|criado"
    r"|gepubliceerd|geplaatst|publicera[dt]|publisert|(?:offentlig|udgiv)et|julkaistu|опубликован[оа]"
    r"|опубліковано|(?:data )?publikacji|opublikowano|publikováno|yayınlan(?:ma|dı)|yayın|publicat|közzétéve"
    r"|megjelent|δημοσιεύ(?:θ|τ)ηκε|δημοσίευση|نُ?شر(?: في)?|تاريخ النشر|تاریخ انتشار|انتشار|פורסם|公開日?|投稿日|配信"
    r"|掲載|发布(?:时间|于)?|發布(?:時間)?|입력|등록|게시|diterbitkan|dipublikasikan|xuất bản|प्रकाशित|เผยแพร่|objavljeno"
)
_CJK = r"\u3000-\u9fff\uac00-\ud7af"  # written without spaces
LABEL = re.compile(
    rf"(?:(?<![^\W_])|(?<=[{_CJK}]))(?:(?P<updated>{_UPDATED})|(?P<published>{_PUBLISHED}))(?:(?![^\W\d_])|(?=[{_CJK}]))",
    re.IGNORECASE,
)
# Words that tell a day by themselves; what they mean is dateparser's business.
DAYS_APART = re.compile(
    r"\b(?:yesterday|today|hier|aujourd['’]hui|gestern|vorgestern|heute|ayer|hoy|anteayer|ieri|oggi|ontem|hoje"
    r"|gisteren|vandaag|i ?går|i ?dag|idag|igår|eilen|tänään|вчера|сегодня|вчора|сьогодні"
    r"|wczoraj|dzisiaj|dziś|včera|dnes|dün|bugün"
    r"|χθες|χτες|σήμερα|أمس|اليوم|دیروز|امروز|אתמול|היום|kemarin|hôm qua|hôm nay)\b"
    r"|昨日|昨天|今日|今天|어제|오늘|小时前|時間前|시간 전",
    re.IGNORECASE,
)
_BY_SCRIPT = {
    "CYRILLIC": ("ru", "uk", "bg", "sr"), "GREEK": ("el",), "ARABIC": ("ar", "fa"), "HEBREW": ("he",),
    "DEVANAGARI": ("hi",), "THAI": ("th",), "HANGUL": ("ko",), "HIRAGANA": ("ja",), "CJK": ("zh", "ja"),
    "BENGALI": ("bn",), "TAMIL": ("ta",), "GEORGIAN": ("ka",), "ARMENIAN": ("hy",),
}  # fmt: skip
_KEYS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_HIJRI_OFFSET = 356033  # days of the formula below before the first of January of the year 1
LATIN = ("en", "de", "fr", "es", "it", "pt", "nl", "pl")


def month(name: str) -> int | None:
    """A month by its name in one of the usual languages; 3 for the Vietnamese "tháng 3"."""
    name = name.replace("ي", "ی")  # the Arabic letter is often typed for the Persian one
    return _MONTHS.get(name.casefold()) or _MONTHS.get(name.lower()) or _vietnamese(name.lower())


def month_in(name: str, languages: Iterable[str]) -> int | None:
    """A month by its name in one of these languages, from dateparser's tables, which are made of Unicode's CLDR."""
    folded = name.casefold().strip(".")
    return next((number for language in languages if (number := _months_of(language).get(folded))), None)


@lru_cache(maxsize=128)
def _months_of(language: str) -> Mapping[str, int]:
    try:
        table = import_module(f"dateparser.data.date_translation_data.{language}").info
    except ModuleNotFoundError:  # a language without a table
        return {}
    return {name.casefold().strip("."): n for n, key in enumerate(_KEYS, start=1) for name in table.get(key, ())}


def _vietnamese(name: str) -> int | None:
    number = name.removeprefix("tháng ")
    return int(number) if number != name and number.isdecimal() else None


def languages_of(text: str) -> tuple[str, ...]:
    """Languages to try for a text whose page names none, by its script."""
    for character in text:
        if character.isalpha() and not character.isascii():
            script = unicodedata.name(character, "").split()[0:1]
            known = _BY_SCRIPT.get(script[0].split("-")[0]) if script else None
            if known:
                return known
    return LATIN


def from_solar_hijri(year: int, month: int, day: int) -> date:
    """A day of Iran's calendar as a Gregorian one, by the 33-year cycle, right from 1178 to 1633.

    Raises ValueError for a month or day that is none.
    """
    if not (1 <= month <= 12 and 1 <= day <= 31 - (month > 6)):
        raise ValueError(f"{year}-{month}-{day} is no day")
    before = year + 1595
    days = 365 * before + before // 33 * 8 + (before % 33 + 3) // 4 + day
    days += (month - 1) * 31 if month < 7 else (month - 7) * 30 + 186
    return date.fromordinal(days - _HIJRI_OFFSET)
