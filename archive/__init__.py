"""Decides what stored pages mean, keeps it, answers questions. Never imports the crawler or Scrapy.

The names below are the library's: `from archive import Archive, Page, extract`.
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
