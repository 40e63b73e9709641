"""The lines of an article as text and as Markdown: structure, pictures and embeds at their places, and nothing live."""

from __future__ import annotations

import time
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from markdown_it import MarkdownIt

from archive.reading import container, layout
from archive.reading.blocks import Block, Reader

BASE = "https://vigie.example/mer/un-article/"


def blocks(content: str) -> list[Block]:
    root = html.fragment_fromstring(content, create_parent="div")
    return Reader(BASE, container.is_other, shows=True).read(root)


def written(content: str) -> str:
    return layout.markdown(blocks(content))


def plain(content: str) -> str:
    return layout.plain(blocks(content))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<h2>Un</h2><p>Deux</p>", "## Un\n\nDeux"),
        ("<ul><li>un</li><li>deux</li></ul>", "- un\n- deux"),
        ("<ol><li>un</li><li>deux</li></ol>", "1. un\n1. deux"),
        ("<ul><li>un<ol><li>a</li><li>b</li></ol></li><li>deux</li></ul>", "- un\n    1. a\n    1. b\n- deux"),
        ("<ul><li><p>un</p><p>encore un</p></li><li>deux</li></ul>", "- un\n\n    encore un\n- deux"),
        ("<ul><ul><ul><li>profond</li></ul></ul></ul>", "- profond"),
        ("<dl><dt>Mot</dt><dd>Sens</dd></dl>", "- Mot\n- Sens"),
        ("<blockquote><p>un</p><p>deux</p></blockquote>", "> un\n>\n> deux"),
        ("<blockquote><p>un</p><footer>— Anne</footer></blockquote>", "> un\n>\n> — Anne"),
        (
            '<blockquote cite="https://a.example/x"><p>un</p></blockquote>',
            "> un\n>\n> [https://a.example/x](https://a.example/x)",
        ),
        ('<blockquote cite="javascript:x()"><p>un</p></blockquote>', "> un"),
        ("<pre>un\n  deux</pre>", "```\nun\n  deux\n```"),
        ("<ul><li>un</li></ul><pre>&lt;script&gt;</pre>", "- un\n\n```\n<script>\n```"),
        ("<pre>```\n&lt;b&gt;</pre>", "````\n```\n<b>\n````"),
        (
            "<table><tr><th>a</th><th>b</th></tr><tr><td>1|2</td><td>3</td></tr></table>",
            "| a | b |\n| --- | --- |\n| 1\\|2 | 3 |",
        ),
        ("<p>Un <a href='/x'>lien</a>.</p>", "Un [lien](https://vigie.example/x)."),
        ("<p>Holà !<a href='/x'>lien</a></p>", "Holà \\![lien](https://vigie.example/x)"),
        ("<p><a href='data:text/html,x'>un</a> <a href='vbscript:x'>deux</a></p>", "un deux"),
        ("<p><a href='/a)\"x'>un</a></p>", "[un](https://vigie.example/a%29%22x)"),
        ("<h2>Un #</h2>", "## Un \\#"),
        ("<h2>Le C#</h2>", "## Le C#"),
        (
            "<table><tr><td>a</td><td><table><tr><td>b</td><td>c</td></tr></table></td></tr></table>",
            "| a | \\| b \\| c \\| |\n| --- | --- |",
        ),
        ("<p><a href='/x'>a]b</a></p>", "[a\\]b](https://vigie.example/x)"),
    ],
)
def test_structure_is_kept(content: str, expected: str) -> None:
    assert written(content) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "\\<script>alert(1)\\</script>"),
        ("&amp;lt;b&amp;gt;", "\\&lt;b\\&gt;"),
        ("A &amp; B &amp;c", "A & B &c"),
        ("![x](javascript:y)", "!\\[x\\](javascript:y)"),
        ("# un", "\\# un"),
        ("1. un", "\\1. un"),
        ("---", "\\---"),
        ("~~~", "\\~~~"),
        ("===", "\\==="),
        ("- un", "\\- un"),
        ("&gt; un", "\\> un"),
        ("`code`", "\\`code\\`"),
        ("_un_ snake_case", "\\_un\\_ snake_case"),
        ("~~un~~", "\\~~un\\~~"),
        ("C:\\un", "C:\\\\un"),
    ],
)
def test_words_never_become_markup(text: str, expected: str) -> None:
    assert written(f"<p>{text}</p>") == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            '<p>Un</p><figure><img src="/a.jpg" alt="Une [vague]"><figcaption>Vague. © Anne</figcaption></figure>Deux',
            "Un\n\n![Une \\[vague\\]](https://vigie.example/a.jpg)\nVague. — © Anne\n\nDeux",
        ),
        ('<p>Un <img src="/a.jpg"> deux</p>', "Un deux\n\n![](https://vigie.example/a.jpg)"),
        ('<p><img src="/a.jpg"> deux</p>', "![](https://vigie.example/a.jpg)\n\ndeux"),
        (
            '<ol><li>un<img src="/a.jpg"></li><li>deux</li></ol>',
            "1. un\n\n    ![](https://vigie.example/a.jpg)\n\n1. deux",
        ),
        ('<ul><li><img src="/a.jpg"></li></ul>', "![](https://vigie.example/a.jpg)"),
        (
            '<figure class="wp-block-gallery"><p><img src="/a.jpg"></p><p><img src="/b.jpg"></p></figure>',
            "![](https://vigie.example/a.jpg)\n\n![](https://vigie.example/b.jpg)",
        ),
        ('<img src="/a.jpg"><noscript><img src="/a.jpg"></noscript>', "![](https://vigie.example/a.jpg)"),
        ('<div class="slideshow gallery"><img src="/a.jpg"></div>', "![](https://vigie.example/a.jpg)"),
        ('<aside><img src="/a.jpg"></aside>', ""),
        ('<div class="related media"><img src="/a.jpg"></div>', ""),
        ('<img src="javascript:x()"><img src="data:image/png;base64,AA">', ""),
    ],
)  # fmt: skip
def test_pictures_stand_at_their_places(content: str, expected: str) -> None:
    assert written(content) == expected


TWEET = (
    '<blockquote class="twitter-tweet"><p>Le port <b>rouvre</b>. <a href="https://t.co/x">pic.twitter.com/x</a></p>'
    '&mdash; Anne (@anne) <a href="https://twitter.com/anne/status/12?ref_src=x">1 mai</a></blockquote>'
)  # fmt: skip
VIDEO = "[YouTube](https://www.youtube.com/watch?v=aB-c_1)"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            TWEET,
            "> Le port rouvre. pic.twitter.com/x — Anne (@anne) 1 mai ([X](https://twitter.com/anne/status/12))",
        ),
        (f"<figure class='wp-block-embed'>{TWEET}</figure>", None),
        (
            '<blockquote class="instagram-media" data-instgrm-permalink="https://www.instagram.com/p/Ab1/?utm_source=x">Voir</blockquote>',
            "> Voir ([Instagram](https://www.instagram.com/p/Ab1/))",
        ),
        (
            '<blockquote class="tiktok-embed" cite="https://www.tiktok.com/@a/video/1"></blockquote>',
            "[TikTok](https://www.tiktok.com/@a/video/1)",
        ),
        (
            '<blockquote class="bluesky-embed" data-bluesky-uri="at://did:x/app.bsky.feed.post/3k"><p>Oui</p></blockquote>',
            "> Oui ([Bluesky](https://bsky.app/profile/did:x/post/3k))",
        ),
        (
            '<blockquote class="mastodon-embed" data-embed-url="https://m.example/@a/1/embed"><p>Oui</p></blockquote>',
            "> Oui ([Mastodon](https://m.example/@a/1))",
        ),
        (
            '<blockquote class="reddit-embed-bq"><a href="https://www.reddit.com/r/a/1/">Oui</a></blockquote>',
            "> Oui ([Reddit](https://www.reddit.com/r/a/1/))",
        ),
        (
            '<div class="fb-post" data-href="https://www.facebook.com/a/posts/1"></div>',
            "[Facebook](https://www.facebook.com/a/posts/1)",
        ),
        (
            '<iframe src="https://www.facebook.com/plugins/post.php?href=https%3A%2F%2Fwww.facebook.com%2Fa"></iframe>',
            "[Facebook](https://www.facebook.com/a)",
        ),
        ('<iframe src="https://www.facebook.com/plugins/like.php?href=x"></iframe>', ""),
        ('<iframe src="https://www.youtube-nocookie.com/embed/aB-c_1?rel=0" title="Video Player"></iframe>', VIDEO),
        ('<iframe src="about:blank" data-src="//www.youtube.com/embed/aB-c_1"></iframe>', VIDEO),
        ('<lite-youtube videoid="aB-c_1">Lire</lite-youtube>', VIDEO),
        ('<amp-youtube data-videoid="aB-c_1"></amp-youtube>', VIDEO),
        ('<lite-youtube videoid="x)](javascript:y"></lite-youtube>', ""),
        ('<figure class="wp-block-embed"><div> https://youtu.be/aB-c_1 </div></figure>', "[YouTube](https://youtu.be/aB-c_1)"),
        ('<oembed url="https://www.youtube.com/watch?v=aB-c_1"></oembed>', VIDEO),
        (
            '<iframe title="Le port" src="https://player.vimeo.com/video/7?h=ab1"></iframe>',
            "[Vimeo: Le port](https://vimeo.com/7/ab1)",
        ),
        (
            '<iframe src="https://geo.dailymotion.com/player/x.html?video=x9"></iframe>',
            "[Dailymotion](https://www.dailymotion.com/video/x9)",
        ),
        ('<amp-twitter data-tweetid="12"></amp-twitter>', "[X](https://x.com/i/status/12)"),
        (
            '<iframe src="https://open.spotify.com/embed/episode/1?si=x"></iframe>',
            "[Audio](https://open.spotify.com/episode/1)",
        ),
        ('<iframe src="https://embed.acast.com/a/b"></iframe>', "[Audio](https://embed.acast.com/a/b)"),
        (
            '<iframe title="Les ports" src="https://datawrapper.dwcdn.net/Ab1/2/"></iframe>',
            "[Chart: Les ports](https://datawrapper.dwcdn.net/Ab1/2/)",
        ),
        (
            '<iframe src="https://www.google.com/maps/embed?pb=1"></iframe>',
            "[Map](https://www.google.com/maps/embed?pb=1)",
        ),
        ('<iframe src="https://www.google.com/recaptcha/x"></iframe>', ""),
        ('<iframe src="https://ads.example/x"></iframe>', ""),
        ('<iframe src="javascript:x()"></iframe>', ""),
        ('<iframe class="wp-embedded-content" src="https://autre.example/embed/"></iframe>', ""),
        ('<audio controls><source src="/son.mp3"></audio>', "[Audio](https://vigie.example/son.mp3)"),
        ('<video src="blob:x"></video>', ""),
        ('<p>Un <iframe src="https://www.youtube.com/embed/aB-c_1"></iframe>deux</p>', f"Un deux\n\n{VIDEO}"),
    ],
)  # fmt: skip
def test_embeds_become_one_link(content: str, expected: str | None) -> None:
    assert written(content) == (expected if expected is not None else written(TWEET))


def test_only_written_posts_are_text() -> None:
    shown = '<figure><img src="/a.jpg" alt="Une vague"><figcaption>La vague</figcaption></figure>'
    video = '<iframe title="Le port" src="https://www.youtube.com/embed/a"></iframe>'
    assert plain(f"<p>Un</p>{shown}{video}{TWEET}<p>Deux</p>") == (
        "Un\nLe port rouvre. pic.twitter.com/x — Anne (@anne) 1 mai\nDeux"
    )


def test_reader_without_pictures_reads_words_only() -> None:
    root = html.fragment_fromstring('<p>Un</p><img src="/a.jpg"><p>Deux</p>', create_parent="div")
    assert [block.text for block in Reader(BASE, container.is_other).read(root)] == ["Un", "Deux"]


def test_pictures_stay_at_their_places_when_lines_are_taken_away() -> None:
    one, two, three = (Block("p", text, text) for text in ("un", "deux", "trois"))
    a, b = (Block("figure", "", f"![]({name})") for name in "ab")
    made = Block("p", "fait", "fait")
    everything = [a, one, two, b, three]
    assert layout.woven(everything, [one, three]) == [a, one, b, three]
    assert layout.woven(everything, [made, three]) == [made, a, b, three]
    assert layout.woven(everything, [one]) == [a, one, b]
    assert layout.woven(everything, []) == []


PUNCTUATION = st.text(alphabet="<>&[]()!*_`~#-=+|\\ \n:./'\"ab1;", max_size=25).map(escape)
SHOWN = [
    '<img src="/a.jpg" alt="{}">',
    '<iframe src="https://www.youtube.com/embed/a" title="{}"></iframe>',
    '<blockquote class="twitter-tweet"><p>{}</p><a href="https://twitter.com/a/status/1">x</a></blockquote>',
    '<a href="{0}">{0}</a>',
]
TAGS = ["p", "li", "ul", "ol", "blockquote", "pre", "h2", "table", "tr", "td", "b", "div", "figure", "figcaption", "dd"]
MARKUP = st.recursive(
    PUNCTUATION | st.builds(str.format, st.sampled_from(SHOWN), PUNCTUATION),
    lambda inner: st.builds("<{0}>{1}</{0}>".format, st.sampled_from(TAGS), st.lists(inner, max_size=4).map("".join)),
    max_leaves=12,
)
RENDERED = {*"div h1 h2 h3 p ul ol li blockquote pre code table thead tbody tr th td a img br".split()}  # noqa: SIM905
RENDERER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def squeezed(text: str) -> str:
    return "".join(text.split())


@settings(max_examples=400, deadline=None)
@given(MARKUP)
def test_any_words_come_through_a_renderer_as_words(content: str) -> None:
    lines = blocks(content)
    page = html.fragment_fromstring(RENDERER.render(layout.markdown(lines)), create_parent="div")
    assert {element.tag for element in page.iter()} <= RENDERED
    targets = [element.get(key) for element in page.iter() for key in ("href", "src") if element.get(key)]
    assert all(target.startswith(("http://", "https://")) for target in targets)
    shown = squeezed(page.text_content())
    assert all(squeezed(line.text) in shown for line in lines if line.kind not in {"pre", "row", "embed"})


@pytest.mark.parametrize(
    "content",
    [
        "<ul><li>" * 200 + "un",
        "<blockquote>" * 200 + "un",
        "<figure>" * 100 + "<iframe src='https://www.youtube.com/embed/a'>",
        '<blockquote class="twitter-tweet">' * 100 + "un",
        "<table>" * 60 + "<tr><td>un</td><td>deux</td></tr>",
        f"<p>{'!' * 20_000}<a href='/x'>un</a></p>",
        "<p>" + "".join(f"! <a href='/{n}'>un</a>" for n in range(20_000)),
        "<ul><li> " + " ".join(f"<iframe src='https://www.youtube.com/embed/a{n}'></iframe>" for n in range(10_000)),
        "<iframe src='https://www.youtube.com/embed/a' title='" + "!" * 100_000 + "'></iframe>",
        "<iframe src='https://" + "a." * 50_000 + "example/'></iframe>",
        "".join(f"<img src='/{n}.jpg'>" for n in range(10_000)),
        "<div class='" + "image " * 100_000 + "'>un</div>",
    ],
)
def test_hostile_markup_is_read_past(content: str) -> None:
    start = time.process_time()
    assert isinstance(written(content), str)
    assert time.process_time() - start < 3


def test_deepest_tree_is_read_by_a_caller_that_is_deep_itself() -> None:
    def from_depth(left: int) -> str:
        return from_depth(left - 1) if left else written("<blockquote>" * 240 + "un")

    assert from_depth(100) == "> un"
