"""What an article shows of other places: posts of social networks, videos, sound, charts, maps; each as one link.

An embed's markup is the maker's, written into the page by hand, by an oEmbed answer, by a lazy loader or by AMP. What
is kept is the maker's public address of the thing, and the words that the page has of it: posts get deleted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, urlsplit

from archive.reading.markup import Element, absolute, clean

_SOURCES = (
    "src", "data-src", "data-lazy-src", "data-litespeed-src", "data-original", "data-cookieblock-src", "data-src-cmplz",
    "data-cmp-src", "data-rocket-src", "data-iframe-src", "data-url",
)  # fmt: skip
_ID = r"[\w-]{1,40}"
# The post's markup as the network gives it: class -> (name, attributes that hold its address).
_POSTS = {
    "twitter-tweet": ("X", ("cite",)),
    "twitter-video": ("X", ("cite",)),
    "instagram-media": ("Instagram", ("data-instgrm-permalink", "cite")),
    "tiktok-embed": ("TikTok", ("cite",)),
    "bluesky-embed": ("Bluesky", ("cite", "data-bluesky-uri")),
    "mastodon-embed": ("Mastodon", ("data-embed-url", "cite")),
    "reddit-card": ("Reddit", ("cite",)),
    "reddit-embed-bq": ("Reddit", ("cite",)),
    "text-post-media": ("Threads", ("data-text-post-permalink", "cite")),
    "fb-xfbml-parse-ignore": ("Facebook", ("cite",)),
    "fb-post": ("Facebook", ("data-href",)),
    "fb-video": ("Facebook", ("data-href",)),
    "imgur-embed-pub": ("Imgur", ("cite",)),
}
_POST_HOSTS = re.compile(
    r"(?:^|\.)(?:twitter|x|instagram|tiktok|bsky|reddit|threads|facebook|imgur|redd)\.(?:com|app|it|net)$"
)
# A maker's element, or AMP's: the attribute that holds the number, and the address it stands in.
_ELEMENTS = {
    "lite-youtube": ("YouTube", ("videoid", "video-id"), "https://www.youtube.com/watch?v={}"),
    "youtube-video": ("YouTube", ("videoid", "video-id"), "https://www.youtube.com/watch?v={}"),
    "amp-youtube": ("YouTube", ("data-videoid",), "https://www.youtube.com/watch?v={}"),
    "lite-vimeo": ("Vimeo", ("videoid", "video-id"), "https://vimeo.com/{}"),
    "amp-vimeo": ("Vimeo", ("data-videoid",), "https://vimeo.com/{}"),
    "amp-dailymotion": ("Dailymotion", ("data-videoid",), "https://www.dailymotion.com/video/{}"),
    "amp-twitter": ("X", ("data-tweetid",), "https://x.com/i/status/{}"),
    "amp-instagram": ("Instagram", ("data-shortcode",), "https://www.instagram.com/p/{}/"),
    "amp-facebook": ("Facebook", ("data-href",), ""),
    "amp-reddit": ("Reddit", ("data-src",), ""),
    "amp-tiktok": ("TikTok", ("data-src",), ""),
    "amp-iframe": ("", ("src",), ""),
    "oembed": ("", ("url",), ""),  # CKEditor's
}
# Players, charts, maps and documents by the host of their frame; the address is the frame's own where no rule is below.
_HOSTS = {
    "YouTube": "youtube.com youtube-nocookie.com youtu.be",
    "Vimeo": "vimeo.com",
    "Dailymotion": "dailymotion.com dai.ly",
    "Facebook": "facebook.com",
    "Instagram": "instagram.com",
    "TikTok": "tiktok.com",
    "X": "twitter.com x.com",
    "Bluesky": "bsky.app",
    "Reddit": "reddit.com redditmedia.com",
    "Threads": "threads.net threads.com",
    "Telegram": "t.me",
    "Video": "twitch.tv streamable.com rumble.com ted.com brightcove.net jwplayer.com jwplatform.com kaltura.com"
    " wistia.com wistia.net ultimedia.com digiteka.com digiteka.net arte.tv ina.fr glomex.com peertube.tv odysee.com"
    " rutube.ru vk.com bilibili.com nicovideo.jp videopress.com vidyard.com ooyala.com invidious.io",
    "Audio": "spotify.com soundcloud.com podcasts.apple.com music.apple.com deezer.com acast.com podbean.com"
    " audioboom.com simplecast.com megaphone.fm podigee.io podigee-cdn.net art19.com spreaker.com ausha.co"
    " buzzsprout.com libsyn.com mixcloud.com bandcamp.com anchor.fm captivate.fm transistor.fm omny.fm omnycontent.com"
    " podcaster.de radiofrance.fr ivoox.com castbox.fm audiomeans.fr iheart.com tunein.com redcircle.com",
    "Chart": "dwcdn.net datawrapper.de flourish.studio infogram.com everviz.com tableau.com 23degrees.org plotly.com"
    " observablehq.com ourworldindata.org statista.com canva.com genial.ly thinglink.com piktochart.com"
    " juxtapose.knightlab.com cdn.knightlab.com knightlab.northwestern.edu apester.com sketchfab.com",
    "Map": "google.com openstreetmap.org openstreetmap.fr arcgis.com mapbox.com umap.openstreetmap.fr"
    " framacarte.org carto.com windy.com",
    "Document": "documentcloud.org scribd.com issuu.com calameo.com slideshare.net docs.google.com drive.google.com"
    " speakerdeck.com",
    "Code": "codepen.io gist.github.com jsfiddle.net",
}
_BY_HOST = {host: name for name, hosts in _HOSTS.items() for host in hosts.split()}
_MAP_PATH = re.compile(r"/maps/")
_BARE = re.compile(r"https?://\S{4,500}")
_PLAYER_TITLE = re.compile(
    r"(?:youtube|vimeo|dailymotion|spotify)?\W{0,3}(?:video|embed|audio)?\W{0,3}(?:player|embed|iframe|content)?",
    re.IGNORECASE,
)
_MOST_LABELS = 4  # of a host's name; the hosts above have no more
MOST_WORDS = 1_000  # characters
WRITTEN = frozenset({"X", "Bluesky", "Mastodon", "Threads"})
TAGS = frozenset({"iframe", "video", "audio", *_ELEMENTS})


@dataclass(frozen=True, slots=True)
class Embed:
    """A thing shown from elsewhere: its maker or kind, its public address, and the words the page has of it."""

    name: str
    address: str
    words: str | None = None


def read(element: Element, base: str) -> Embed | None:
    """What an element embeds; none for what is no embed, or is of a maker we do not know (advertising, counters)."""
    tag = element.tag
    if tag == "iframe":
        return _framed(element, base)
    if tag in {"video", "audio"}:
        return _file(element, base)
    if tag in _ELEMENTS:
        return _element(element, base)
    return post(element, base)


def post(element: Element, base: str) -> Embed | None:
    """A network's post by the class of its blockquote (or of Facebook's div); its words are the element's."""
    for name in (element.get("class") or "").split():
        if name in _POSTS:
            maker, attributes = _POSTS[name]
            found = _post_address(element, base, attributes)
            return Embed(maker, found) if found else None
    return None


def is_post(element: Element) -> bool:
    """Whether a class says that a post of a network stands here; quick, as it is asked of every quotation and part."""
    named = element.get("class")
    return named is not None and not _POSTS.keys().isdisjoint(named.split())


def bare(element: Element) -> Embed | None:
    """A figure made for an embed that holds its address only: WordPress leaves that where nobody answers."""
    if "embed" not in (element.get("class") or ""):
        return None
    words = clean("".join(element.itertext()))
    address = absolute("", words) if words and _BARE.fullmatch(words) else None
    if address is None:
        return None
    return _known(address, None) or Embed(urlsplit(address).hostname or "", address)


def _post_address(element: Element, base: str, attributes: tuple[str, ...]) -> str | None:
    """The attribute made for it; else the last link to the network, which is the post's date."""
    for attribute in attributes:
        value = (element.get(attribute) or "").strip()
        if value.startswith("at://"):  # at://DID/app.bsky.feed.post/ID
            parts = value.removeprefix("at://").split("/")
            value = f"https://bsky.app/profile/{parts[0]}/post/{parts[-1]}" if len(parts) == 3 else ""
        if value.startswith(("http:", "https:", "//")) and (found := absolute(base, value)):
            return _bare_query(found.removesuffix("/embed"))
    targets = [absolute(base, anchor.get("href")) for anchor in element.iter("a")]
    known = [target for target in targets if target and _POST_HOSTS.search(urlsplit(target).hostname or "")]
    return _bare_query(known[-1]) if known else None


def _bare_query(found: str) -> str:
    """Without what the network counts by: ref_src, utm_source."""
    head, _, query = found.partition("?")
    return head if re.match(r"(?:ref_|utm_|igsh|lang=|embed=)", query) else found


def _framed(element: Element, base: str) -> Embed | None:
    found = next(filter(None, (absolute(base, element.get(name)) for name in _SOURCES)), None)
    if found is None or "wp-embedded-content" in (element.get("class") or ""):
        return None  # the latter is the card of another post
    title = clean((element.get("title") or "")[:MOST_WORDS])
    words = title if title and not _PLAYER_TITLE.fullmatch(title) else None
    return _known(found, words)


def _known(found: str, words: str | None) -> Embed | None:
    """The embed of a maker that is known by the host; none for any other."""
    parts = urlsplit(found)
    host = (parts.hostname or "").lower()
    labels = host.split(".")[-_MOST_LABELS:]
    name = next((_BY_HOST[tail] for i in range(len(labels)) if (tail := ".".join(labels[i:])) in _BY_HOST), None)
    if name is None or (name == "Map" and "google." in host and not _MAP_PATH.match(parts.path)):
        return None
    rule = _ADDRESSES.get(name)
    public = rule(parts) if rule else None
    if name == "Facebook" and public is None and "/plugins/" in parts.path:
        return None  # a page's like button
    return Embed(name, public or found, words)


def _element(element: Element, base: str) -> Embed | None:
    name, attributes, pattern = _ELEMENTS[element.tag]
    value = next(filter(None, (element.get(attribute) for attribute in attributes)), "").strip()
    words = clean((element.get("playlabel") or element.get("title") or "")[:MOST_WORDS])
    if pattern:
        return Embed(name, pattern.format(value), words) if re.fullmatch(_ID, value) else None
    found = absolute(base, value)
    if found is None:
        return None
    return Embed(name, found, words) if name else _known(found, words)


def _file(element: Element, base: str) -> Embed | None:
    """A film or a recording that the page plays by itself."""
    sources = [element.get("src"), element.get("data-src"), *(source.get("src") for source in element.iter("source"))]
    found = next(filter(None, (absolute(base, source) for source in sources)), None)
    words = clean((element.get("title") or element.get("aria-label") or "")[:MOST_WORDS])
    return Embed("Video" if element.tag == "video" else "Audio", found, words) if found else None


def _youtube(parts: SplitResult) -> str | None:
    query = parse_qs(parts.query)
    video = _after(parts, "embed") or _after(parts, "v") or _after(parts, "shorts") or query.get("v", [""])[0]
    if video == "videoseries" or not re.fullmatch(_ID, video):
        series = query.get("list", [""])[0]
        return f"https://www.youtube.com/playlist?list={series}" if re.fullmatch(r"[\w-]{1,80}", series) else None
    return f"https://www.youtube.com/watch?v={video}"


def _vimeo(parts: SplitResult) -> str | None:
    video, secret = _after(parts, "video"), parse_qs(parts.query).get("h", [""])[0]
    unlisted = f"/{secret}" if re.fullmatch(_ID, secret) else ""
    return f"https://vimeo.com/{video}{unlisted}" if video.isdecimal() else None


def _dailymotion(parts: SplitResult) -> str | None:
    video = _after(parts, "video") or parse_qs(parts.query).get("video", [""])[0]
    return f"https://www.dailymotion.com/video/{video}" if re.fullmatch(_ID, video) else None


def _twitter(parts: SplitResult) -> str | None:
    number = parse_qs(parts.query).get("id", [""])[0]
    return f"https://x.com/i/status/{number}" if re.fullmatch(r"\d{1,25}", number) else None


def _facebook(parts: SplitResult) -> str | None:
    if not re.match(r"/plugins/(?:post|video)", parts.path):
        return None
    return _web(parse_qs(parts.query).get("href", [""])[0])


def _instagram(parts: SplitResult) -> str | None:
    match = re.match(rf"/(?:{_ID}/)?(p|reel|tv)/({_ID})", parts.path)
    return f"https://www.instagram.com/{match[1]}/{match[2]}/" if match else None


def _bluesky(parts: SplitResult) -> str | None:
    match = re.match(rf"/embed/([\w.:-]{{1,100}})/app\.bsky\.feed\.post/({_ID})", parts.path)
    return f"https://bsky.app/profile/{match[1]}/post/{match[2]}" if match else None


def _sound(parts: SplitResult) -> str | None:
    if (parts.hostname or "").endswith("soundcloud.com"):
        return _web(parse_qs(parts.query).get("url", [""])[0])
    if (parts.hostname or "").endswith(("spotify.com", "apple.com")):
        host = (parts.hostname or "").removeprefix("embed.").removeprefix("embed-")
        return f"https://{host}{re.sub('^/embed(?:-podcast)?/', '/', parts.path)}"
    return None


def _without_query(parts: SplitResult) -> str | None:
    return f"https://{(parts.hostname or '').replace('redditmedia', 'reddit')}{parts.path}"


def _after(parts: SplitResult, word: str) -> str:
    """The step of a path after a word."""
    steps = parts.path.split("/")
    return steps[steps.index(word) + 1] if word in steps[:-1] else ""


def _web(address: str) -> str | None:
    return address if re.match(r"https?://\w", address) else None


# From the address of a maker's frame to the one a reader would share.
_ADDRESSES: dict[str, Callable[[SplitResult], str | None]] = {
    "YouTube": _youtube,
    "Vimeo": _vimeo,
    "Dailymotion": _dailymotion,
    "X": _twitter,
    "Facebook": _facebook,
    "Instagram": _instagram,
    "Bluesky": _bluesky,
    "Audio": _sound,
    "Reddit": _without_query,
    "Telegram": _without_query,
}
