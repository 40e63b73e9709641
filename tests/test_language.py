"""The language of an article: what the page states, and when the text is asked."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from archive.models import Page
from archive.reading import language, markup
from archive.reading.evidence import Evidence, collect

CAPTURED = datetime(2026, 1, 10, tzinfo=UTC)
URL = "https://www.vigie.example/mer/un-article/"
FRENCH = "Le bateau est rentré à quai vers six heures, et son équipage a dormi jusqu’à midi passé. " * 3
ENGLISH = "The boat came back to the quay at six in the morning, and its crew was asleep until noon. " * 3
ZULU = "Abafundi besikole banikezwe izincwadi ezintsha namhlanje ekuseni, kusho uthisha omkhulu. " * 4
RUSSIAN = "Паром вернулся в порт в шесть часов утра, и команда проспала до самого полудня. " * 3
KOREAN = "여객선은 아침 여섯 시에 부두로 돌아왔고 선원들은 정오까지 잠을 잤다. " * 3
SERBIAN = "Brod se vratio u luku u šest sati ujutro, a posada je spavala sve do podneva. " * 3
CHINESE = "渡轮早上六点回到码头，船员们一直睡到中午。岛上的居民说他们等了三天。" * 3


def evidence(head: str = "", attributes: str = "", body: str = "", header: str | None = None) -> Evidence:
    html = f"<html {attributes}><head>{head}</head><body>{body}</body></html>"
    headers = (("Content-Language", header),) if header else ()
    root, _ = markup.parse(html)
    assert root is not None
    return collect(Page(URL, 200, headers, html.encode(), CAPTURED), markup.gather(root, URL, html))


def locale(value: str) -> str:
    return f'<meta property="og:locale" content="{value}">'


def ld(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", "inLanguage": value})}</script>'


@pytest.mark.parametrize(
    ("head", "attributes", "text", "expected"),
    [
        pytest.param("", 'lang="fr-BE"', FRENCH, ("fr-BE", "html lang"), id="stated"),
        pytest.param(locale("fr_CA"), "", FRENCH, ("fr-CA", "og:locale"), id="a locale"),
        pytest.param(ld({"@type": "Language", "name": "French", "alternateName": "fr"}), "", FRENCH, ("fr", "json-ld"),
                     id="JSON-LD's Language"),
        pytest.param(locale("en_US"), 'lang="fr-FR"', FRENCH, ("fr-FR", "html lang"), id="a plugin's default"),
        pytest.param(locale("fr_FR"), 'lang="en"', FRENCH, ("fr-FR", "og:locale"), id="a theme's default"),
        pytest.param(locale("en_US"), 'lang="en-ZA"', ZULU, ("zu", "text"), id="everything is at the default"),
        pytest.param(locale("en_GB"), 'lang="en-GB"', ENGLISH, ("en-GB", "html lang"), id="English it is"),
        pytest.param("", 'lang="en"', "Tide at 6.40", ("en", "html lang"), id="too little text to doubt"),
        pytest.param("", "", FRENCH, ("fr", "text"), id="nothing stated"),
        pytest.param("", "", "Brest 2, Lorient 1", None, id="nothing stated and too little text"),
        pytest.param("", 'lang="de"', RUSSIAN, ("ru", "text"), id="another script"),
        pytest.param("", 'lang="ru"', FRENCH, ("fr", "text"), id="another script's language"),
        pytest.param("", 'lang="kr"', KOREAN, ("ko", "text"), id="the country's code, which is another language's"),
        pytest.param("", 'lang="sr-Latn"', SERBIAN, ("sr-Latn", "html lang"), id="a language of two scripts"),
        pytest.param(locale("en_US"), 'lang="nb-NO"', "Ferja kom tilbake til kaia klokka seks, og mannskapet sov til "
                     "langt på dag. Passasjerene ventet i tre dager på øya uten strøm.", ("nb-NO", "html lang"),
                     id="a detector knows Norwegian, not Bokmål"),
        pytest.param("", 'lang="zh-hant-tw"', CHINESE, ("zh-Hant-TW", "html lang"), id="script and region"),
        pytest.param("", 'lang="default"', FRENCH, ("fr", "text"), id="no tag"),
        pytest.param(locale("de_DE"), 'lang="it"', FRENCH, ("fr", "text"), id="two statements, neither true"),
    ],
)  # fmt: skip
def test_language_is_the_stated_one_that_the_text_confirms(
    head: str, attributes: str, text: str, expected: tuple[str, str] | None
) -> None:
    found = language.language(evidence(head, attributes), text)
    assert (found and (found.value, found.source)) == expected


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("fr", "fr"),
        ("FR_fr", "fr-FR"),
        ("fr_FR.UTF-8", "fr-FR"),
        ("pt-br", "pt-BR"),
        ("es-419", "es-419"),
        ("zh_Hans_CN", "zh-Hans-CN"),
        ("en, fr", "en"),
        ("iw-IL", "he-IL"),
        ("jp", "ja"),
        ("cz-CZ", "cs-CZ"),
        ("english", None),
        ("français", None),
        ("", None),
        (None, None),
        ("x" * 1_000_000, None),
    ],
)
def test_tags_are_written_as_bcp_47_has_them(written: str | None, tag: str | None) -> None:
    assert language.normal(written) == tag


def test_every_statement_is_named() -> None:
    page = evidence(
        locale("fr_FR") + '<meta http-equiv="content-language" name="language" content="fr">' + ld("fr-FR"),
        'lang="fr"',
        '<article lang="br">Demat</article>',
        header="fr",
    )
    assert [(claim.source, claim.value) for claim in language.claims(page)] == [
        ("article lang", "br"),
        ("html lang", "fr"),
        ("og:locale", "fr-FR"),
        ("language", "fr"),
        ("json-ld", "fr-FR"),
        ("Content-Language header", "fr"),
    ]


def test_the_rule_says_whether_the_text_was_asked() -> None:
    def rule(attributes: str, text: str, head: str = "") -> str | None:
        found = language.language(evidence(head, attributes), text)
        return found.rule if found else None

    assert rule('lang="fr"', FRENCH, locale("en_US")) == language.CONFIRMED
    assert rule('lang="de"', FRENCH, locale("en_US")) == language.OVERRULED
    assert rule("", FRENCH) == "the only claim"


def test_the_detector_is_loaded_only_when_it_is_needed() -> None:
    code = "import sys, archive.reading.language; print('py3langid' in sys.modules)"
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert asked.stdout.strip() == "False"


def test_detection_is_bounded_and_always_the_same() -> None:
    assert language.detect(FRENCH * 100_000) == "fr"
    assert {language.detect(ZULU) for _ in range(5)} == {"zu"}
    language.detect("\ud800" * 1000)  # lone surrogates do not raise
    assert language.detect("1 2 3 4 " * 50) is None
