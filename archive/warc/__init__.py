"""WARC files: write, then read, records; the only package that imports the WARC library.

WARC 1.1 (ISO 28500:2017), one gzip member per record. An exchange is three records: `metadata` (what discovery knew),
`request`, and last the `response` or `revisit`, so that a capture that can be read has its evidence before it.
"""

from archive.warc.reader import CrawlInfo, Document, index, read_exchange, read_page
from archive.warc.records import payload_digest
from archive.warc.recovery import open_files, recover, verify
from archive.warc.scan import Damage
from archive.warc.writer import WarcWriter

__all__ = [
    "CrawlInfo",
    "Damage",
    "Document",
    "WarcWriter",
    "index",
    "open_files",
    "payload_digest",
    "read_exchange",
    "read_page",
    "recover",
    "verify",
]
