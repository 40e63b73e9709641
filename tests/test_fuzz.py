"""Whatever is made of what strangers send: no parser of ours raises but what it states (see benchmarks/fuzz.py)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.discovery import feeds, sitemaps
from tests import fuzzing

SLOW = {"page": 60, "xhtml": 20, "warc": 20, "foreign warc": 30, "search": 100}  # examples; 150 of others
CHANGES = st.lists(
    st.builds(
        fuzzing.Mutation,
        st.sampled_from(fuzzing.KINDS),
        st.floats(0, 1),
        st.sampled_from((1, 4, 30, 300, 3000)),
        st.integers(0, 2**16),
    ),
    min_size=1,
    max_size=8,
)


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, fuzzing.Target]:
    return fuzzing.targets(tmp_path_factory.mktemp("fuzz"))


@pytest.mark.parametrize("name", fuzzing.NAMES)
def test_no_undeclared_exception_escapes(targets: dict[str, fuzzing.Target], name: str) -> None:
    target = targets[name]

    @settings(
        max_examples=SLOW.get(name, 150), derandomize=True, deadline=None, database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )  # fmt: skip
    @given(st.integers(0, len(target.samples) - 1), CHANGES)
    def broken(number: int, changes: list[fuzzing.Mutation]) -> None:
        target.feed(fuzzing.mutated(target.samples[number], changes, target.samples))

    broken()


def test_every_parser_is_tried(targets: dict[str, fuzzing.Target]) -> None:
    assert set(targets) == set(fuzzing.NAMES)


@pytest.mark.parametrize("name", fuzzing.NAMES)
def test_the_samples_are_read(targets: dict[str, fuzzing.Target], name: str) -> None:
    """As they are, they raise nothing, declared or not: what is changed is something that is read."""
    found = [targets[name].read(sample) for sample in targets[name].samples]
    assert any(found)


HALVES = ("&#xD83D;&#xDE00;", "&#55357;&#56832;", "\ud83d\ude00")


@pytest.mark.parametrize("half", HALVES)
def test_half_characters_cost_one_text_and_not_the_feed(half: str) -> None:
    """Software that writes UTF-16 escapes an emoji as two halves, which XML knows nothing of."""
    feed = (
        f"<rss><channel><item><title>Le bac {half}</title><link>https://www.gazette.example/{half}</link></item>"
        f'<item><title>La halle</title><link>https://www.gazette.example/b/</link><category term="{half}"/></item>'
        "</channel></rss>"
    ).encode("utf-8", "surrogatepass")
    titles = {link.url: link.title for link in feeds.links(feed, fuzzing.URL)}  # type: ignore[union-attr]
    assert titles["https://www.gazette.example/b/"] == "La halle"
    listed = f"<urlset><url><loc>/{half}</loc></url><url><loc>/b/</loc></url></urlset>".encode("utf-8", "surrogatepass")
    assert "https://www.gazette.example/b/" in [link.url for link in sitemaps.links(listed, fuzzing.URL)]


def test_a_prefix_that_stands_for_nothing_is_only_a_name(tmp_path: Path) -> None:
    """Seen in cut feeds: `<rdf:RDF>` without its namespace, for which lxml has no name."""
    target = fuzzing.targets(tmp_path)["channel"]
    assert target.read(b"<rdf:RDF><link>https://www.gazette.example/</link><item><title>a</title></item></rdf:RDF>")
