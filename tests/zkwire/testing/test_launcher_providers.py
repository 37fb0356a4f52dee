"""Which provider is taken, and what is said where none can be."""

from __future__ import annotations

import os
import socket
import stat
import sys
import xml.etree.ElementTree as ET
from contextlib import closing

import pytest

from zkwire.testing import NoZooKeeperError, open_zookeeper, start_zookeeper
from zkwire.testing._launcher._errors import UnavailableError
from zkwire.testing._launcher._maven import exact_version, fetch_jars, pom


@pytest.fixture
def bare_machine(monkeypatch, tmp_path):
    """No command, no cache, no engine, no given server, whatever this machine has."""
    for variable in ("JAVA_HOME", "ZKWIRE_TEST_SERVERS", "ZKWIRE_TEST_PROVIDER"):
        monkeypatch.delenv(variable, raising=False)
    commands = tmp_path / "bin"
    commands.mkdir()
    monkeypatch.setenv("PATH", str(commands))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no-engine.sock")
    return commands


def command(directory, name, script):
    path = directory / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def start_nothing(**arguments):
    with start_zookeeper(**arguments):
        pytest.fail("a server was started")


def test_with_no_provider_the_error_says_what_to_install(bare_machine):
    with pytest.raises(NoZooKeeperError) as caught:
        start_nothing()
    names = [each.provider for each in caught.value.passed_over]
    assert names == ["given", "docker", "maven", "debian"]
    text = str(caught.value)
    assert "given: ZKWIRE_TEST_SERVERS is not set" in text
    assert "docker: no Docker engine at unix://" in text or "docker: testcontainers" in text
    assert "maven: there is no java command" in text
    assert "debian: " in text
    assert "apt-get install default-jre-headless" in text
    assert "pip install 'zkwire[testing]'" in text


async def test_the_async_opener_reports_the_same(bare_machine):
    with pytest.raises(NoZooKeeperError, match="there is no java command"):
        async with open_zookeeper():
            pytest.fail("a server was started")


def test_one_named_provider_is_the_only_one_tried(bare_machine, monkeypatch):
    monkeypatch.setenv("ZKWIRE_TEST_PROVIDER", "debian")
    with pytest.raises(NoZooKeeperError) as caught:
        start_nothing(provider="maven")
    assert [each.provider for each in caught.value.passed_over] == ["maven"]
    with pytest.raises(NoZooKeeperError) as caught:
        start_nothing()
    assert [each.provider for each in caught.value.passed_over] == ["debian"]


def test_several_named_providers_are_tried_in_that_order(bare_machine):
    with pytest.raises(NoZooKeeperError) as caught:
        start_nothing(provider="debian, maven")
    assert [each.provider for each in caught.value.passed_over] == ["debian", "maven"]


def test_an_unknown_provider_is_refused(bare_machine, monkeypatch):
    with pytest.raises(ValueError, match="provider: there is no provider 'podman'; there are give"):
        start_nothing(provider="maven,podman")
    monkeypatch.setenv("ZKWIRE_TEST_PROVIDER", "podman")
    with pytest.raises(ValueError, match="ZKWIRE_TEST_PROVIDER: there is no provider 'podman'"):
        start_nothing()


@pytest.mark.parametrize("servers", ["localhost", "localhost:2181,", "localhost:99999"])
def test_a_malformed_server_list_is_an_error(bare_machine, monkeypatch, servers):
    monkeypatch.setenv("ZKWIRE_TEST_SERVERS", servers)
    with pytest.raises(ValueError, match="ZKWIRE_TEST_SERVERS: "):
        start_nothing()


def test_a_given_server_cannot_be_configured(bare_machine, monkeypatch):
    monkeypatch.setenv("ZKWIRE_TEST_SERVERS", "127.0.0.1:1")
    with pytest.raises(NoZooKeeperError, match="cannot be given a configuration"):
        start_nothing(provider="given", config={"syncLimit": 9})


def test_a_minor_version_stands_for_its_pinned_release():
    assert exact_version("3.9").startswith("3.9.")
    assert exact_version("3.9.1") == "3.9.1"
    with pytest.raises(UnavailableError, match=r"3\.4"):
        exact_version("3.4")


def test_the_project_for_maven_is_well_formed_and_pins_every_version():
    root = ET.fromstring(pom("3.9.5"))
    versions = {
        dependency[1].text: dependency[2].text
        for dependency in root.iter("{http://maven.apache.org/POM/4.0.0}dependency")
    }
    assert versions["zookeeper"] == "3.9.5"
    assert {"metrics-core", "snappy-java", "slf4j-simple"} < versions.keys()


def test_a_download_that_fails_leaves_no_half_filled_cache(bare_machine, tmp_path):
    command(bare_machine, "mvn", "echo no route to anywhere; exit 7")
    with pytest.raises(UnavailableError, match="failed with 7: no route to anywhere"):
        fetch_jars("3.9.5")
    assert [path.name for path in (tmp_path / "cache/zkwire/jars").iterdir()] == [
        "zookeeper-3.9.5.lock"
    ]


def test_jars_are_fetched_once(bare_machine, tmp_path):
    runs = tmp_path / "runs"
    command(
        bare_machine,
        "mvn",
        f'echo run >>"{runs}"\n'
        'for argument in "$@"; do case $argument in -DoutputDirectory=*)\n'
        'out=${argument#-DoutputDirectory=}; /bin/mkdir -p "$out"; : >"$out/zookeeper-3.9.5.jar"\n'
        ";; esac; done",
    )
    jars = fetch_jars("3.9.5")
    assert fetch_jars("3.9.5") == jars
    assert os.listdir(jars) == ["zookeeper-3.9.5.jar"]
    assert runs.read_text(encoding="utf-8") == "run\n"


def test_an_engine_that_never_answers_is_passed_over(bare_machine, monkeypatch, tmp_path):
    pytest.importorskip("testcontainers")
    path = tmp_path / "silent.sock"
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
    monkeypatch.setattr("zkwire.testing._launcher._docker._ANSWER_LIMIT", 0.2)
    with closing(socket.socket(socket.AF_UNIX)) as engine:
        engine.bind(str(path))
        engine.listen()  # connections are taken by the kernel, and nobody ever reads them
        with pytest.raises(NoZooKeeperError, match="no Docker engine answers"):
            start_nothing(provider="docker")


def test_without_the_extra_docker_is_passed_over(bare_machine, monkeypatch):
    monkeypatch.setitem(sys.modules, "testcontainers.core.container", None)
    with pytest.raises(NoZooKeeperError, match="testcontainers is not installed"):
        start_nothing(provider="docker")


def test_an_engine_elsewhere_is_passed_over(bare_machine, monkeypatch):
    pytest.importorskip("testcontainers")
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    with pytest.raises(NoZooKeeperError, match="does not share this machine's network"):
        start_nothing(provider="docker")
