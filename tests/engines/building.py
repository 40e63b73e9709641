"""Sites of our posts, built by Pelican and by Nikola as their documentation says, with their own themes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.engines.posts import Post, posts

ROOT = Path(__file__).parent.parent.parent
ENGINES = ROOT / ".venv-engines" / "bin"
NAME = "Le Courrier des Granges"
_ABOUT = "Ce journal paraît quand il y a des nouvelles. Il est écrit par quatre voisins, relu par un cinquième."

_PELICAN = """
AUTHOR = "La rédaction"
SITENAME = {name!r}
SITEURL = {url!r}
PATH = "content"
TIMEZONE = "Europe/Paris"
DEFAULT_LANG = "fr"
THEME = {theme!r}
DEFAULT_PAGINATION = 8
FEED_MAX_ITEMS = 10
FEED_ALL_ATOM = {feed!r}
CATEGORY_FEED_ATOM = None
TRANSLATION_FEED_ATOM = None
AUTHOR_FEED_ATOM = None
AUTHOR_FEED_RSS = None
"""


def pelican(directory: Path, url: str, *, theme: str = "notmyidea", feed: str | None = "feeds/all.atom.xml") -> Path:
    """Build the site with Pelican; returns what is to be served at `url`. It has no sitemap."""
    for post in posts():
        path = directory / "content" / post.section / f"{post.slug}.md"
        _write(path, _headed(post, _PELICAN_HEAD) + "\n\n".join(post.paragraphs) + "\n")
    _write(directory / "content" / "pages" / "a-propos.md", f"Title: À propos\n\n{_ABOUT}\n")
    settings = _PELICAN.format(name=NAME, url=url.rstrip("/"), theme=theme, feed=feed)
    _write(directory / "pelicanconf.py", settings)
    _run("pelican", "content", "-s", "pelicanconf.py", "-o", "output", directory=directory)
    return directory / "output"


_PELICAN_HEAD = "Title: {title}\nDate: {date}\nCategory: {section}\nTags: {tags}\nAuthor: {author}\nSlug: {slug}\n\n"
_NIKOLA_HEAD = """\
.. title: {title}
.. slug: {slug}
.. date: {date}
.. category: {section}
.. tags: {tags}
.. author: {author}

"""


def _headed(post: Post, head: str) -> str:
    date = post.published.isoformat(sep=" ")
    return head.format(
        title=post.title,
        date=date,
        section=post.section,
        tags=", ".join(post.tags),
        author=post.author,
        slug=post.slug,
    )


def nikola(directory: Path, url: str) -> Path:
    """Build the site with Nikola, which makes sitemaps, RSS, and numbers the pages of its index from the oldest."""
    _run("nikola", "init", "--quiet", "--demo", "site", directory=directory)
    site = directory / "site"
    for demo in (*site.glob("posts/*"), *site.glob("pages/*"), *site.glob("galleries/*/*")):
        if demo.is_file():
            demo.unlink()
    for post in posts():
        _write(site / "posts" / f"{post.slug}.md", _headed(post, _NIKOLA_HEAD) + "\n\n".join(post.paragraphs) + "\n")
    about = f".. title: À propos\n.. slug: a-propos\n.. date: 2021-01-01\n\n{_ABOUT}\n"
    _write(site / "pages" / "a-propos.md", about)
    _configure(site / "conf.py", url)
    _run("nikola", "build", directory=site)
    return site / "output"


def _configure(path: Path, url: str) -> None:
    own = {
        "BLOG_AUTHOR": "La rédaction",
        "BLOG_TITLE": NAME,
        "SITE_URL": url,
        "BLOG_EMAIL": "courrier@example.org",
        "DEFAULT_LANG": "fr",
        "TRANSLATIONS": {"fr": ""},
        "TIMEZONE": "Europe/Paris",
        "INDEX_DISPLAY_POST_COUNT": 8,
        "NAVIGATION_LINKS": {"fr": (("/archive.html", "Archives"), ("/categories/", "Étiquettes"))},
    }
    lines = "".join(f"{name} = {value!r}\n" for name, value in own.items())
    _write(path, path.read_text(encoding="utf-8") + "\n" + lines)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _run(program: str, *arguments: str, directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"PATH": f"{ENGINES}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [ENGINES / program, *arguments], cwd=directory, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{program}: {done.stdout}\n{done.stderr}"
