"""One post body in the two forms WordPress stores: the classic editor's HTML and the block editor's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

READ_ALSO = (
    "Lire aussi : {}",
    "À lire aussi : {}",
    "<strong>Lire aussi :</strong> {}",
    "<strong>À lire aussi : {}</strong>",
    "<em>Lire également : {}</em>",
)


class Markup(Protocol):
    """What an author can put into a post; every method returns HTML as the editor would store it."""

    def paragraph(self, html: str) -> str: ...
    def heading(self, level: int, text: str) -> str: ...
    def quote(self, paragraphs: Sequence[str]) -> str: ...
    def items(self, tag: str, items: Sequence[str]) -> str: ...
    def picture(self, index: int, caption: str, alt: str) -> str: ...
    def gallery(self, indexes: Sequence[int]) -> str: ...
    def frame(self, url: str) -> str: ...
    def embed(self, url: str) -> str: ...
    def next_page(self) -> str: ...


class Classic:
    """The classic editor: blank lines make paragraphs when the page is rendered, shortcodes make figures."""

    def paragraph(self, html: str) -> str:
        return html

    def heading(self, level: int, text: str) -> str:
        return f"<h{level}>{text}</h{level}>"

    def quote(self, paragraphs: Sequence[str]) -> str:
        return "<blockquote>" + "\n\n".join(paragraphs) + "</blockquote>"

    def items(self, tag: str, items: Sequence[str]) -> str:
        return "\n".join([f"<{tag}>", *(f" \t<li>{item}</li>" for item in items), f"</{tag}>"])

    def picture(self, index: int, caption: str, alt: str) -> str:
        image = (
            f'<a href="{{{{picture {index} page}}}}"><img class="wp-image-{{{{picture {index} id}}}} size-medium" '
            f'src="{{{{picture {index} medium}}}}" alt="{alt}" width="300" height="158" /></a>'
        )
        if not caption:
            return image
        shortcode = f'[caption id="attachment_{{{{picture {index} id}}}}" align="aligncenter" width="300"]'
        return f"{shortcode}{image} {caption}[/caption]"

    def gallery(self, indexes: Sequence[int]) -> str:
        return '[gallery link="file" ids="{}"]'.format(",".join(f"{{{{picture {i} id}}}}" for i in indexes))

    def frame(self, url: str) -> str:
        return f'<iframe src="{url}" width="560" height="315" allowfullscreen></iframe>'

    def embed(self, url: str) -> str:
        return url

    def next_page(self) -> str:
        return "<!--nextpage-->"


def block(name: str, html: str, attributes: str = "") -> str:
    return f"<!-- wp:{name}{attributes and ' ' + attributes} -->\n{html}\n<!-- /wp:{name} -->"


class Blocks:
    """The block editor: every block between comments that say what it is."""

    def paragraph(self, html: str) -> str:
        return block("paragraph", f"<p>{html}</p>")

    def heading(self, level: int, text: str) -> str:
        return block("heading", f"<h{level}>{text}</h{level}>", "" if level == 2 else f'{{"level":{level}}}')

    def quote(self, paragraphs: Sequence[str]) -> str:
        inner = "\n\n".join(self.paragraph(text) for text in paragraphs)
        return block("quote", f'<blockquote class="wp-block-quote">{inner}</blockquote>')

    def items(self, tag: str, items: Sequence[str]) -> str:
        inner = "\n\n".join(block("list-item", f"<li>{item}</li>") for item in items)
        return block("list", f"<{tag}>{inner}</{tag}>", '{"ordered":true}' if tag == "ol" else "")

    def picture(self, index: int, caption: str, alt: str) -> str:
        image = f'<img src="{{{{picture {index} large}}}}" alt="{alt}" class="wp-image-{{{{picture {index} id}}}}"/>'
        below = f'<figcaption class="wp-element-caption">{caption}</figcaption>' if caption else ""
        html = f'<figure class="wp-block-image size-large">{image}{below}</figure>'
        return block("image", html, f'{{"id":{{{{picture {index} id}}}},"sizeSlug":"large"}}')

    def gallery(self, indexes: Sequence[int]) -> str:
        inner = "\n\n".join(self.picture(index, "", "") for index in indexes)
        html = f'<figure class="wp-block-gallery has-nested-images columns-default is-cropped">{inner}</figure>'
        return block("gallery", html, '{"linkTo":"none"}')

    def frame(self, url: str) -> str:
        return self.paragraph(f'<iframe src="{url}" width="560" height="315" allowfullscreen></iframe>')

    def embed(self, url: str) -> str:
        classes = "wp-block-embed is-type-wp-embed wp-block-embed-wordpress"
        html = f'<figure class="{classes}"><div class="wp-block-embed__wrapper">\n{url}\n</div></figure>'
        return block("embed", html, f'{{"url":"{url}","type":"wp-embed"}}')

    def next_page(self) -> str:
        return block("nextpage", "<!--nextpage-->")


def read_also(markup: Markup, number: int, links: Sequence[str]) -> str:
    """Pointers to other articles, in one of the ways newsrooms write them: a line, a list, a line above a list."""
    forms: tuple[Callable[[], str], ...] = (
        lambda: markup.items("ul", [READ_ALSO[1].format(link) for link in links]),
        lambda: markup.paragraph("<strong>À lire aussi :</strong>") + "\n\n" + markup.items("ul", links),
    )
    if number % 7 < len(READ_ALSO):
        return markup.paragraph(READ_ALSO[number % 7].format(links[0]))
    return forms[number % 7 - len(READ_ALSO)]()
