from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkwire._errors import InvalidArgument, InvalidArgumentType
from zkwire._paths import check_path, check_sequential_path

GOOD = [
    "/",
    "/a",
    "/a/b/c",
    "/ ",
    "/a b",
    "/...",
    "/.x",
    "/x.",
    "/a/..b",
    "/é/日本",
    "/\u00a0",  # the first above the control characters
    "/\ud7ff",  # the last below the surrogates
    "/\uf900",  # the first above the private use area
    "/\uffef",
    "/~",
    "/zookeeper/config",
    "/" + "x" * 10_000,
]
BAD = [
    ("", "must not be empty"),
    ("a", "must start with '/'"),
    ("a/b", "must start with '/'"),
    ("//", "must not end with '/'"),
    ("/a/", "must not end with '/'"),
    ("/a//b", "must not contain an empty element ('//')"),
    ("//a", "must not contain an empty element ('//')"),
    ("/.", "must not contain the element '.'"),
    ("/..", "must not contain the element '..'"),
    ("/a/./b", "must not contain the element '.'"),
    ("/a/../b", "must not contain the element '..'"),
    ("/a/..", "must not contain the element '..'"),
    ("/\x00", "must not contain U+0000 (at index 1)"),
    ("/a\x01", "must not contain U+0001 (at index 2)"),
    ("/\x1f", "must not contain U+001F (at index 1)"),
    ("/\x7f", "must not contain U+007F (at index 1)"),
    ("/\x9f", "must not contain U+009F (at index 1)"),
    ("/\ud800", "must not contain U+D800 (at index 1)"),
    ("/\ue000", "must not contain U+E000 (at index 1)"),
    ("/\uf8ff", "must not contain U+F8FF (at index 1)"),
    ("/\ufff0", "must not contain U+FFF0 (at index 1)"),
    ("/\uffff", "must not contain U+FFFF (at index 1)"),
    ("/\U00010000", "must not contain U+10000 (at index 1)"),
    ("/ab\U0001f600", "must not contain U+1F600 (at index 3)"),
    ("/\U0010ffff", "must not contain U+10FFFF (at index 1)"),
]


@pytest.mark.parametrize("path", GOOD)
def test_a_good_path_is_returned(path):
    assert check_path(path) == path
    assert check_sequential_path(path) == path


@pytest.mark.parametrize(("path", "rule"), BAD)
def test_a_bad_path_is_refused_by_its_rule(path, rule):
    for _ in range(2):  # the second time from the cache
        with pytest.raises(InvalidArgument) as caught:
            check_path(path)
        assert str(caught.value) == f"path: {path!r} {rule}"


@pytest.mark.parametrize("path", ["/a/", "/", "/a/.", "/a/..", "/.", "/a-"])
def test_what_a_number_follows_may_end_with_anything(path):
    assert check_sequential_path(path) == path


@pytest.mark.parametrize("path", ["", "a", "//", "/a//", "/./", "/a/../", "/\x00", "/\U0001f600"])
def test_a_sequential_path_is_checked_with_its_number(path):
    with pytest.raises(InvalidArgument, match=r"^path: ") as caught:
        check_sequential_path(path)
    assert repr(path) in str(caught.value), "as the caller wrote it"


@pytest.mark.parametrize("path", [None, 7, b"/a", ["/a"], object()])
@pytest.mark.parametrize("check", [check_path, check_sequential_path])
def test_what_is_no_text_is_refused(path, check):
    with pytest.raises(InvalidArgumentType) as caught:
        check(path)
    assert str(caught.value) == f"path: must be a str, not {type(path).__name__}"


def java_accepts(path: str) -> bool:
    """PathUtils.validatePath, unit by UTF-16 unit as Java has it."""
    raw = path.encode("utf-16-be", "surrogatepass")
    units = [int.from_bytes(raw[i : i + 2], "big") for i in range(0, len(raw), 2)]
    slash, dot = ord("/"), ord(".")
    if not units or units[0] != slash:
        return False
    if len(units) == 1:
        return True
    if units[-1] == slash:
        return False
    last = slash
    for i in range(1, len(units)):
        unit = units[i]
        ends = i + 1 == len(units) or units[i + 1] == slash
        if unit == 0:
            return False
        if unit == slash and last == slash:
            return False
        if unit == dot and last == dot and units[i - 2] == slash and ends:
            return False
        if unit == dot and units[i - 1] == slash and ends:
            return False
        if 0 < unit <= 0x1F or 0x7F <= unit <= 0x9F:
            return False
        if 0xD800 <= unit <= 0xF8FF or 0xFFF0 <= unit <= 0xFFFF:
            return False
        last = unit
    return True


ANY = st.characters(exclude_categories=()) | st.sampled_from("//..ab\x00\x1f\x7f\ud800\uffff")
PATHS = st.text(ANY, max_size=8).map(lambda text: "/" + text) | st.text(ANY, max_size=4)
DOTTED = st.lists(st.sampled_from(["", ".", "..", "...", ".a", "a", "/"]), max_size=6).map("/".join)


@settings(deadline=None, max_examples=500)
@given(path=PATHS | DOTTED)
def test_the_rules_are_javas(path):
    try:
        check_path(path)
        accepted = True
    except InvalidArgument:
        accepted = False
    assert accepted is java_accepts(path)
    try:
        check_sequential_path(path)
        accepted = True
    except InvalidArgument:
        accepted = False
    assert accepted is java_accepts(path + "1")
