"""Runs `marbre` and kills it, as kill -9 does, before or after the Nth call of a function.

`python -m tests.killed before archive.exchange.files copy 2 backup DEST ...`
"""

from __future__ import annotations

import functools
import importlib
import os
import signal
import sys
from typing import Any

from crawler.cli import main


def kill_at(when: str, module: str, name: str, number: int) -> None:
    owner = importlib.import_module(module)
    function, calls = getattr(owner, name), iter(range(1, number))

    @functools.wraps(function)
    def dying(*args: Any, **kwargs: Any) -> Any:
        last = next(calls, None) is None
        if last and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*args, **kwargs)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, dying)


if __name__ == "__main__":
    _, moment, path, called, count, *arguments = sys.argv
    kill_at(moment, path, called, int(count))
    main(arguments)
