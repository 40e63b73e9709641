"""Scrapy's settings: only what differs from its defaults, each with the reason.

Names that begin with MARBRE_ are ours. To add one: give it here, say why, and name it in docs/settings.md
(a test looks for it). What differs from site to site is not a setting but a key of sites.toml.
"""

import os

from crawler.sites import loopback_hosts

BOT_NAME = "marbre"
SPIDER_MODULES = ["crawler.spiders"]

# Where the archive and the list of sites are; the command line sets both.
MARBRE_ARCHIVE = os.environ.get("MARBRE_ARCHIVE", "marbre-archive")
MARBRE_SITES = os.environ.get("MARBRE_SITES", "sites.toml")
# For a dry run: the archive to judge by, while MARBRE_ARCHIVE is a place to throw away.
MARBRE_KNOWN = None
# Hosts that a site with `allow_loopback` names; the address guard refuses every other address that is not public.
MARBRE_LOOPBACK_HOSTS = loopback_hosts(MARBRE_SITES)
# Worker processes that read articles; None is one for each processor.
MARBRE_WORKERS = None

# -- Manners
ROBOTSTXT_OBEY = False  # crawler.robots does it
COOKIES_ENABLED = False  # a reader without a name: no session, nothing to leak
REFERER_ENABLED = False  # tell no site where its link was found
REDIRECT_MAX_TIMES = 8  # more is a loop or a wall
DOWNLOAD_TIMEOUT = 60  # seconds; the slow must not hold a slot for three minutes
MARBRE_DELAY = 2  # seconds between two requests to a host; sites.toml has its own
DOWNLOAD_DELAY = 0  # crawler.pacing waits in Scrapy's place: its delay holds in one process, and not over runs
CONCURRENT_REQUESTS_PER_DOMAIN = 2  # a newspaper is read, not stormed
CONCURRENT_REQUESTS = 2  # the same: a crawl is one site, and Ctrl-C waits for whatever is queued here
DOWNLOAD_SLOTS = {
    "subresources": {"concurrency": 4, "delay": 0}
}  # what pages built by a browser ask for: as a reader's
AUTOTHROTTLE_ENABLED = False  # it would change Scrapy's delay; crawler.pacing slows down when the server does
RETRY_GIVE_UP_LOG_LEVEL = "INFO"  # the summary says what failed; a host that is down would fill the log
DEFAULT_REQUEST_HEADERS = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}

# -- Safety: pages and servers are hostile
TELNETCONSOLE_ENABLED = False  # runs code in this process
REMOTE_CONTROL_ENABLED = False  # the same
TWISTED_DNS_RESOLVER = "crawler.addresses.GuardedResolver"  # no private addresses
DOWNLOAD_HANDLERS = {
    **dict.fromkeys(("http", "https"), "crawler.pacing.OnceHandler"),  # no second request behind our back
    **dict.fromkeys(("data", "file", "ftp", "s3")),  # http and https only
}
DOWNLOAD_MAXSIZE = 16 * 1024 * 1024  # bytes; a page or sitemap, unpacked, is smaller
DOWNLOAD_WARNSIZE = 0  # the limit itself says enough
DOWNLOAD_VERIFY_CERTIFICATES = True  # evidence must come from whom it says
METAREFRESH_ENABLED = False  # a page is archived as it is, not where its markup sends a browser
HTTPPROXY_ENABLED = False  # a proxy resolves names itself, out of the address guard's sight
URLLENGTH_LIMIT = 8192  # characters, as archive.urls

# -- Parts
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "crawler.middlewares.ScopeMiddleware": 50,
    "crawler.pacing.GateMiddleware": 55,  # before anything is asked for on behalf of what is not sent
    "crawler.addresses.AddressMiddleware": 60,  # before robots.txt is asked for at a refused address
    "crawler.rendering.RenderingMiddleware": 90,  # refuses before robots.txt is asked for; builds what others fetched
    "crawler.robots.RobotsMiddleware": 100,
    "crawler.middlewares.RevisitMiddleware": 540,
    "crawler.rendering.SourceMiddleware": 960,  # before WarcMiddleware writes it
    "crawler.pacing.PaceMiddleware": 970,  # the last: whatever is sent has waited for its turn
    "crawler.middlewares.WarcMiddleware": 950,  # next to the downloader: undecoded bodies, redirects, robots.txt
}
EXTENSIONS = {
    "scrapy.extensions.logstats.LogStats": None,  # Progress says more
    "crawler.extensions.CrawlRecorder": 0,
    "crawler.extensions.Progress": 10,
    "crawler.pacing.Pace": 15,
    "crawler.watch.RoomWatch": 20,  # ends a crawl before the disk is full
}
ITEM_PIPELINES = {"crawler.pipelines.ExtractionPipeline": 300}
CONCURRENT_ITEMS = 2  # a page gives one item; Scrapy makes this many tasks for each response
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"  # the frontier knows what was fetched, also across runs

# -- Quiet: what a person needs to know is in the summary and in the archive
STATS_DUMP = False
LOG_LEVEL = "INFO"
LOG_VERSIONS: list[str] = []  # the table of crawls has them
LOG_FORMAT = "%(asctime)s %(levelname)s %(message)s"
