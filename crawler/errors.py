"""What can go wrong while crawling, as a tree.

CrawlError
├── SitesError      a mistake in sites.toml, or a site it does not name
├── NoBrowser       a site is to be built by a browser, and there is none (see crawler.rendering)
├── NotRendered     a page that the browser could not build (see crawler.browser)
└── RefusedAddress  a request to an address the crawler will not connect to (see crawler.addresses)

A page that could not be fetched is not an error: see `crawler.failures`.
"""


class CrawlError(Exception):
    """Base of every error of the crawler; its message says what, where and what to do next."""


class SitesError(CrawlError):
    """Raised for a list of sites that cannot be read; names file, site, key and what was expected."""
