"""Which addresses are one, and why: a table of cases, each with its reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import urls

A = "https://gazette.example/politique/titre"

# Two spellings of one request: the same canonical form.
ONE_REQUEST = [
    ("RFC 3986: the scheme has no case", "HTTPS://gazette.example/a", "https://gazette.example/a"),
    ("RFC 3986: the host has no case", "https://GAZETTE.example/a", "https://gazette.example/a"),
    ("WHATWG: the default port says nothing", "https://gazette.example:443/a", "https://gazette.example/a"),
    ("WHATWG: http's default port", "http://gazette.example:80/a", "http://gazette.example/a"),
    ("RFC 3986: no path is /", "https://gazette.example", "https://gazette.example/"),
    ("RFC 3986: dot segments", "https://gazette.example/a/../b", "https://gazette.example/b"),
    ("WHATWG: %2e is a dot, too", "https://gazette.example/a/%2E%2e/b", "https://gazette.example/b"),
    ("RFC 3986: hex digits have no case", "https://gazette.example/%c3%a9", "https://gazette.example/%C3%A9"),
    ("RFC 3986: unreserved letters need no escape", "https://gazette.example/%61%2D%7e", "https://gazette.example/a-~"),
    ("IRI: é is its UTF-8 escape", "https://gazette.example/é", "https://gazette.example/%C3%A9"),
    ("IRI in a query", "https://gazette.example/?q=é", "https://gazette.example/?q=%C3%A9"),
    ("IDNA: a host in Unicode", "https://rhône.example/a", "https://xn--rhne-wqa.example/a"),
    ("IDNA: its capitals", "https://RHÔNE.example/a", "https://xn--rhne-wqa.example/a"),
    ("IDNA: full-width letters", "https://ｇａｚｅｔｔｅ.example/a", "https://gazette.example/a"),
    ("IDNA: the ideographic full stop", "https://gazette。example/a", "https://gazette.example/a"),
    ("WHATWG: backslashes", "https:\\\\gazette.example\\a", "https://gazette.example/a"),
    ("WHATWG: white space around", "\t https://gazette.example/a \n", "https://gazette.example/a"),
    ("WHATWG: line breaks within", "https://gazette.example/a\nb", "https://gazette.example/ab"),
    ("WHATWG: a space", "https://gazette.example/a b", "https://gazette.example/a%20b"),
    ("WHATWG: IPv4 in other bases", "http://0x7f.0.0.1/a", "http://127.0.0.1/a"),
    ("WHATWG: IPv6 shortened", "http://[0:0:0:0:0:0:0:1]/a", "http://[::1]/a"),
    ("a fragment is not sent", f"{A}#commentaires", A),
    ("a text fragment is not sent", f"{A}#:~:text=le%20pont", A),
    ("an empty query", f"{A}?", A),
    ("an empty parameter", f"{A}?&&", A),
    ("user information is no part of a page", "https://moi:secret@gazette.example/a", "https://gazette.example/a"),
    ("the order of parameters", f"{A}?b=2&a=1", f"{A}?a=1&b=2"),
    ("Google Analytics campaign", f"{A}?utm_source=x&utm_medium=y&utm_campaign=z", A),
    ("Google Analytics campaign, escaped", f"{A}?utm%5Fsource=x", A),
    ("in capitals", f"{A}?UTM_SOURCE=x", A),
    ("Google Analytics across domains", f"{A}?_ga=2.1-2&_gl=1*x", A),
    ("Google Ads", f"{A}?gclid=x&gbraid=y&wbraid=z&gclsrc=aw", A),
    ("Google's display ads", f"{A}?dclid=x", A),
    ("Google Merchant", f"{A}?srsltid=x", A),
    ("Facebook", f"{A}?fbclid=IwAR0x", A),
    ("Facebook's older ones", f"{A}?fb_ref=x&fb_source=y&fb_action_ids=1", A),
    ("Facebook's application", f"{A}?mibextid=x", A),
    ("Instagram", f"{A}?igshid=x&igsh=y", A),
    ("Microsoft Ads", f"{A}?msclkid=x", A),
    ("X", f"{A}?twclid=x&ref_src=twsrc%5Etfw", A),
    ("TikTok", f"{A}?ttclid=x", A),
    ("Yandex", f"{A}?yclid=x&_openstat=y", A),
    ("Mailchimp", f"{A}?mc_cid=x&mc_eid=y", A),
    ("Marketo", f"{A}?mkt_tok=x", A),
    ("HubSpot", f"{A}?_hsenc=x&_hsmi=y&__hstc=z&hsa_cam=1", A),
    ("Matomo", f"{A}?mtm_campaign=x&matomo_source=y&pk_kwd=z", A),
    ("AT Internet (Piano)", f"{A}?at_medium=x&at_campaign=y", A),
    ("XiTi, AT Internet's older name", f"{A}?xtor=RSS-1&xts=2&xtref=z", A),
    ("Webtrends", f"{A}?wt.mc_id=x&WT.nav=y&wt_mc=z", A),
    ("comScore (BBC)", f"{A}?ns_mchannel=x&ns_source=y&ns_campaign=z&ns_linkname=0&ns_fee=0", A),
    ("Omniture", f"{A}?s_cid=x&cmpid=y&ncid=z", A),
    ("New York Times' sharing", f"{A}?smid=tw-share", A),
    ("Omeda", f"{A}?oly_enc_id=x&vero_id=y", A),
    ("Alibaba", f"{A}?spm=a.b.c", A),
    ("Yahoo's consent page", f"{A}?guccounter=1&guce_referrer=x&guce_referrer_sig=y", A),
    ("Echobox", f"{A}?echobox=123#Echobox=123", A),
    ("Branch", f"{A}?_branch_match_id=x&_branch_referrer=y", A),
    ("PHP's session", f"{A}?PHPSESSID=abc123", A),
    ("Java's session", f"{A};jsessionid=0A1B2C", A),
    ("Java's session before a query", f"{A};jsessionid=0A1B2C?id=7", f"{A}?id=7"),
    ("Java's session as a parameter", f"{A}?jsessionid=0A1B2C", A),
    ("ASP's session", f"{A}?ASP.NET_SessionId=x", A),
    ("a session under a short name", f"{A}?sid=9f8e7d6c5b4a39281706", A),
    ("a session id", f"{A}?session_id=9f8e7d6c5b4a39281706", A),
    ("WordPress: answering a comment", f"{A}?replytocom=412", A),
    ("Jetpack's share buttons", f"{A}?share=facebook&nb=1", A),
    ("Jetpack: WhatsApp", f"{A}?share=jetpack-whatsapp", A),
]
# Different requests that a server may answer with different pages.
TWO_REQUESTS = [
    ("a path has case", "https://gazette.example/A", "https://gazette.example/a"),
    ("another port is another server", "https://gazette.example:8443/a", "https://gazette.example/a"),
    ("another host", "https://www.gazette.example/a", "https://gazette.example/a"),
    ("another scheme", "http://gazette.example/a", "https://gazette.example/a"),
    ("a slash", "https://gazette.example/a/", "https://gazette.example/a"),
    ("two slashes", "https://gazette.example//a", "https://gazette.example/a"),
    ("an escaped slash is no slash", "https://gazette.example/a%2Fb", "https://gazette.example/a/b"),
    ("an escaped & is no &", "https://gazette.example/?a=1%26b=2", "https://gazette.example/?a=1&b=2"),
    ("an article's number", f"{A}?id=7", f"{A}?id=8"),
    ("a number and none", f"{A}?id=7", A),
    ("a plain permalink", "https://gazette.example/?p=7", "https://gazette.example/"),
    ("a page number", f"{A}?page=2", A),
    ("the order of equal parameters", f"{A}?a=2&a=1", f"{A}?a=1&a=2"),
    ("a blank value", f"{A}?a=", A),
    ("source may choose what is shown", f"{A}?source=une", A),
    ("ref may choose what is shown", f"{A}?ref=une", A),
    ("sid may be a story's number", f"{A}?sid=1234", A),
    ("s may be a search", f"{A}?s=lyon", A),
    ("share may be a table's", f"{A}?share=51", A),
    ("a word that begins like a campaign", f"{A}?utmost=1", A),
    ("ü is another letter than u", "https://gazette.example/ü", "https://gazette.example/u"),
    ("é in one sign or two: bytes differ", "https://gazette.example/é", "https://gazette.example/e\u0301"),
]
# Views of one article: another request each, one key.
ONE_ARTICLE = [
    ("TLS came later", f"{A.replace('https', 'http')}", A),
    ("www. is the same paper", "https://www.gazette.example/politique/titre", A),
    ("a trailing slash", f"{A}/", A),
    ("mobile host", "https://m.gazette.example/politique/titre", A),
    ("mobile host, spelt out", "https://mobile.gazette.example/politique/titre", A),
    ("touch host", "https://touch.gazette.example/politique/titre", A),
    ("AMP host", "https://amp.gazette.example/politique/titre", A),
    ("www. before the mobile host", "https://www.m.gazette.example/politique/titre", A),
    ("mobile host of a country's suffix", "https://m.gazette.co.uk/a", "https://www.gazette.co.uk/a"),
    ("AMP as a last step", f"{A}/amp", A),
    ("AMP as a last step, with slash", f"{A}/amp/", A),
    ("AMP's file", f"{A}/amp.html", A),
    ("AMP before the extension", f"{A}.amp.html", A),
    ("AMP as extension", f"{A}.amp", A),
    ("AMP, WordPress's plain form", f"{A}?amp", A),
    ("AMP as a parameter", f"{A}?amp=1", A),
    ("AMP as true", f"{A}?amp=true", A),
    ("AMP's output type", f"{A}?outputType=amp", A),
    ("Google's AMP cache", "https://gazette-example.cdn.ampproject.org/c/s/gazette.example/politique/titre", A),
    ("Google's AMP cache, viewer", "https://gazette-example.cdn.ampproject.org/v/s/gazette.example/politique/titre", A),
    ("Google's AMP cache, http", "https://gazette-example.cdn.ampproject.org/c/gazette.example/politique/titre", A),
    ("Google's AMP viewer", "https://www.google.com/amp/s/gazette.example/politique/titre", A),
    ("Google's AMP viewer elsewhere", "https://www.google.co.uk/amp/s/gazette.example/politique/titre/amp", A),
    ("Bing's AMP cache", "https://gazette-example.bing-amp.com/c/s/gazette.example/politique/titre", A),
    ("print view as a last step", f"{A}/print", A),
    ("print view, French", f"{A}/imprimer/", A),
    ("print view, German", f"{A}/drucken", A),
    ("print view as a parameter", f"{A}?print=1", A),
    ("print view as a word", f"{A}?print", A),
    ("print view by name", f"{A}?view=print", A),
    ("print view by format", f"{A}?format=print", A),
    ("print view beside a number", f"{A}?id=7&print=true", f"{A}?id=7"),
    ("WordPress's embed", f"{A}/embed/", A),
    ("mobile view as a parameter", f"{A}?mobile=1", A),
    ("mobile view by name", f"{A}?display=mobile", A),
    ("AMP turned off is the page itself", f"{A}?noamp=mobile", A),
    ("a directory's file", f"{A}/index.html", A),
    ("a directory's script", f"{A}/index.php", A),
    ("both", "http://www.gazette.example/politique/titre/?utm_source=x&amp=1#top", A),
    ("a share button's parameter", f"{A}?share=x&nb=1", A),
    ("home page's file", "https://gazette.example/index.html", "https://gazette.example/"),
    ("the default port of the other scheme's view", "http://gazette.example:80/politique/titre", A),
]
TWO_ARTICLES = [
    ("another slug", A, "https://gazette.example/politique/titre-2"),
    ("another section: the canonical link decides", A, "https://gazette.example/une/titre"),
    ("a number", f"{A}?id=7", f"{A}?id=8"),
    ("a plain permalink", "https://gazette.example/?p=7", "https://gazette.example/?p=8"),
    ("a plain permalink and the home page", "https://gazette.example/?p=7", "https://gazette.example/"),
    ("a subdomain is a paper of its own", "https://lyon.gazette.example/a", "https://gazette.example/a"),
    ("two blogs of one host", "https://une.blogspot.com/a", "https://deux.blogspot.com/a"),
    ("a domain that is called m", "https://m.example/a", "https://example/a"),
    ("a domain that is called amp", "https://amp.example/a", "https://www.example/a"),
    ("print is the slug", "https://gazette.example/print", "https://gazette.example/"),
    ("amp is the slug", "https://gazette.example/amp", "https://gazette.example/"),
    ("amp within a slug", "https://gazette.example/le-camp-amp", "https://gazette.example/le-camp"),
    ("prints within a slug", "https://gazette.example/fingerprint", "https://gazette.example/finger"),
    ("a page number is another page", f"{A}/2", A),
    ("a view that is none", f"{A}?view=photos", A),
    ("another port of one machine", "http://127.0.0.1:8000/a", "http://127.0.0.1:8001/a"),
    ("an address has no labels", "http://127.0.0.1/a", "http://0.0.0.1/a"),
    (
        "a cache that is none",
        "https://cdn.ampproject.org.evil.example/c/s/gazette.example/a",
        "https://gazette.example/a",
    ),
    ("a viewer that is none", "https://www.google.evil.example/amp/s/gazette.example/a", "https://gazette.example/a"),
    ("a cache of no host", "https://x.cdn.ampproject.org/c/s/titre/a", "https://titre/a"),
    ("case", "https://gazette.example/Titre", "https://gazette.example/titre"),
]


@pytest.mark.parametrize(("why", "one", "other"), ONE_REQUEST, ids=[case[0] for case in ONE_REQUEST])
def test_one_request(why: str, one: str, other: str) -> None:
    assert urls.canonicalise(one) == urls.canonicalise(other) == other, why


@pytest.mark.parametrize(("why", "one", "other"), TWO_REQUESTS, ids=[case[0] for case in TWO_REQUESTS])
def test_two_requests(why: str, one: str, other: str) -> None:
    assert urls.canonicalise(one) != urls.canonicalise(other), why


@pytest.mark.parametrize(("why", "one", "other"), ONE_ARTICLE, ids=[case[0] for case in ONE_ARTICLE])
def test_views_of_one_article(why: str, one: str, other: str) -> None:
    assert urls.address_key(one) == urls.address_key(other), why


@pytest.mark.parametrize(("why", "one", "other"), TWO_ARTICLES, ids=[case[0] for case in TWO_ARTICLES])
def test_two_articles(why: str, one: str, other: str) -> None:
    assert urls.address_key(one) != urls.address_key(other), why


def test_the_table_is_long_enough() -> None:
    assert len(ONE_REQUEST) + len(TWO_REQUESTS) + len(ONE_ARTICLE) + len(TWO_ARTICLES) >= 150


@given(st.text(max_size=60))
def test_any_address_has_a_key_that_its_canonical_form_shares(text: str) -> None:
    for candidate in (f"https://gazette.example/{text}", f"https://{text}"):
        try:
            once = urls.canonicalise(candidate)
        except ValueError:
            continue
        assert urls.address_key(candidate) == urls.address_key(once)
