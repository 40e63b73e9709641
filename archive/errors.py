"""What can go wrong, as a tree.

ArchiveError
├── NotAnArchive      a directory that holds no archive, or one of a newer Marbre
│   └── NewerArchive  the latter
├── ArchiveInUse      somebody else is at work on it: try again later
├── DamagedRecord     a WARC record that is torn, missing or not what its digest says
│   ├── TornPayload   a whole record of an answer that its server cut short within its Content-Encoding
│   └── BadEncoding   the same of one that is not in the Content-Encoding it names, or in one nobody knows
├── InvalidQuery      a search or an address that cannot be understood
└── ExtractionFailed  a page that broke its worker: out of time, out of memory, crashed

A page that is merely not an article is not an error: see `archive.models.Rejection`.
"""


class ArchiveError(Exception):
    """Base of every error of the archive; its message says what, where and what to do next."""


class NotAnArchive(ArchiveError):
    """Raised on opening a directory without an archive, or with one written by a newer version."""


class NewerArchive(NotAnArchive):
    """Raised on opening an archive that was written by a newer version."""


class ArchiveInUse(ArchiveError):
    """Raised for what must be alone with an archive, or must not be beside what is alone with it."""


class DamagedRecord(ArchiveError):
    """Raised on reading a WARC record that is torn, missing or differs from its digest.

    `reason` is the word that a page which cannot be read for it is counted by.
    """

    reason = "damaged_record"


class TornPayload(DamagedRecord):
    """Raised for a body whose coding (gzip, br, zstd, deflate) has no end: the record is whole, what was sent not."""

    reason = "payload_truncated"


class BadEncoding(DamagedRecord):
    """Raised for a body that cannot be decoded from the Content-Encoding it names; the record itself is sound."""

    reason = "bad_encoding"


class InvalidQuery(ArchiveError):
    """Raised by searches and look-ups for what a person typed and nobody can answer."""


class ExtractionFailed(ArchiveError):
    """Raised for a page whose worker process ran out of time or memory, or crashed."""
