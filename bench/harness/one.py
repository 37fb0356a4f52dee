"""As a program: one contender, once; see ``bench.harness.contender``.

``python -m bench.harness.one MODULE CONTENDER OPTIONS`` calls
``bench.speed.MODULE.CONTENDERS[CONTENDER](**OPTIONS)`` and prints what it returns.
"""

from __future__ import annotations

import importlib
import json
import sys

from bench.harness.contender import NotMeasured


def main() -> None:
    module, contender, options = sys.argv[1:]
    contenders = importlib.import_module(f"bench.speed.{module}").CONTENDERS
    try:
        answer = contenders[contender](**json.loads(options))
    except NotMeasured as error:
        answer = {"not measured": str(error)}
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] in {"bench", "zkwire"}:
            raise  # not a peer that is missing, but a defect here
        answer = {"not measured": f"{error.name} is not installed"}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
