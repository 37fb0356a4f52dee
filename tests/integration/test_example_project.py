"""The example of a project that is tested with the test kit, installed as its readers would."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs/examples/testing-your-application"
PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet")

pytestmark = [pytest.mark.zk, pytest.mark.timeout(400)]


def run(*command, cwd):
    """Run to the end; the output of both streams, and the status."""
    done = subprocess.run(
        command,
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=180,
        check=False,
    )
    return done.returncode, done.stdout


def need(what, *command, cwd):
    status, output = run(*command, cwd=cwd)
    if status:
        pytest.fail(f"cannot {what}, which takes a package index:\n{output[-3000:]}", pytrace=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """This tree's own wheel."""
    directory = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, *PIP)
    need("build the wheel", *pip, "wheel", "--no-deps", "-w", directory, ROOT, cwd=directory)
    (built,) = directory.glob("zkwire-*.whl")
    return built


def test_the_wheel_holds_the_plugin_and_both_packages(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = [each for each in names if each.endswith(".dist-info/entry_points.txt")]
        entry_points = archive.read(metadata).decode()
    assert "[pytest11]\nzkwire = zkwire.testing.pytest_plugin\n" in entry_points
    assert {"zkwire/py.typed", "coordinator/py.typed", "zkwire/testing/pytest_plugin.py"} <= {
        *names
    }
    assert not [each for each in names if each.startswith("tests")]


def test_the_example_project_passes_its_tests_where_it_is_installed(wheel, tmp_path):
    project = tmp_path / "project"
    ignored = shutil.ignore_patterns("__pycache__", ".*", "dist")
    shutil.copytree(EXAMPLE, project, ignore=ignored)
    count = sum(
        len(re.findall(r"^(?:async )?def test_", path.read_text(), re.MULTILINE))
        for path in project.glob("tests/test_*.py")
    )
    assert count >= 5
    # The pip at hand installs into it, so it needs none of its own, which takes seconds to make.
    need("make an environment", sys.executable, "-m", "venv", "--without-pip", "env", cwd=tmp_path)
    python = tmp_path / "env/bin/python"
    pip = (sys.executable, *PIP, "--python", python)
    packages = (f"zkwire[testing] @ {wheel.as_uri()}", f"roster[tests] @ {project.as_uri()}")
    need("install the example", *pip, "install", "--no-compile", *packages, cwd=tmp_path)
    # Isolated: neither this directory nor PYTHONPATH may stand in for what is installed.
    status, output = run(python, "-I", "-m", "pytest", "-p", "no:cacheprovider", cwd=project)
    assert status == 0, output
    assert re.search(rf"^=+ {count} passed in ", output, re.MULTILINE), output
    _, summary = output.split("= ZooKeeper servers =")
    assert "in-memory ZooKeeper" in summary
    assert "one server at" in summary
