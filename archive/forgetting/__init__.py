"""Taking articles out of an archive for good: out of the rows, and out of the WARC files."""
