"""Which pictures are an article's, under which address, and what is caption and what is credit."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from archive.models import Image, Page
from archive.reading import captions, images, markup, pictures
from archive.reading.evidence import Evidence, collect
from archive.reading.markup import Element

URL = "https://vigie.example/mer/un-article/"
HOST = "https://vigie.example"
PROSE = "<p>Le bateau est rentré à quai vers six heures, et son équipage a dormi jusqu’à midi passé.</p>" * 3


def read(content: str, head: str = "", above: str = "") -> tuple[Evidence, list[Element]]:
    text = (
        f"<html><head>{head}</head><body><main><article><h1>Un titre</h1>{above}<div id='text'>{PROSE}{content}</div>"
        "</article></main></body></html>"
    )
    root, _ = markup.parse(text)
    assert root is not None
    gathered = markup.gather(root, URL, text)
    page = Page(URL, 200, (), text.encode(), datetime(2025, 12, 1, tzinfo=UTC))
    return collect(page, gathered), [next(e for e in root.iter("div") if e.get("id") == "text")]


def found(content: str, head: str = "", above: str = "") -> tuple[Image, ...]:
    evidence, elements = read(content, head, above)
    choice = images.within(elements, evidence, "name")
    return choice.value if choice else ()


def paths(content: str, head: str = "", above: str = "") -> list[str]:
    return [image.url.removeprefix(HOST) for image in found(content, head, above)]


def ld(**fields: Any) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **fields})}</script>'


GIF = "data:image/gif;base64,R0lGODlhAQABAAAAACw="


@pytest.mark.parametrize(
    ("content", "path"),
    [
        ('<img src="/a.jpg">', "/a.jpg"),
        (f'<img src="{GIF}" data-src="/a.jpg">', "/a.jpg"),
        ('<img src="/placeholder.png" data-lazy-src="/a.jpg">', "/a.jpg"),
        ('<img src="/blank.gif" data-original="/a.jpg">', "/a.jpg"),
        (f'<img src="{GIF}" data-srcset="/a-300x200.jpg 300w, /a-900x600.jpg 900w">', "/a-900x600.jpg"),
        ('<img srcset="/a.jpg, /b.jpg 1.5x, /c.jpg 2x">', "/c.jpg"),
        ('<img src="/a.jpg?w=300" srcset="/a.jpg?w=300 300w, /a.jpg?w=1200 1200w">', "/a.jpg?w=1200"),
        ('<img src="/a.jpg" srcset="/a-300x200.jpg 300w">', "/a.jpg"),
        ('<picture><source srcset="/a-1200.webp 1200w"><img src="/a-300x200.jpg"></picture>', "/a-1200.webp"),
        (f'<img src="{GIF}"><noscript><img src="/a.jpg"></noscript>', "/a.jpg"),
        ('<img data-src="/a.jpg"><noscript><img src="/a.jpg"></noscript>', "/a.jpg"),
        ('<amp-img src="/a.jpg" width="600" height="400"></amp-img>', "/a.jpg"),
        ('<img src="//cdn.example/a.jpg">', "https://cdn.example/a.jpg"),
    ],
)
def test_address_is_the_largest_named_behind_any_lazy_loader(content: str, path: str) -> None:
    assert paths(content) == [path]


@pytest.mark.parametrize(
    "content",
    [
        '<img src="javascript:alert(1)">',
        '<img src="data:image/svg+xml,<svg/>">',
        '<img src="http://[::1">',
        '<img src="/a.jpg" width="1" height="1">',
        '<img src="/a.jpg" width="32px">',
        '<img class="wp-smiley" src="/sourire.png">',
        '<img src="/uploads/site-logo.png">',
        '<img class="avatar avatar-96" src="/anne.jpg">',
        '<img src="https://secure.gravatar.com/anne?s=96">',
        '<img src="https://pixel.wp.com/g.gif?v=ext">',
        '<img src="https://vg01.met.vgwort.de/na/abc">',
        '<div class="author-box related"><img src="/anne.jpg"></div>',
        '<aside><img src="/autre.jpg"></aside>',
        '<div class="related-posts"><img src="/autre.jpg"></div>',
        '<div class="ads"><img src="/pub.jpg"></div>',
        '<a href="/2025/03/04/un-tout-autre-article/"><img src="/autre.jpg"></a>',
        '<a href="/mer/"><img src="/autre.jpg"></a>',
        '<a rel="sponsored" href="https://marchand.example/"><img src="/pub.jpg"></a>',
        "<img>",
    ],
)
def test_what_is_no_picture_of_the_article_is_left_out(content: str) -> None:
    assert paths(content) == []


@pytest.mark.parametrize(
    "content",
    [
        '<a href="/a-large.jpg"><img src="/a.jpg"></a>',
        '<a rel="attachment wp-att-7" href="/2025/03/04/un-article/a/"><img src="/a.jpg"></a>',
        f'<a href="{URL}?image=2"><img src="/a.jpg"></a>',
        '<figure><a href="/galerie"><img src="/a.jpg"></a><figcaption>Le quai.</figcaption></figure>',
        '<div class="gallery"><img src="/a.jpg"></div>',
    ],
)
def test_picture_that_links_to_itself_or_has_a_caption_is_kept(content: str) -> None:
    assert paths(content) == ["/a.jpg"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/up/a.jpg", "/up/a-300x200.jpg"),
        ("/up/a-scaled.jpg", "/up/a-1024x683.jpg"),
        ("/up/a.jpg", "/up/a.jpg.webp"),
        ("/up/a.jpg?w=300&h=200&fit=crop", "/up/a.jpg?w=1200"),
        ("/up/a.jpg", "https://i0.wp.com/vigie.example/up/a.jpg?resize=300%2C200&ssl=1"),
        ("/up/a.jpg", "https://thumbor.example/unsafe/300x200/smart/https://vigie.example/up/a.jpg"),
        ("/up/a.jpg", f"{HOST}/_next/image?url=%2Fup%2Fa.jpg&w=640&q=75"),
        ("/up/a.jpg", f"{HOST}/cdn-cgi/image/width=640,quality=75/up/a.jpg"),
        ("/up/a.jpg", "/resize/300x200/up/a.jpg"),
        ("/files/styles/large/public/a.jpg", "/files/styles/large/public/a.jpg?itok=Ab1"),
        ("https://img.example/fit-in/600x400/filters:format(webp)/a.jpg", "https://img.example/fit-in/90x60/a.jpg"),
        ("https://res.example/image/upload/w_300,h_200,c_fill/a.jpg", "https://res.example/image/upload/w_900/a.jpg"),
    ],
)
def test_sizes_of_one_picture_are_one(one: str, other: str) -> None:
    here = [address if "://" in address else HOST + address for address in (one, other)]
    assert pictures.identity(here[0]) == pictures.identity(here[1])
    assert len(paths(f'<img src="{one}"><p>Et</p><img src="{other}">')) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("/a.jpg", "/b.jpg"), ("/2025/a.jpg", "/2024/a.jpg"), ("/i?id=1&w=9", "/i?id=2&w=9"), ("/a-1.jpg", "/a-2.jpg")],
)
def test_other_pictures_are_others(one: str, other: str) -> None:
    assert pictures.identity(HOST + one) != pictures.identity(HOST + other)


def test_widest_size_stands_for_the_picture() -> None:
    assert paths('<img src="/a-300x200.jpg"><img src="/a-900x600.jpg">') == ["/a-900x600.jpg"]


@pytest.mark.parametrize(
    ("printed", "caption", "credit"),
    [
        ("La vague.", "La vague.", None),
        ("La vague. © Anne Roy", "La vague.", "© Anne Roy"),
        ("© Anne Roy", None, "© Anne Roy"),
        ("La vague (Photo : Anne Roy / AFP)", "La vague", "Photo : Anne Roy / AFP"),
        ("La vague. Photo : Anne Roy", "La vague.", "Photo : Anne Roy"),
        ("La vague. Crédit photo : Anne Roy", "La vague.", "Crédit photo : Anne Roy"),
        ("Photo : Anne Roy", None, "Photo : Anne Roy"),
        ("The wave. (Getty Images)", "The wave.", "Getty Images"),
        ("The wave (AP Photo/Jane Roe)", "The wave", "AP Photo/Jane Roe"),
        ("The wave. REUTERS/Jane Roe", "The wave.", "REUTERS/Jane Roe"),
        ("The wave. Courtesy of Jane Roe", "The wave.", "Courtesy of Jane Roe"),
        ("The wave | Photo by Jane Roe", "The wave", "Photo by Jane Roe"),
        ("Die Welle. Foto: Anna Roth/dpa", "Die Welle.", "Foto: Anna Roth/dpa"),
        ("Die Welle – Bild: picture alliance / Anna Roth", "Die Welle", "Bild: picture alliance / Anna Roth"),
        ("Quelle: Imago", None, "Quelle: Imago"),
        ("La ola. Foto: Ana Roy (EFE)", "La ola. Foto: Ana Roy", "EFE"),
        ("L’onda. Foto di Anna Rossi", "L’onda.", "Foto di Anna Rossi"),
        ("De golf. Beeld: Anna Roos / ANP", "De golf.", "Beeld: Anna Roos / ANP"),
        ("Fala. Fot. : Anna Rojek / PAP", "Fala.", "Fot. : Anna Rojek / PAP"),
        ("Волна. Фото: Анна Рой", "Волна.", "Фото: Анна Рой"),
        ("波。写真：山田", "波。", "写真：山田"),
        ("Il l’a dit à l’agence Reuters", "Il l’a dit à l’agence Reuters", None),
        ("The fall (in Reuters words, a disaster)", "The fall (in Reuters words, a disaster)", None),
        ("The source: a spring in the hills. It runs dry.", "The source: a spring in the hills. It runs dry.", None),
    ],
)
def test_caption_and_credit_are_told_apart(printed: str, caption: str | None, credit: str | None) -> None:
    assert captions.split(printed) == (caption, credit)


@pytest.mark.parametrize(
    "content",
    [
        '<figure><img src="/a.jpg"><figcaption>La vague <span class="credit">© Anne Roy</span></figcaption></figure>',
        '<figure><img src="/a.jpg"><figcaption>La vague</figcaption><i class="photo-copyright">© Anne Roy</i></figure>',
        '<div class="wp-caption"><img src="/a.jpg"><p class="wp-caption-text">La vague © Anne Roy</p></div>',
        '<div class="image"><img src="/a.jpg"><b class="legend">La vague</b><i class="credit">© Anne Roy</i></div>',
    ],
)
def test_caption_and_credit_are_read_from_the_parts_made_for_them(content: str) -> None:
    (image,) = found(content)
    assert (image.caption, image.credit) == ("La vague", "© Anne Roy")


def test_json_ld_and_open_graph_tell_what_is_not_printed() -> None:
    node = {"@type": "ImageObject", "url": f"{HOST}/a.jpg", "caption": "La vague.", "creator": {"name": "Anne Roy"}}
    head = ld(image=node) + (
        f'<meta property="og:image" content="{HOST}/a-1200x630.jpg">'
        '<meta property="og:image:alt" content="Une vague haute">'
    )
    evidence, elements = read('<img src="/a-600x400.jpg">', head)
    choice = images.within(elements, evidence, "name")
    assert choice is not None
    assert choice.value == (Image(f"{HOST}/a-600x400.jpg", "La vague.", "Anne Roy", "Une vague haute"),)
    assert (choice.source, choice.others) == ("name", ("json-ld",))


def test_lead_picture_above_the_text_comes_first() -> None:
    above = '<figure><img src="/lead.jpg"><figcaption>Le quai</figcaption></figure><img src="/autre.jpg">'
    assert paths('<img src="/a.jpg">', above=above) == ["/lead.jpg", "/a.jpg"]


@pytest.mark.parametrize(
    ("content", "head", "size"),
    [
        ('<img src="/a.jpg" width="600" height="400">', "", (600, 400)),
        ('<img src="/a.jpg" width="600px" height="400px">', "", (600, 400)),
        ('<img src="/a.jpg" width="100%" height="auto">', "", (None, None)),
        ('<img src="/a.jpg" width="600">', "", (None, None)),
        ('<img src="/a.jpg">', ld(image={"url": "/a.jpg", "width": 600, "height": {"value": "400"}}), (600, 400)),
        ('<img src="/a.jpg" width="²00" height="99999999">', "", (None, None)),
    ],
)
def test_size_is_the_one_stated(content: str, head: str, size: tuple[int | None, int | None]) -> None:
    (image,) = found(content, head)
    assert (image.width, image.height) == size


def test_portrait_of_the_author_is_left_out() -> None:
    head = ld(author={"@type": "Person", "name": "Anne Roy"})
    assert paths("", head, '<figure><img src="/a.jpg" alt="Anne Roy"></figure>') == []


def test_two_sizes_in_one_figure_are_one_picture() -> None:
    assert len(paths('<figure><img src="/x1.jpg" alt="Une vague"><img src="/x2.jpg" alt="Une vague"></figure>')) == 1


@pytest.mark.parametrize(
    ("head", "content", "path", "source"),
    [
        ('<meta property="og:image" content="/lead.jpg">' + ld(image="/ld.jpg"), "", "/lead.jpg", "og:image"),
        (ld(image={"@type": "ImageObject", "contentUrl": "/ld.jpg"}), '<img src="/a.jpg">', "/ld.jpg", "json-ld"),
        (ld(image=["/ld.jpg", "/ld2.jpg"]), "", "/ld.jpg", "json-ld"),
        ("", '<img src="/a.jpg">', "/a.jpg", "first image"),
        ('<meta property="og:image" content="/site-logo.png">' + ld(image="/ld.jpg"), "", "/ld.jpg", "json-ld"),
        ('<meta property="og:image" content="/img/default-share.png">', '<img src="/a.jpg">', "/a.jpg", "first image"),
        ('<meta property="og:image" content="/site-logo.png">', "", "/site-logo.png", "og:image"),
        ('<meta property="og:image" content="data:x"><meta name="twitter:image" content="/t.jpg">', "", "/t.jpg",
         "twitter:image"),
    ],
)  # fmt: skip
def test_lead_image_is_the_best_witness(head: str, content: str, path: str, source: str) -> None:
    evidence, elements = read(content, head)
    shown = images.within(elements, evidence, "name")
    lead = images.lead(evidence, shown.value if shown else ())
    assert lead is not None
    assert (lead.value, lead.source) == (HOST + path, source)
    assert lead.rule


@pytest.mark.parametrize(
    "content",
    [
        "<figure>" * 50 + '<img src="/a.jpg">',
        f'<img srcset="{"/a.jpg 1w, " * 20_000}">',
        f'<figure><img src="/a.jpg"><figcaption>{"Photo : ( " * 20_000}</figcaption></figure>',
        '<img src="/a.jpg" srcset="' + "," * 30_000 + '">',
        "<img src='https://vigie.example/" + "/w_1,h_2" * 5_000 + "/a.jpg'>",
        "<img src='https://vigie.example/" + "a_b" * 1_000 + "!/a.jpg'>",
        "<img src='https://vigie.example/" + "/a.bc" * 700 + ".jpg'>",
        "<img src='https://vigie.example/" + "-10x10" * 600 + "x.jpg'>",
        '<img srcset="' + "x" * 30_000 + ' y">',
        "<picture>" + f'<source srcset="{"/a.jpg 1w, " * 2_000}">' * 20 + '<img src="/a.jpg">' * 100 + "</picture>",
        "<figure>" + '<img src="/a.jpg">' * 10_000 + "<figcaption>Une vague</figcaption></figure>",
        '<p class="' + "image " * 100_000 + '">' + '<img src="/a.jpg">' * 300 + "</p>",
        "<div class='image'>" * 200 + '<img src="/a.jpg"><p>Un</p>' * 500,
    ],
)
def test_hostile_pictures_are_read_past(content: str) -> None:
    evidence, elements = read(content)
    start = time.process_time()
    choice = images.within(elements, evidence, "name")
    assert len(choice.value if choice else ()) <= 1
    assert time.process_time() - start < 2


def test_pictures_are_bounded() -> None:
    start = time.process_time()
    many = "".join(f'<img src="/{number}.jpg">' for number in range(10_000))
    assert len(found(many, many.replace("<img src", '<meta property="og:image" content'))) == 200
    assert time.process_time() - start < 3


@pytest.mark.parametrize(
    ("srcset", "path"),
    [
        ("/a.jpg 300w,/b.jpg 600w", "/b.jpg"),
        ("/a,b.jpg 600w, /c.jpg 300w", "/a,b.jpg"),
        ("/a.jpg, /b.jpg 2x", "/b.jpg"),
        ("/a.jpg 1.5x, /b.jpg 1..5x", "/a.jpg"),
        (",, /a.jpg 300w", "/a.jpg"),
        ("/a.jpg 300w 200h, /b.jpg 600w 400h", "/b.jpg"),
        ("/a.jpg 0300w,\n\t/b.jpg 200w", "/a.jpg"),
    ],
)
def test_srcset_is_read_as_html_says(srcset: str, path: str) -> None:
    assert paths(f'<img srcset="{srcset}">') == [path]


def test_caption_of_a_gallery_is_no_pictures_own() -> None:
    many = "".join(f'<img src="/{number}.jpg">' for number in range(30))
    assert {image.caption for image in found(f"<figure>{many}<figcaption>La fête du port</figcaption></figure>")} == {
        None
    }
