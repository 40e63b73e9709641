"""What is learnt of a site, and what its pages give with it that they do not give alone."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from archive.extraction import extract
from archive.learning import FEWEST, Sample, learn, read
from archive.models import Article, Page
from archive.reading.profile import HAND_WRITTEN, Profile, Rule, Template
from tests.press import ALERT, END, OWNER, SITE, SUFFIX, Story

STORIES = [Story(number) for number in range(40)]


def samples(pages: Sequence[Page], apis: Sequence[Page | None] = ()) -> list[Sample]:
    found = [read(page, api) for page, api in zip(pages, apis or [None] * len(pages), strict=True)]
    return [sample for sample in found if sample is not None]


@pytest.fixture(scope="module")
def learnt() -> Profile:
    """From pages half of which a feed names, and a third of which the site's API gives, too."""
    pages = [story.page(feed=story.number % 2 == 0) for story in STORIES]
    return learn(SITE, samples(pages, [story.api() if story.number % 3 == 0 else None for story in STORIES]))


def rules(template: Template, kind: str, field: str) -> list[Rule]:
    return [rule for rule in template.rules if (rule.kind, rule.field) == (kind, field)]


def article(page: Page, profile: Profile | None = None) -> Article:
    found = extract(page, profile)
    assert isinstance(found, Article), found
    return found


def test_one_template_is_learnt_whole(learnt: Profile) -> None:
    (template,) = learnt.templates
    assert template.pages == len(STORIES)
    assert [rule.value for rule in rules(template, "cut", "title")] == [SUFFIX]
    (source,) = rules(template, "source", "title")
    assert (source.value, source.right, source.wrong, source.by) == ("h1", 20, 0, "feed")
    assert [rule.value for rule in rules(template, "element", "authors")] == ["p.plume"]
    assert [rule.value for rule in rules(template, "element", "text")] == ["div.colonne-une"]


def test_an_article_unseen_so_far_is_read_to_the_letter(learnt: Profile) -> None:
    story = Story(4711)
    alone, known = article(story.page()), article(story.page(), learnt)
    assert (known.title, known.authors) == (story.title, (story.author,))
    assert known.text == "\n".join(story.paragraphs)
    assert alone.text != known.text
    assert ALERT in alone.text


def test_what_the_profile_did_can_be_read_in_the_article(learnt: Profile) -> None:
    provenance = article(Story(4711).page(), learnt).provenance
    assert provenance["title"]["rule"] == "learnt of this template"
    assert provenance["authors"]["source"] == "p.plume"
    assert provenance["text"]["source"] == "div.colonne-une"


def test_the_same_pages_give_the_same_version_and_it_survives_json(learnt: Profile) -> None:
    again = [story.page(feed=story.number % 2 == 0) for story in STORIES]
    apis = [story.api() if story.number % 3 == 0 else None for story in STORIES]
    assert learn(SITE, samples(again, apis)).version == learnt.version
    assert Profile.of(learnt.document()) == learnt
    assert Profile.of(learnt.document()).version == learnt.version


@pytest.mark.parametrize("copies", [FEWEST, 40])
def test_one_article_captured_again_and_again_teaches_nothing(copies: int) -> None:
    assert learn(SITE, samples([Story(7).page()] * copies)).templates == ()


def test_one_article_captured_often_teaches_no_more_than_once(learnt: Profile) -> None:
    pages = [story.page(feed=story.number % 2 == 0) for story in STORIES] + [Story(3).page()] * 30
    apis = [story.api() if story.number % 3 == 0 else None for story in STORIES] + [None] * 30
    assert learn(SITE, samples(pages, apis)).templates[0].rules == learnt.templates[0].rules


def test_a_brief_is_an_article_of_its_own_however_much_of_its_page_is_the_sites() -> None:
    """Captured first, it must not make copies of all that share the site's own lines with it."""
    closing = (
        "Toute l’équipe vous attend chaque jeudi au marché, devant la fontaine, pour parler du journal.",
        "Vos lettres paraissent le samedi, signées, et la rédaction se garde le droit de les raccourcir.",
    )
    stories = [Story(4700, closing, length=1), *(Story(story.number, closing) for story in STORIES)]
    (template,) = learn(SITE, samples([story.page(design="new") for story in stories])).templates
    assert template.pages == len(stories)


def test_too_few_pages_teach_nothing() -> None:
    assert learn(SITE, samples([story.page() for story in STORIES[: FEWEST - 1]])).templates == ()


def test_a_new_template_starts_beside_the_old_one(learnt: Profile) -> None:
    after = learn(SITE, samples([Story(number).page(design="new") for number in range(100, 130)]), learnt)
    old, new = after.templates[-1], after.templates[0]
    assert old == learnt.templates[0]
    assert [rule.value for rule in rules(new, "element", "text")] == ["div.recit"]
    for story, design in ((Story(4711), "old"), (Story(4712), "new")):
        assert article(story.page(design=design), after).text == "\n".join(story.paragraphs)


def test_both_templates_at_once_are_told_apart() -> None:
    pages = [story.page(design="new" if story.number > 20 else "old") for story in STORIES]
    assert [template.pages for template in learn(SITE, samples(pages)).templates] == [21, 19]


def test_a_page_of_a_template_nobody_knows_is_read_as_without_a_profile(learnt: Profile) -> None:
    page = Story(4711).page(design="new")
    assert article(page, learnt) == article(page)


def test_what_the_api_has_in_its_text_is_never_left_out() -> None:
    """The newsroom itself ends every article with the same words; that alone makes them no template's."""
    closing = "Cet article a été écrit par la rédaction de Bellon, avec l’aide de ses lectrices et de ses lecteurs."
    stories = [Story(number, (closing,)) for number in range(40)]
    profile = learn(SITE, samples([story.page() for story in stories], [story.api() for story in stories]))
    told = article(stories[5].page(), profile).text
    assert told.endswith(closing)
    assert OWNER not in told
    assert END not in told


def test_selectors_by_hand_go_before_everything() -> None:
    by_hand: dict[str, tuple[str, ...]] = {
        "title": ("p.devise",),
        "author": (".plume",),
        "body": (".colonne-une",),
        "remove": (".encart-alerte",),
    }
    profile = Profile(SITE, (), by_hand)
    found = article(Story(1).page(), profile)
    assert found.title == "Le journal de la vallée"
    assert found.authors == (Story(1).author,)
    assert ALERT not in found.text
    assert OWNER in found.text
    assert (found.provenance["title"]["source"], found.provenance["title"]["rule"]) == (
        "p.devise",
        "selector written by hand",
    )


def test_selectors_that_find_nothing_change_nothing() -> None:
    page = Story(1).page()
    profile = Profile(SITE, (), dict.fromkeys(HAND_WRITTEN, (".no",)))
    assert article(page, profile) == article(page)
