"""URLs: one canonical form for comparing, a sortable key, ids made from them, and which canonical links to believe."""

from __future__ import annotations

import hashlib
import re
from functools import cache

import can_ada
import tldextract

LONGEST = 8192  # characters; no publisher's address is longer, and a hostile page must not fill the index

# Parameters that say where a reader came from, never what is shown: newsletters, shares, advertising, audience counts.
_TRACKING_PREFIXES = ("utm_", "at_", "mtm_", "matomo_", "hsa_", "oly_", "vero_", "wt_", "wt.", "_hs", "xtor")
_TRACKING = {
    "fbclid", "gclid", "dclid", "msclkid", "gbraid", "wbraid", "gclsrc", "twclid", "yclid", "ttclid", "igshid", "igsh",
    "mc_cid", "mc_eid", "_ga", "_gl", "mkt_tok", "pk_campaign", "pk_kwd", "pk_keyword", "pk_source", "pk_medium",
    "pk_content", "ns_mchannel", "ns_source", "ns_campaign", "ns_linkname", "ns_fee", "xts", "xtref", "xtcr", "xtmc",
    "s_cid", "ocid", "ncid", "cmpid", "smid", "spm", "wickedid", "rb_clickid", "__twitter_impression", "_openstat",
    "ito", "fb_ref", "fb_source", "fb_action_ids", "fb_action_types", "action_object_map", "ref_src", "ref_url",
    "nr_email_referer", "trk", "trkcampaign", "echobox", "srsltid", "guccounter", "guce_referrer", "guce_referrer_sig",
    "mibextid", "si_source", "__hstc", "__hssc", "__hsfp", "_branch_match_id", "_branch_referrer", "wt_mc", "wtmc",
    "dicbo", "ref_tsrc",
}  # fmt: skip
# Servers' names for a visit; under shorter names only a value that looks made by a machine is one.
_SESSIONS = {"phpsessid", "jsessionid", "aspsessionid", "asp.net_sessionid", "cfid", "cftoken", "zenid", "oscsid"}
_SESSION = re.compile(r"(?:s|sid|sess(?:ion)?(?:_?id)?)=(?=[^&]*\d)[0-9a-z]{16,}", re.IGNORECASE)
_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*", re.IGNORECASE)
# WordPress: the form below an article opened to answer one comment; the share buttons of its plugin Jetpack.
_ANSWER = re.compile(
    r"(?:replytocom=\d+|nb=1|share=(?:facebook|twitter|x|linkedin|email|whatsapp|telegram|tumblr|reddit|pinterest"
    r"|mastodon|bluesky|print|jetpack-whatsapp|pocket|nextdoor|threads))",
    re.IGNORECASE,
)
_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})?")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")  # RFC 3986, 2.3

# What a page adds to its article's own path: an AMP view, a page number, a print view, a directory's file.
_VIEW = re.compile(r"(?:amp|amp\.html|[1-9]\d?|page/\d{1,3}|print|imprimer|embed|index\.\w{1,5})/?")
_VIEW_BY_PATH = re.compile(r"(?:/(?:amp|amp\.html?|print|imprimer|drucken|embed|mobile)|(?<=[^/])\.amp(?:\.html?)?)$")
_VIEW_BY_QUERY = re.compile(
    r"(?:(?:amp|print|imprimer|embed|mobile|printable|noamp)(?:=(?:1|true|yes|y|on|mobile|available)?)?"
    r"|(?:output(?:type)?|view|format|mode|display|template)=(?:amp|print|mobile|embed))",
    re.IGNORECASE,
)
_VIEW_BY_HOST = re.compile(r"(?:www|m|mobile|amp|touch|wap)\.")
_AMP_CACHE = re.compile(
    r"https://(?:[\w-]+\.cdn\.ampproject\.org/[cv]/|www\.google\.\w{2,3}(?:\.\w\w)?/amp/|[\w-]+\.bing-amp\.com/c/)"
    r"(?P<tls>s/)?(?P<rest>[^/]+\.[^/]+/.*)"
)
_DIRECTORY_INDEX = re.compile(r"/index\.\w{1,5}$")
# A parameter that tells one article from the next: `?id=123`, `?p=123`, `?storyid=123`.
_IDENTIFYING = re.compile(r"(?:\w*id|p|art|article|story|post|news|item)=\d+", re.IGNORECASE)


def canonicalise(url: str) -> str:
    """Return the form under which two spellings of an http(s) URL are equal; applying it twice changes nothing.

    Parsed as browsers do (WHATWG URL), escapes normalised (RFC 3986, 6.2.2), query parameters sorted by name, tracking
    parameters, session ids, user information and fragment dropped. Raises ValueError for anything else.
    """
    parsed = _parse(url)
    port = f":{parsed.port}" if parsed.port else ""
    query = _query(parsed.search.removeprefix("?"))
    # Undoing an escape (%2E) can leave dots that the parser resolves.
    path = _SESSION_IN_PATH.sub("", _escapes(parsed.pathname))
    return str(_parse(f"{parsed.protocol}//{parsed.hostname}{port}{path}{query}").href)


def address_key(url: str) -> str:
    """Return what the addresses of all views of one article have in common; not an address itself.

    Without scheme, `www.`, a mobile or AMP host's first label, a trailing slash, a directory's file, and what asks for
    an AMP, print, mobile or embedded view; an AMP cache's address is that of the page it holds (the format's
    documentation: "AMP Cache URL format"). Raises ValueError as `canonicalise` does.
    """
    parsed = _parse(canonicalise(_out_of_cache(canonicalise(url))))
    port = f":{parsed.port}" if parsed.port else ""
    parts = [part for part in parsed.search.removeprefix("?").split("&") if part and not _VIEW_BY_QUERY.fullmatch(part)]
    path = _without_view(parsed.pathname)
    return f"{_without_label(parsed.hostname)}{port}{path}{'?' if parts else ''}{'&'.join(parts)}"


def _out_of_cache(url: str) -> str:
    found = _AMP_CACHE.match(url)
    return f"http{'s' if found['tls'] else ''}://{found['rest']}" if found else url


def _without_label(host: str) -> str:
    """The host without labels that name a view, as long as the publisher's domain is left."""
    if _is_address(host):
        return host
    domain = registered_domain(host)
    while host != domain and (found := _VIEW_BY_HOST.match(host)):
        host = host[found.end() :]
    return host


def _without_view(path: str) -> str:
    path = _DIRECTORY_INDEX.sub("/", path).rstrip("/")
    shorter = _VIEW_BY_PATH.sub("", path)
    return (shorter or path).rstrip("/")


def urlkey(url: str) -> str:
    """Return a URL's key in a CDXJ index (SURT): host labels reversed, without www., then path and query."""
    parsed = _parse(canonicalise(url))
    host = parsed.hostname.removeprefix("www.")
    labels = host if _is_address(host) else ",".join(reversed(host.split(".")))
    port = f":{parsed.port}" if parsed.port else ""
    return f"{labels}{port}){parsed.pathname}{parsed.search}"


def without_login(url: str) -> str:
    """Return an address without the name and password that a person may have copied with it; nothing else changes."""
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path}"


def article_id(canonical_url: str) -> str:
    """Return the id of the article first seen under `canonical_url`: 16 hex digits of SHA-256."""
    return hashlib.sha256(canonical_url.encode()).hexdigest()[:16]


def docid(article_id: str) -> int:
    """Return an article id as a number that fits SQLite's signed 64-bit row id."""
    return int(article_id, 16) >> 1


def registered_domain(host: str) -> str:
    """Return the domain somebody registered, or was given by a blog host; an address or a bare name is its own.

    By the Public Suffix List, its private part included: two blogs on one host are two publishers.
    """
    host = host.lower()
    if _is_address(host):
        return host
    found = _extract()(host)
    if found.suffix:
        return found.top_domain_under_public_suffix or host
    return ".".join(host.split(".")[-2:])  # the list's rule for a top-level domain it does not know


def believed_canonical(page_url: str, stated: str | None) -> str:
    """Return the canonical URL of a page: what it states where that can be believed, else its own address.

    A rule that looks at this page alone. A canonical link is believed within the same registered domain, unless it
    points to the home page, to a section that the page's own path lies in, or drops the article's number.
    """
    own = canonicalise(page_url)
    try:
        other = canonicalise(stated or "")
    except ValueError:
        return own
    mine, theirs = can_ada.parse(own), can_ada.parse(other)
    if not _same_publisher(mine, theirs) or _is_above(mine, theirs) or _drops_number(mine, theirs):
        return own
    return other


def _same_publisher(mine: can_ada.URL, theirs: can_ada.URL) -> bool:
    if _is_address(mine.hostname) or "." not in mine.hostname:
        return bool(mine.host == theirs.host)  # with its port: each port of one machine is another server
    return registered_domain(mine.hostname) == registered_domain(theirs.hostname)


def _is_above(mine: can_ada.URL, theirs: can_ada.URL) -> bool:
    own = mine.pathname.rstrip("/") + "/"
    stated = _DIRECTORY_INDEX.sub("/", theirs.pathname).rstrip("/") + "/"
    if stated == "/":
        return _DIRECTORY_INDEX.sub("/", mine.pathname) != "/" or mine.search != theirs.search
    return own != stated and own.startswith(stated) and not _VIEW.fullmatch(own.removeprefix(stated))


def _drops_number(mine: can_ada.URL, theirs: can_ada.URL) -> bool:
    """Whether /view.php?id=7 states /view.php, as all its neighbours do."""
    if mine.pathname != theirs.pathname:
        return False
    numbers = {part for part in mine.search.removeprefix("?").split("&") if _IDENTIFYING.fullmatch(part)}
    return not numbers <= set(theirs.search.removeprefix("?").split("&"))


def _parse(url: str) -> can_ada.URL:
    if len(url) > LONGEST:
        raise ValueError(f"longer than {LONGEST} characters: {url[:80]!r}...")
    parsed = can_ada.parse(url)
    if parsed.protocol not in {"http:", "https:"}:
        raise ValueError(f"not an http(s) URL: {url!r}")
    if len(parsed.href) > LONGEST:  # each character outside ASCII becomes up to twelve
        raise ValueError(f"longer than {LONGEST} characters: {url[:80]!r}...")
    return parsed


def _query(text: str) -> str:
    parts = [part for part in _escapes(text).split("&") if part and not _is_of_the_visit(part)]
    return f"?{'&'.join(sorted(parts, key=_name))}" if parts else ""


def _name(parameter: str) -> str:
    return parameter.partition("=")[0]


def _is_of_the_visit(parameter: str) -> bool:
    """Whether a parameter tells of who reads, not of what."""
    name = _name(parameter).lower()
    if name in _TRACKING or name in _SESSIONS or name.startswith(_TRACKING_PREFIXES):
        return True
    return _SESSION.fullmatch(parameter) is not None or _ANSWER.fullmatch(parameter) is not None


def _escapes(text: str) -> str:
    """Normalise percent-encoding: hex digits in upper case, unreserved characters as themselves, a bare % escaped."""

    def normal(match: re.Match[str]) -> str:
        if match[1] is None:
            return "%25"
        character = chr(int(match[1], 16))
        return character if character in _UNRESERVED else match[0].upper()

    return _ESCAPE.sub(normal, text)


def _is_address(host: str) -> bool:
    return host.startswith("[") or host.replace(".", "").isdigit()


@cache
def _extract() -> tldextract.TLDExtract:
    # Its bundled list only: nothing fetches by itself, and the same archive is read the same way everywhere.
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
