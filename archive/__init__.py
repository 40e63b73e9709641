"""Decides what stored pages mean, keeps it, answers questions. Never imports the crawler or Scrapy.

The names below are the library's; docs/python.md shows them at work:

    from archive import Archive

    with Archive("marbre-archive") as archive:
        for article in archive.articles():
            print(article.published, article.title)

`Archive` is an archive opened for reading, while a crawl writes too. `articles()` and `search()` are iterators: they
hold one `Article`, or `Hit`, at a time. `get()` takes an id or any URL an article was ever seen under, `versions()`
gives its `Version`s. `extract` reads an article out of a `Page` without any archive.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archive.extraction import extract
    from archive.models import Article, Image, Link, Page, Rejection, Version
    from archive.query import Archive, Hit

__version__ = "0.1.0"

__all__ = ["Archive", "Article", "Hit", "Image", "Link", "Page", "Rejection", "Version", "extract"]

_MODULES = {"extract": "archive.extraction", "Archive": "archive.query", "Hit": "archive.query"}


def __getattr__(name: str) -> Any:
    # Imported when first used: a command that only reads rows must not wait for the extraction libraries.
    if name not in __all__:
        raise AttributeError(f"module 'archive' has no attribute {name!r}")
    return getattr(import_module(_MODULES.get(name, "archive.models")), name)
