"""Exit codes that a scheduler can act on; where Browsertrix has one for the same thing, it is the same number."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What a command's end means to whoever started it; docs/schedule.md says what to do about each."""

    OK = 0
    PARTIAL = 1  # something failed; what could be had is archived, and the next run tries the rest
    USAGE = 2  # a mistake in the command or in sites.toml: the same command will fail again
    DISK_FULL = 3  # what was archived before is whole; free some space, then run it again
    RETRY = 9  # nothing could be had (no network, no answer, the archive is being rebuilt): try again later
    STOPPED = 11  # by SIGINT; what was in flight is finished, the rest is left for the next run
    FORCED = 13  # by a second SIGINT: what was in flight is fetched again by the next run
    SIZE = 14  # the limit of the archive's size is reached
    TIME = 15  # the limit of the run's time is reached
    DISK = 16  # the limit of free disk space is reached, before the disk is full
    FATAL = 17  # the archive is damaged, or of a newer Marbre: running it again does not help
    RATE_LIMITED = 18  # the sites asked for more patience than a run has
