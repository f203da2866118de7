"""Works out every published score of a wave again, from the published inputs alone, and says whether it agrees.

    python tools/rescore.py inputs.csv > my-scores.csv
    python tools/rescore.py inputs.csv scores.csv        exit 1 unless both are the same bytes

The same with ``pooled-inputs.csv`` and ``pooled-scores.csv``, the figures over several waves.

No Django, no database, no network: Python with numpy and scipy, and the formulas of ``evaluations/scoring/``, which
lie beside this file and cite where each comes from.
"""

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from evaluations.scoring import pooled
from evaluations.scoring.observations import read
from evaluations.scoring.published import as_file, lines
from evaluations.scoring.wave import VERSION, score


def figures(content: bytes) -> Iterator[str]:
    """The lines of the scores, of one wave or over several, as the file says."""
    if pooled.is_pool(content):
        observations, waves = pooled.read(content)
        return pooled.lines(pooled.score(observations, waves), waves)
    return lines(score(read(content)))


def main(arguments: list[str]) -> int:
    if len(arguments) not in (1, 2):
        print(__doc__, file=sys.stderr)
        return 2
    inputs = Path(arguments[0]).read_bytes()
    scores = as_file(figures(inputs))
    digest = hashlib.sha256(inputs).hexdigest()
    if len(arguments) == 1:
        sys.stdout.buffer.write(scores)
        return 0
    same = Path(arguments[1]).read_bytes() == scores
    print(f"{'AGREES' if same else 'DIFFERS'}: formula {VERSION}, inputs {digest}")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
