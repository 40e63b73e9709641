"""What is measured of one reading of a page, beside its article: kept with the extraction, judged later."""

from __future__ import annotations

from archive.models import Article

# Fields that an article of most sites has; where a site never gives one, that is how the site is.
FIELDS = {"title": "title", "author": "authors", "date": "published", "image": "image", "section": "section"}


def measures(article: Article) -> dict[str, str | int | None]:
    """Return the columns of `extractions` that health is judged by: lacks, characters and language."""
    missing = [name for name, field in FIELDS.items() if not getattr(article, field)]
    return {"lacks": " ".join(missing), "characters": len(article.text), "language": article.language}
