"""Seven fetches of one page, five of them with nothing but churn: three versions, and what changed word by word."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests import clocked
from tests.kiosk import Answer, Kiosk

PATH = "/ville/pont/"
_LEAD = "Le pont de bois, fermé depuis onze mois, rouvre {day} matin aux piétons, annonce la mairie de Bellon."
_BODY = (
    "Les travaux ont coûté 412 000 euros, payés pour moitié par la région, et pour le reste par la commune.",
    "Les voitures devront attendre : la chaussée n’est pas posée, et le tablier reste étroit de deux mètres.",
    "« Nous avons tenu la date », se félicite le maire, qui attend du monde dimanche pour la fête de la rivière.",
)


def page(
    *,
    title: str = "Le pont rouvre lundi",
    day: str = "lundi",
    body: tuple[str, ...] = _BODY,
    counter: int = 12,
    aside: str = "Météo : soleil",
    modified: str = "2026-03-01T09:00:00+01:00",
    spaced: str = " ",
) -> Answer:
    """The article in a template that changes with every fetch: a counter, a side column, a date of modification."""
    lines = "".join(f"<p>{line}</p>{spaced}" for line in (_LEAD.format(day=day), *body))
    html = (
        f"<!doctype html><html lang=fr><head><meta charset=utf-8><title>{title} | Le Kiosque</title>"
        '<meta property="og:type" content="article">'
        '<meta property="article:published_time" content="2026-03-01T08:15:00+01:00">'
        f'<meta property="article:modified_time" content="{modified}"></head><body class="v{counter}">'
        f"<header><nav><a href=/>Accueil</a></nav></header><aside><h2>{aside}</h2><p>Lu {counter} fois</p></aside>"
        f'<article><h1>{title}</h1><p class="byline">Par Odile Ferrand</p><div class="share">{counter} partages</div>'
        f"{lines}</article><footer>Vu {counter} fois</footer></body></html>"
    )
    return Answer(body=html.encode(), headers={"X-Served-By": f"cache-{counter}"})


FETCHES = (
    page(),
    page(counter=408, aside="Météo : pluie"),
    page(counter=977, modified="2026-03-01T11:30:00+01:00", spaced="\n\n\t"),
    page(day="mardi", counter=1204),
    page(day="mardi", counter=1933, body=tuple(line.replace("’", "'").replace("« ", "«\u202f") for line in _BODY)),
    page(title="Le pont rouvre mardi", day="mardi", counter=2240, body=_BODY[:2]),
    page(title="Le pont rouvre mardi", day="mardi", counter=2251, body=_BODY[:2], aside="À lire aussi : le marché"),
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    folder = tmp_path_factory.mktemp("versions")
    with Kiosk() as kiosk:
        sites, url = kiosk.sites(folder), kiosk.url.rstrip("/") + PATH
        for number, answer in enumerate(FETCHES):
            kiosk.answers[PATH] = answer
            moment = clocked.START + timedelta(days=number)
            clocked.run(moment, "crawl", "--url", url, "--archive", folder / "archive", sites=sites)
        assert [asked.status for asked in kiosk.asked(PATH)] == [200] * len(FETCHES)
        yield folder / "archive", url


def told(archive: tuple[Path, str], command: str, *arguments: str) -> str:
    directory, url = archive
    return clocked.run(clocked.START, command, url, *arguments, "--archive", directory).stdout


def test_three_versions_and_when_each_was_seen(archive: tuple[Path, str]) -> None:
    found = [json.loads(line) for line in told(archive, "versions", "--json").splitlines()]
    assert [(one["first_seen"][:10], one["last_seen"][:10]) for one in found] == [
        ("2026-03-01", "2026-03-03"),
        ("2026-03-04", "2026-03-05"),
        ("2026-03-06", "2026-03-07"),
    ]
    assert [one.get("changed", []) for one in found] == [[], ["text"], ["title", "text"]]


def test_the_word_diffs(archive: tuple[Path, str]) -> None:
    first = told(archive, "diff", "1", "--whole")
    assert "rouvre [-lundi-]{+mardi+} matin" in first
    assert first.count("[-") == first.count("{+") == 1
    last = told(archive, "diff")
    assert "Le pont rouvre [-lundi-]{+mardi+}" in last
    assert f"[-\n{_BODY[2]}-]" in last.replace("\u202f", " ").replace("'", "’")


def test_filters(archive: tuple[Path, str]) -> None:
    lines = told(archive, "versions", "--headline").splitlines()
    assert [line.split()[0] for line in lines[::2]] == ["1", "3"]
    assert [line.split()[0] for line in told(archive, "versions", "--min-words", "10").splitlines()[::2]] == ["1", "3"]
