"""Real engines of static sites, in a virtual environment of their own, and the texts they are given to publish."""
