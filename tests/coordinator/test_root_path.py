import pytest

from coordinator._root_path import _prefixes


@pytest.mark.parametrize(
    ("path", "prefixes"),
    [
        ("/", []),
        ("/burrow", ["/burrow"]),
        ("/a/b/c", ["/a", "/a/b", "/a/b/c"]),
    ],
)
def test_prefixes(path, prefixes):
    assert _prefixes(path) == prefixes
