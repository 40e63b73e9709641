"""How a site does: what it publishes and how well it is read, day by day, and what has gone wrong since when."""
