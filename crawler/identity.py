"""Who we say we are: a name, a version, and where to complain (RFC 9110, 10.1.5)."""

from __future__ import annotations

import getpass
import os
import socket

from archive import __version__


def user_agent(contact: str | None) -> str:
    """Return the User-Agent for every request; without a stated contact, whoever runs this, as mail would name them."""
    return f"marbre/{__version__} (news archive; contact: {contact or os.environ.get('MARBRE_CONTACT') or _local()})"


def _local() -> str:
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "postmaster"
    return f"{name}@{socket.getfqdn()}"
