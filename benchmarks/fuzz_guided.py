"""The parsers of tests/fuzzing.py under atheris, which looks for inputs that reach new lines of code.

    pip install atheris
    python benchmarks/fuzz_guided.py NAME [libFuzzer's options, such as -max_total_time=60]

NAME is one of the names that benchmarks/fuzz.py tells. Ends with a traceback, and the input in a file, at the first
exception that is not declared. Atheris is no dependency: there are wheels of it for Linux and a few Pythons only.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import atheris  # type: ignore[import-not-found, import-untyped, unused-ignore]

with atheris.instrument_imports(include=["archive", "crawler"]):
    from tests import fuzzing


def main() -> None:
    name, *options = sys.argv[1:] or [""]
    if name not in fuzzing.NAMES:
        sys.exit(f"give one of: {', '.join(fuzzing.NAMES)}")
    folder = Path(tempfile.mkdtemp(prefix="marbre-fuzz-"))
    target = fuzzing.targets(folder)[name]
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, sample in enumerate(target.samples):
        (corpus / str(number)).write_bytes(sample)
    atheris.Setup([sys.argv[0], *options, str(corpus)], target.feed)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
