"""Well-formed samples of everything that the crawler and the archive read, to be broken by tests and benchmarks."""

# ruff: noqa: ISC004 - what is one file is written over several lines

from __future__ import annotations

import json

# What parsers trip over: ends without beginnings, numbers that are none, half characters, another type of value.
TOKENS = tuple(
    token.encode("utf-8", "surrogatepass")
    for token in (
        *(
            "\0",
            "\ufffe",
            "\ud800",
            "\u202e",
            "\u2028",
            "\xa0",
            "²",
            "٣",
            "İ",
            "ſ",
            "\u0301",
            "😀",
            "\r",
            "\t",
            "%00",
            "%",
        ),
        *(
            "<!--",
            "-->",
            "<![CDATA[",
            "]]>",
            "<?xml",
            "<!DOCTYPE x [",
            "&#0;",
            "&#xD800;",
            "&#99999999999;",
            "&x;",
            "<",
        ),
        *(
            "{",
            "[",
            "}",
            "]",
            '"',
            "'",
            "\\ud800",
            "\\u0000",
            "\\",
            "null",
            "true",
            "[]",
            "{}",
            '[[{"a":[null]}]]',
            '""',
        ),
        *("NaN", "1e308", "1e999", "-1", "0", "-0", "9" * 40, "9" * 5000, "0x1", "1_0", "1.5", "٤٢", "Infinity"),
        *("http://[", "https://[::1", "//", "http://a:99999/", "http://\ud800/", "javascript:x", "data:,", "file:///x"),
        *(
            "0000-00-00",
            "9999-12-31T23:59:59-24:00",
            "2026-02-30",
            "T25:61",
            "+99:99",
            "Mon, 99 Foo 0000",
            "12am",
            "-0000",
        ),
        *("\x1f\x8b\x08\0", "WARC/1.1\r\n", "\r\n\r\n", "Content-Length: -1\r\n", "Content-Length: 99999999999\r\n"),
    )
)

ROBOTS = (
    b"User-agent: *\nDisallow: /prive/\nCrawl-delay: 2.5\nSitemap: https://www.gazette.example/plan.xml\n",
    "\ufeffUser-agent: marbre\r\nAllow: /\rDisallow: /*?s=$\n# Sitemap: /x\nSitemap: /plan.xml.gz".encode(),
)
SITEMAPS = (
    b'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    b' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://www.gazette.example/a/</loc>'
    b"<lastmod>2026-03-01T08:00:00+01:00</lastmod><news:news><news:title>Le bac &amp; la halle</news:title>"
    b"<news:publication_date>2026-03-01</news:publication_date><news:keywords>bac, halle</news:keywords></news:news>"
    b"</url><url><loc> /b/ </loc></url></urlset>",
    b"<sitemapindex><sitemap><loc>https://www.gazette.example/plan-2026-03.xml.gz</loc><lastmod>2026</lastmod>"
    b"</sitemap><sitemap><loc>/plan.xml?yyyy=2026&amp;mm=02</loc></sitemap></sitemapindex>",
    b"https://www.gazette.example/a/\nhttps://www.gazette.example/b/\n",
)
FEEDS = (
    b'<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    b' xmlns:media="http://search.yahoo.com/mrss/"><channel><link>https://www.gazette.example/</link><item><!-- x -->'
    b"<title><![CDATA[Le <b>bac</b> &eacute;]]></title><link>/a/?a=1&b=2</link><guid>https://www.gazette.example/?p=12"
    b"</guid><pubDate>Sun, 01 Mar 2026 08:00:00 +0100</pubDate><dc:creator>Jeanne Marc</dc:creator>"
    b'<media:content url="https://i.example/x.jpg" width="800" medium="image"/><category>Ville</category>'
    b'<enclosure url="/x.jpg" type="image/jpeg"/></item></channel></rss>',
    b'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://www.gazette.example/"><link rel="next" href="?p=2"/>'
    b'<entry><id>1</id><title type="html">Le &lt;i&gt;bac</title><link href="a/" rel="alternate"/><author><name>Marc'
    b"</name></author><published>2026-03-01T08:00:00Z</published><updated>2026-03-02T08:00:00Z</updated>"
    b'<category term="Ville" label="La ville"/><summary>Le bac repart.</summary></entry></feed>',
    b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "url": "/a/", "title": "Le bac",'
    b' "date_published": "2026-03-01T08:00:00Z", "authors": [{"name": "Jeanne Marc"}], "tags": ["ville"],'
    b' "image": "/x.jpg", "summary": "Le bac repart."}]}',
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><item'
    b' rdf:about="https://www.gazette.example/a/"><title>Le bac</title></item></rdf:RDF>',
)
POSTS = (
    json.dumps(
        [
            {
                "id": 12,
                "link": "https://www.gazette.example/a/",
                "guid": {"rendered": "https://www.gazette.example/?p=12"},
                "date_gmt": "2026-03-01T07:00:00",
                "modified_gmt": "2026-03-01T08:00:00",
                "title": {"rendered": "Le bac &#8211; suite"},
                "excerpt": {"rendered": "<p>Le bac repart.</p>", "protected": False},
                "content": {"rendered": "<p>Le bac repart.</p>", "protected": False},
                "_embedded": {
                    "author": [{"name": "Jeanne Marc"}],
                    "wp:featuredmedia": [{"source_url": "https://i.example/x.jpg"}],
                    "wp:term": [[{"name": "Ville", "taxonomy": "category"}, {"name": "bac", "taxonomy": "post_tag"}]],
                },
            }
        ]
    ).encode(),
    b'{"post": {"rest_base": "posts", "taxonomies": ["category"], "rest_namespace": "wp/v2", "hierarchical": false}}',
)
INDEXES = (
    b'[["urlkey","timestamp","original","mimetype","statuscode","digest","length"],["example,gazette)/a",'
    b'"20260301080000","https://www.gazette.example/a/","text/html","200","ABC","1234"],[],["example%2Cgazette+1"]]',
    b'example,gazette)/a 20260301080000 {"url": "https://www.gazette.example/a/", "mime": "text/html", "status": 200}',
    b"example,gazette)/a 20260301080000 https://www.gazette.example/a/ text/html 200 ABC 1234",
)
TIMEMAPS = (
    b'<https://www.gazette.example/a/>; rel="original",\n<http://web.example/20260301080000/https://www.gazette.example'
    b'/a/>; rel="first memento"; datetime="Sun, 01 Mar 2026 08:00:00 GMT",',
)
SITES = (
    b'contact = "redaction@gazette.example"\n[sites.gazette]\nurl = "https://www.gazette.example/"\ndelay = 2\n'
    b'feeds = ["https://www.gazette.example/feed/"]\n[limits]\nfree_disk = "2 GiB"\n',
)
SEARCHES = (
    b'site:gazette "le bac" OR halle -gare after:2026-03 before:hier titre:bac*',
    'title:bac NOT "à quai" "halle*" NEAR AND'.encode(),
)
DATES = (
    b"2026-03-01T08:00:00.123+01:00", b"Sun, 01 Mar 2026 08:00:00 GMT", b"1er mars 2026 \xc3\xa0 8h15", b"1772352000",
    b"20260301T080000Z", b"March 1st, 2026 8:15 p.m. EST",
)  # fmt: skip
ADDRESSES = (
    b"https://user:x@www.gazette.example:443/a/../b//%7Ec/?utm_source=x&b=2&a=1;jsessionid=12#top",
    "http://www.gazétte.example/été?q=ç&sid=0123456789abcdef01".encode(),
)
CODED = (
    b"utf-8\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03K\x04\x00C\xbe\xb7\xe8\x01\x00\x00\x00",
    "cp125<p>été</p>".encode(),
)
