"""Content codings undone within bounds, and bytes turned to text whatever labels say."""

from __future__ import annotations

import gzip
import sys
import tracemalloc
import zlib
from collections.abc import Callable

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.encoding import decode_content, decode_text
from archive.errors import DamagedRecord

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FRENCH = (
    "Le président a réuni à l’Élysée les élus : « c’était prévu » dès février, où la météo fut mauvaise, œuvre du sort."
)
RUSSIAN = "Президент встретился с депутатами в феврале, когда погода была плохая, и говорил о бюджете страны."
JAPANESE = "大統領は二月に議員と会った。天気は悪かった。これは新聞の記事です。"


def raw_deflate(body: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(body) + compressor.flush()


def brotli_compress(body: bytes) -> bytes:
    compressor = brotli.Compressor(quality=1)
    done: bytes = compressor.process(body) + compressor.finish()
    return done


CODINGS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "br": ("br", brotli_compress),
    "zstd": ("zstd", zstd.compress),
}
each_coding = pytest.mark.parametrize(("name", "encode"), CODINGS.values(), ids=list(CODINGS))
PAGE = f"<p>{FRENCH}</p>".encode() * 50


@each_coding
@given(body=st.binary())
def test_what_was_encoded_is_decoded(name: str, encode: Callable[[bytes], bytes], body: bytes) -> None:
    assert decode_content(encode(body), name.upper()) == body


@each_coding
def test_torn_bodies_are_damaged(name: str, encode: Callable[[bytes], bytes]) -> None:
    encoded = encode(PAGE)
    for end in {4, len(encoded) // 2, len(encoded) - 1}:
        with pytest.raises(DamagedRecord, match=name):
            decode_content(encoded[:end], name)


@each_coding
def test_bombs_stop_at_the_limit(name: str, encode: Callable[[bytes], bytes]) -> None:
    bomb = encode(bytes(64 << 20))
    tracemalloc.start()
    with pytest.raises(DamagedRecord, match="1000000 bytes"):
        decode_content(bomb, name, limit=1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20


@each_coding
def test_the_limit_itself_is_allowed(name: str, encode: Callable[[bytes], bytes]) -> None:
    assert decode_content(encode(PAGE), name, limit=len(PAGE)) == PAGE


@each_coding
@given(junk=st.binary(min_size=1))
def test_junk_is_damaged_or_taken_as_it_is(name: str, encode: Callable[[bytes], bytes], junk: bytes) -> None:
    for body in (junk, encode(PAGE)[:20] + junk):
        try:
            decode_content(body, name)
        except DamagedRecord:
            continue


def test_codings_are_undone_last_first() -> None:
    assert decode_content(gzip.compress(brotli_compress(PAGE)), "br, identity, gzip") == PAGE


@pytest.mark.parametrize("codings", [None, "", "identity", " , "])
def test_without_a_coding_nothing_changes(codings: str | None) -> None:
    assert decode_content(PAGE, codings) == PAGE


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_plain_bodies_with_a_wrong_header_stay(coding: str) -> None:
    assert decode_content(PAGE, coding) == PAGE


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_an_empty_body_has_nothing_to_decode(coding: str) -> None:
    assert decode_content(b"", coding) == b""


@pytest.mark.parametrize("codings", ["compress", "gzip, aes128gcm", "gzip, gzip, gzip, gzip, gzip"])
def test_unknown_or_too_many_codings_are_damaged(codings: str) -> None:
    with pytest.raises(DamagedRecord, match="coding"):
        decode_content(gzip.compress(PAGE), codings)


@pytest.mark.parametrize(("coding", "encode"), [("gzip", gzip.compress), ("zstd", zstd.compress)])
def test_members_follow_one_another(coding: str, encode: Callable[[bytes], bytes]) -> None:
    assert decode_content(encode(b"a") + encode(b"b") + b"\0\0padding", coding) == b"ab"
    with pytest.raises(DamagedRecord, match="parts"):
        decode_content(encode(b"") * 10_000, coding)


TEXTS: list[tuple[str, str, bytes, str | None]] = [
    ("as declared", FRENCH, FRENCH.encode(), "text/html; charset=utf-8"),
    ("nothing declared", FRENCH, FRENCH.encode(), None),
    ("windows-1252 labelled utf-8", FRENCH, FRENCH.encode("cp1252"), "text/html; charset=utf-8"),
    ("utf-8 labelled iso-8859-1", FRENCH, FRENCH.encode(), "text/html; charset=ISO-8859-1"),
    ("windows-1252 labelled iso-8859-1", FRENCH, FRENCH.encode("cp1252"), "text/html; charset=iso-8859-1"),
    ("windows-1252 without label", FRENCH, FRENCH.encode("cp1252"), None),
    ("utf-8 with mark", FRENCH, FRENCH.encode("utf-8-sig"), "text/html; charset=iso-8859-1"),
    ("utf-16 with mark", FRENCH, FRENCH.encode("utf-16"), "text/html; charset=utf-8"),
    ("utf-16 big end first, with mark", FRENCH, b"\xfe\xff" + FRENCH.encode("utf-16-be"), None),
    ("utf-16 by label", FRENCH, FRENCH.encode("utf-16-le"), "text/html; charset=utf-16"),
    ("utf-16 big end first, by label", FRENCH, FRENCH.encode("utf-16-be"), "text/html; charset=utf-16"),
    ("utf-8 labelled utf-16", FRENCH, FRENCH.encode(), "text/html; charset=utf-16"),
    ("windows-1251 by label", RUSSIAN, RUSSIAN.encode("cp1251"), "text/html; charset=windows-1251"),
    ("windows-1251 labelled utf-8", RUSSIAN, RUSSIAN.encode("cp1251"), "text/html; charset=utf-8"),
    ("shift_jis by label", JAPANESE, JAPANESE.encode("shift_jis"), "text/html; charset=Shift_JIS"),
    ("shift_jis without label", JAPANESE, JAPANESE.encode("shift_jis"), None),
    ("seven bits, by label", JAPANESE, JAPANESE.encode("iso2022_jp"), "text/html; charset=iso-2022-jp"),
    ("utf-8 labelled iso-2022-jp", JAPANESE, JAPANESE.encode(), "text/html; charset=iso-2022-jp"),
    ("a label nobody knows", FRENCH, FRENCH.encode("cp1252"), "text/html; charset=klingon"),
    ("a codec that is no encoding", "a\\x41", b"a\\x41", "text/html; charset=unicode_escape"),
    ("utf-7 is not believed", "+ADw-script+AD4-", b"+ADw-script+AD4-", "text/html; charset=utf-7"),
    ("newlines stay", "a\r\nb\rc\n", b"a\r\nb\rc\n", None),
    ("NUL is removed", "ab", b"a\0b", None),
    ("empty", "", b"", "text/html"),
]


@pytest.mark.parametrize(("why", "text", "body", "content_type"), TEXTS, ids=[case[0] for case in TEXTS])
def test_text(why: str, text: str, body: bytes, content_type: str | None) -> None:
    assert decode_text(body, content_type) == text, why


def test_a_page_says_its_own_encoding() -> None:
    page = f'<html><head><meta charset="windows-1251"></head><body>{RUSSIAN}'
    assert decode_text(page.encode("cp1251"), "text/html") == page
    assert decode_text(page.encode("cp1251"), "text/html; charset=utf-8") == page


def test_a_feed_says_its_own_encoding() -> None:
    feed = f'<?xml version="1.0" encoding="Shift_JIS"?><rss>{JAPANESE}</rss>'
    assert decode_text(feed.encode("cp932"), "application/rss+xml") == feed


def test_a_meta_tag_in_the_wrong_place_counts_within_4096_bytes() -> None:
    page = f'<html><head><!--{" " * 2000}--><meta charset="iso-8859-5"></head><body>ЁЂЃЄ'
    assert decode_text(page.encode("iso8859-5"), None) == page


def test_utf8_with_a_letter_cut_in_two_is_still_utf8() -> None:
    cut = FRENCH.encode() + "é".encode()[:1] + b" </p>"
    assert decode_text(cut, "text/html; charset=utf-8") == FRENCH + "\ufffd </p>"
    assert decode_text(cut, None) == FRENCH + "\ufffd </p>"


LABELS = (
    "utf-8 utf-16 utf-32 iso-8859-1 windows-1252 shift_jis gb2312 big5 euc-kr iso-2022-jp iso-2022-kr hz-gb-2312 koi8-r"
    " macintosh hex zip punycode idna undefined unicode_escape utf-7 cp037"
)


@given(st.binary(), st.none() | st.sampled_from(LABELS.split()).map("text/html; charset={}".format) | st.text())
def test_any_bytes_give_text_that_can_be_stored(body: bytes, content_type: str | None) -> None:
    for candidate in (body, b"<meta charset=gb18030>" + body, b"\xff\xfe" + body, b"\xef\xbb\xbf" + body):
        text = decode_text(candidate, content_type)
        text.encode()
        assert "\0" not in text


@given(st.text(st.characters(exclude_characters="\0\ufeff", exclude_categories=["Cs"])))
def test_utf8_comes_back(text: str) -> None:
    assert decode_text(text.encode(), "text/html; charset=iso-8859-15") == text
