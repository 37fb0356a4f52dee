"""Render the page: ``python -m bench.page [--form short] [--results FOLDER] [--to PAGE]``."""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.harness.results import RESULTS
from bench.page._write import PAGE, write


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.page", description="Render the page.")
    parser.add_argument("--form", default="full", choices=("full", "short"))
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--to", type=Path, default=PAGE)
    options = parser.parse_args()
    print(f"written to {write(options.form, results=options.results, to=options.to)}")


if __name__ == "__main__":
    main()
