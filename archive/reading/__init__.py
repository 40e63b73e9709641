"""Bytes to article: pure functions from one stored page to its fields and its text; `archive.extraction` joins them."""
