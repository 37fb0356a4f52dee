"""The plugin as other projects see it: runs of pytest in projects of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass

import pytest
import trio

from zkwire.testing.pytest_plugin import serve_zookeeper

# By its module's name, whether or not zkwire is installed in a way that registers it.
PLUGIN = ("-p", "no:zkwire", "-p", "zkwire.testing.pytest_plugin", "-p", "no:cacheprovider")


@dataclass(frozen=True)
class Run:
    status: int
    text: str

    @property
    def last_line(self):
        return self.text.strip().splitlines()[-1]


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Runs pytest on one file of tests; its ini file has the lines given."""
    for name in [each for each in os.environ if each.startswith(("PYTEST_", "ZKWIRE_"))]:
        # What an outer run, or its caller, has set is not meant for this one; but a provider is.
        if name not in {"ZKWIRE_TEST_PROVIDER", "ZKWIRE_TEST_SERVERS"}:
            monkeypatch.delenv(name)

    def run(source, *arguments, ini="", conftest=""):
        (tmp_path / "pytest.ini").write_text(f"[pytest]\nfilterwarnings = error\n{ini}\n")
        (tmp_path / "conftest.py").write_text(conftest)
        (tmp_path / "test_it.py").write_text(source)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *PLUGIN, *arguments],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=100,
            check=False,
        )
        return Run(done.returncode, done.stdout)

    return run


ASKS = "def test_it(zookeeper):\n    assert zookeeper.servers\n"


def test_importing_it_takes_neither_pytest_trio_nor_click_nor_testcontainers():
    code = (
        "import sys, zkwire.testing.pytest_plugin\n"
        "print({'pytest_trio', 'click', 'testcontainers', 'trustme'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


# --- real servers --------------------------------------------------------------------------------


@pytest.mark.zk
def test_every_worker_has_a_server_and_the_summary_names_the_kind_once(project):
    source = (
        "import pytest\n"
        "@pytest.mark.parametrize('number', range(4))\n"
        "def test_it(zookeeper, number):\n"
        "    assert zookeeper.mode(zookeeper.members[0]) == 'standalone'\n"
    )
    run = project(source, "-n", "2", "--dist", "load")
    assert run.status == 0, run.text
    assert "4 passed" in run.last_line
    _, summary = run.text.split("= ZooKeeper servers =")
    assert summary.count("ZooKeeper 3.") == 1
    assert "one server at" in summary


@pytest.mark.zk
def test_the_ini_file_says_how_long_a_tick_is(project, monkeypatch):
    monkeypatch.delenv("ZKWIRE_TEST_SERVERS", raising=False)
    if os.environ.get("ZKWIRE_TEST_PROVIDER") == "given":
        monkeypatch.delenv("ZKWIRE_TEST_PROVIDER")
    source = (
        "def test_it(zookeeper):\n"
        "    conf = zookeeper.four_letter_word(zookeeper.members[0], 'conf')\n"
        "    assert 'tickTime=300\\n' in conf\n"
    )
    run = project(source, ini="zkwire_tick_time = 0.3")
    assert run.status == 0, run.text


@pytest.mark.zk
def test_a_project_may_have_a_zookeeper_of_its_own(project, monkeypatch):
    monkeypatch.delenv("ZKWIRE_TEST_SERVERS", raising=False)
    if os.environ.get("ZKWIRE_TEST_PROVIDER") == "given":
        monkeypatch.delenv("ZKWIRE_TEST_PROVIDER")
    conftest = (
        "import pytest\n"
        "from zkwire.testing.pytest_plugin import serve_zookeeper\n"
        "@pytest.fixture(scope='module')\n"
        "def zookeeper(request):\n"
        "    yield from serve_zookeeper(request, config={'maxSessionTimeout': 7000})\n"
    )
    source = (
        "def test_it(zookeeper):\n"
        "    conf = zookeeper.four_letter_word(zookeeper.members[0], 'conf')\n"
        "    assert 'maxSessionTimeout=7000\\n' in conf\n"
    )
    run = project(source, conftest=conftest)
    assert run.status == 0, run.text
    assert "= ZooKeeper servers =" in run.text


def test_no_server_is_a_failure_with_the_reason_and_no_skip(project, monkeypatch):
    monkeypatch.delenv("ZKWIRE_TEST_PROVIDER", raising=False)
    monkeypatch.delenv("ZKWIRE_TEST_SERVERS", raising=False)
    source = ASKS + ASKS.replace("test_it", "test_three").replace("zookeeper", "zookeeper_ensemble")
    run = project(source, ini="zkwire_provider = given")
    assert run.status == 1
    assert run.text.count("no ZooKeeper server can be started here:") >= 2
    assert "to use it: export ZKWIRE_TEST_SERVERS=host:port,..." in run.text
    assert "2 errors" in run.last_line
    assert "skipped" not in run.text


@pytest.mark.parametrize(
    ("ini", "reason"),
    [
        ("zkwire_version = newest", "version must look like '3.9' or '3.9.5', not 'newest'"),
        ("zkwire_tick_time = fast", "zkwire_tick_time: 'fast' is not a number of seconds"),
    ],
)
def test_a_wrong_key_is_named(project, monkeypatch, ini, reason):
    monkeypatch.delenv("ZKWIRE_TEST_PROVIDER", raising=False)
    run = project(ASKS, ini=ini)
    assert run.status == 1
    assert reason in run.text
    assert "1 error" in run.last_line


def test_the_environment_s_provider_is_nearer_than_the_ini_file_s(project, monkeypatch):
    monkeypatch.setenv("ZKWIRE_TEST_PROVIDER", "elsewhere")
    run = project(ASKS, ini="zkwire_provider = nowhere")
    assert "ZKWIRE_TEST_PROVIDER: there is no provider 'elsewhere'" in run.text
    assert "nowhere" not in run.text


# --- in memory -----------------------------------------------------------------------------------

FAULTS = "async def test_it(faults):\n    assert faults.servers\n"


def test_without_pytest_trio_the_fixture_says_what_to_install(project):
    conftest = "import sys\nsys.modules['pytest_trio'] = None\n"
    run = project(FAULTS.removeprefix("async "), "-p", "no:trio", conftest=conftest)
    assert run.status == 1
    assert "faults is a trio fixture, which takes pytest-trio" in run.text
    assert "pip install 'zkwire[testing]'" in run.text


def test_a_test_that_is_not_of_trio_s_is_told_what_to_do(project):
    run = project(FAULTS.removeprefix("async "))
    assert run.status == 1
    assert "mark the test with @pytest.mark.trio, or set trio_mode = true" in run.text


@pytest.mark.parametrize(
    ("mark", "ini"), [("import pytest\n@pytest.mark.trio\n", ""), ("", "trio_mode = true")]
)
def test_a_marked_test_gets_its_server_as_one_in_trio_mode_does(project, mark, ini):
    run = project(mark + FAULTS, ini=ini)
    assert run.status == 0, run.text
    assert "1 passed" in run.last_line
    _, summary = run.text.split("= ZooKeeper servers =")
    assert "memory" in summary


async def test_the_server_in_memory_lives_under_the_test_s_clock(memory_zookeeper, autojump_clock):
    import zkwire

    host, port = memory_zookeeper.servers[0].split(":")
    begun = trio.current_time()
    async with zkwire.open_connection(
        host, int(port), dial=memory_zookeeper.dial, session_timeout=60.0
    ) as zk:
        assert zk.session.negotiated_timeout == 40.0
        await trio.sleep(3600)
        await zk.create("/still", mode=zkwire.CreateMode.EPHEMERAL)
        zk.detach()
    async with zkwire.open_connection(
        host, int(port), dial=memory_zookeeper.dial, session_timeout=60.0
    ) as zk:
        assert await zk.exists("/still") is not None
        await trio.sleep(80)
        assert await zk.exists("/still") is None
    assert trio.current_time() - begun < 3700


async def test_each_test_has_a_server_of_its_own(memory_zookeeper):
    assert memory_zookeeper.provider == "memory"
    assert len(memory_zookeeper.members) == 1
    host, port = memory_zookeeper.servers[0].split(":")
    async with trio.open_nursery():
        stream = await memory_zookeeper.dial(host, int(port))
        await stream.aclose()


def test_the_helper_for_fixtures_of_one_s_own_is_documented():
    assert "yield from serve_zookeeper(request, tls=True)" in serve_zookeeper.__doc__
