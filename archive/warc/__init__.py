"""WARC files: write, then read, records; the only package that imports the WARC library.

WARC 1.1 (ISO 28500:2017), one gzip member per record. An exchange is three records: `metadata` (what discovery knew),
`request`, and last the `response` or `revisit`, so that a capture that can be read has its evidence before it.
"""

from archive.errors import DamagedRecord
from archive.warc.inspection import holds, inspect, records_of, verify
from archive.warc.reader import CrawlInfo, Document, Entry, crawl_of, index, read_exchange, read_page
from archive.warc.records import OPEN, payload_digest
from archive.warc.recovery import open_files, recover
from archive.warc.scan import Damage
from archive.warc.writer import WarcWriter

__all__ = [
    "OPEN",
    "CrawlInfo",
    "Damage",
    "DamagedRecord",
    "Document",
    "Entry",
    "WarcWriter",
    "crawl_of",
    "holds",
    "index",
    "inspect",
    "open_files",
    "payload_digest",
    "read_exchange",
    "read_page",
    "records_of",
    "recover",
    "verify",
]
