"""A worker of the pool: `python -m archive.worker FILE_DESCRIPTOR BYTES_OF_MEMORY`."""

import sys
from multiprocessing.connection import Connection

from archive import ingest  # noqa: F401 - imported before the first call, whose time is bounded
from archive.pool import work

if __name__ == "__main__":
    work(Connection(int(sys.argv[1])), int(sys.argv[2]))
