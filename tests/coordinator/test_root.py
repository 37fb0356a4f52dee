import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coordinator._config import check_root_path
from coordinator._errors import ConfigurationError
from coordinator._root import CONFIG_NODE, join_root, strip_root

PAIRS = [
    # root, client's path, server's path
    ("/burrow", "/x", "/burrow/x"),
    ("/burrow", "/x/y", "/burrow/x/y"),
    ("/burrow", "/", "/burrow"),
    ("/burrow", "/burrow", "/burrow/burrow"),
    ("/burrow", "/burrow/x", "/burrow/burrow/x"),
    ("/a/b", "/", "/a/b"),
    ("/a/b", "/x", "/a/b/x"),
    ("/", "/", "/"),
    ("/", "/notifier", "/notifier"),
    # the configuration node is exempt, its neighbours are not
    ("/burrow", "/zookeeper/config", "/zookeeper/config"),
    ("/", "/zookeeper/config", "/zookeeper/config"),
    ("/burrow", "/zookeeper", "/burrow/zookeeper"),
    ("/burrow", "/zookeeper/quota", "/burrow/zookeeper/quota"),
    ("/burrow", "/zookeeper/config/x", "/burrow/zookeeper/config/x"),
    ("/burrow", "/zookeeper/configs", "/burrow/zookeeper/configs"),
    # a sequential node with an empty name prefix
    ("/burrow", "/queue/", "/burrow/queue/"),
]


@pytest.mark.parametrize(("root", "client", "server"), PAIRS)
def test_join(root, client, server):
    assert join_root(root, client) == server


@pytest.mark.parametrize(("root", "client", "server"), PAIRS)
def test_strip(root, client, server):
    assert strip_root(root, server) == client


@pytest.mark.parametrize(
    ("root", "path"),
    [
        ("/burrow", "/burrowed"),
        ("/burrow", "/burrowed/x"),
        ("/burrow", "/other/burrow/x"),
        ("/burrow", "/"),
        ("/burrow", ""),
        ("/burrow", "burrow/x"),
        ("/a/b", "/a"),
        ("/a/b", "/a/bc"),
        ("/", "//x"),
    ],
)
def test_strip_leaves_a_path_outside_the_root_alone(root, path):
    assert strip_root(root, path) == path


@pytest.mark.parametrize("path", ["", "x", "ed/x", " /x"])
@pytest.mark.parametrize("root", ["/burrow", "/"])
def test_join_refuses_a_relative_path(root, path):
    with pytest.raises(ValueError, match="must start with '/'") as caught:
        join_root(root, path)
    assert repr(path) in str(caught.value)


def is_root_path(path):
    try:
        check_root_path(path)
    except ConfigurationError:
        return False
    return True


def paths(segments):
    return st.lists(segments, max_size=4).map(lambda parts: "/" + "/".join(parts))


# Segments that roots and paths share, so that one is often a prefix of the other.
COMMON = st.sampled_from(["a", "ab", "b", "burrow", "burrowed", "zookeeper", "config"])
# The control characters, surrogates, private use and astral characters that ZooKeeper refuses.
ANY_SEGMENT = st.text(
    st.characters(
        min_codepoint=0x20, max_codepoint=0xD7FF, exclude_categories=["Cc"], exclude_characters="/"
    ),
    min_size=1,
    max_size=5,
).filter(lambda segment: segment not in {".", ".."})

ROOTS = paths(COMMON | st.from_regex(r"[a-zA-Z0-9_-][a-zA-Z0-9_.-]*", fullmatch=True)).filter(
    is_root_path
)
PATHS = paths(COMMON | ANY_SEGMENT)
CLIENT_PATHS = PATHS.filter(lambda path: path != CONFIG_NODE)


@given(ROOTS, CLIENT_PATHS)
@example("/burrow", "/burrow")
@example("/", "/")
def test_strip_undoes_join(root, path):
    assert strip_root(root, join_root(root, path)) == path


@given(ROOTS, CLIENT_PATHS)
def test_joined_path_lies_under_the_root(root, path):
    joined = join_root(root, path)
    assert "//" not in joined
    assert root == "/" or joined == root or joined.startswith(f"{root}/")


@given(ROOTS)
def test_config_node_is_the_same_on_both_sides(root):
    assert join_root(root, CONFIG_NODE) == CONFIG_NODE
    assert strip_root(root, CONFIG_NODE) == CONFIG_NODE


@given(ROOTS, PATHS)
def test_strip_is_the_identity_outside_the_root(root, path):
    # By segments, not by text: an independent statement of what "under" means.
    inside = path.split("/")[: root.count("/") + 1] == root.split("/") or root == "/"
    if not inside:
        assert strip_root(root, path) == path
    elif path != CONFIG_NODE:
        assert join_root(root, strip_root(root, path)) == path
