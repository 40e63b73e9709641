"""La Gazette de Valmont: a small newspaper of our own writing, with the traps of real sites, each once.

| trap | where |
|---|---|
| feed with tracking parameters; comments feed announced beside it | `/feed/`, `/comments/feed/` |
| sitemap index, a news sitemap, section pages and a static page among the articles | `/sitemap.xml` |
| an address that robots.txt forbids, listed all the same | `/prive/...` |
| a moved address (301) and a gone one (404), both listed | `peculiarities.MOVED_PATH`, `GONE_PATH` |
| corrections: `edition` 2 changes a headline, a paragraph, and elsewhere only a counter | `peculiarities.NEW_*` |
| ETag, Last-Modified and 304 everywhere; gzip where it is accepted | everywhere |
| two cookies; bytes that are not what their label says; no label | `WITH_COOKIES`, `WRONG_CHARSET`, `NO_CHARSET` |
| a canonical link to another site; an AMP view | `OFFSITE_CANONICAL`, `WITH_AMP` |
| JSON-LD on most pages, broken on one; only OpenGraph, or only a byline and `<time>` | `BROKEN_JSON_LD`, `ONLY_*` |
| a stub for readers who do not pay | `PAYWALLED` |
| a dispatch under three headlines; one text under two addresses | `depeche-crue-aurine`, `marche-de-noel-valmont` |
| read-also lines, share buttons, newsletter, author's note, lists of other articles, cookie banner | every article |
| with `faults`: a 500, a trickle, a body cut short, a gzip stream cut short | `peculiarities.FAULT_PATHS` |
"""

from crawler.demo.newspaper import DemoArticle, Newspaper
from crawler.demo.server import serve

__all__ = ["DemoArticle", "Newspaper", "serve"]
