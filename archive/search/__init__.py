"""Full-text search: what a person types, the index's own words, the order of what is found, and snippets."""
