"""What leaves an archive and what joins it: exports, backups, merges. Nothing is lost on the way, and nothing changed.

Everything streams: an export holds one article, or one record, at a time.
"""
