"""What can go wrong, as a tree.

ArchiveError
├── NotAnArchive      a directory that holds no archive, or one of a newer Marbre
├── DamagedRecord     a WARC record that is torn, missing or not what its digest says
├── InvalidQuery      a search or an address that cannot be understood
└── ExtractionFailed  a page that broke its worker: out of time, out of memory, crashed

A page that is merely not an article is not an error: see `archive.models.Rejection`.
"""


class ArchiveError(Exception):
    """Base of every error of the archive; its message says what, where and what to do next."""


class NotAnArchive(ArchiveError):
    """Raised on opening a directory without an archive, or with one written by a newer version."""


class DamagedRecord(ArchiveError):
    """Raised on reading a WARC record that is torn, missing or differs from its digest."""


class InvalidQuery(ArchiveError):
    """Raised by searches and look-ups for what a person typed and nobody can answer."""


class ExtractionFailed(ArchiveError):
    """Raised for a page whose worker process ran out of time or memory, or crashed."""
