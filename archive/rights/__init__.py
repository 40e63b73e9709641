"""What publishers say about the use of what is archived: claims read from records, and the verdict they come to.

Nothing here is decided by us: every claim has the record it was read in, and the verdict names the claim that decides.
"""

from archive.rights.claims import Claim, of_page
from archive.rights.files import of_robots, of_tdmrep
from archive.rights.verdict import Reservation, reserved

__all__ = ["Claim", "Reservation", "of_page", "of_robots", "of_tdmrep", "reserved"]
