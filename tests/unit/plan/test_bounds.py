"""Files that would take long or much memory: refused, soon, in little memory."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import pytest

from runner.errors import InvalidScenarios
from runner.plan.load import load_cases
from tests.support.work import reference_s

STEPS = 'container: {image: app}\nsteps:\n  - exec: ["x"]\n    expect: {init: running}\n'
LONG = f"vars: {{a: {'y' * 50_000}}}\n"
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("name: x\n" + "# padding\n" * 1_000_000, "more than the 1048576 bytes"),
        ("[" * 100_000, "nested more than 50 levels"),
        (BOMB, "expands to more than 100000 values"),
        ("name: x\nmatrix: {" + ", ".join(f"a{i}: [1, 2]" for i in range(60)) + "}\n" + STEPS,
         "the matrix has 1152921504606846976 rows"),
        ("name: x\n" + LONG + STEPS.replace('"x"', ", ".join(['"x{{ a }}"'] * 20_000)),
         "come to more than 10000000 characters"),
        ("name: x {{ b }}\nmatrix: {b: [" + ", ".join(map(str, range(1000))) + "]}\n" + LONG
         + STEPS.replace('"x"', '"x{{ a }}"'), "come to more than 10000000 characters"),
        ("name: x\nvars:\n  a0: [1]\n"
         + "".join(f"  a{i + 1}: '{{{{ [a{i}, a{i}, a{i}, a{i}] }}}}'\n" for i in range(40))
         + STEPS, "more than 100000 characters and values"),
        ("name: x\n" + STEPS.replace("- exec", '- loop: "{{ range(1000000) }}"\n    exec'),
         "a range may have 1000 values at most"),
        ("name: x\n" + STEPS + "".join(f"  - {{when: '{'(' * 5000}'}}\n" for _ in range(9)),
         "nested too deeply"),
    ],
    ids=["10-MB", "deep", "bomb", "matrix", "long-texts", "long-rows", "vars", "loop", "when"],
)  # fmt: skip
def test_what_would_take_long_is_refused_soon(tmp_path: Path, content: str, words: str) -> None:
    """Its cost is that of some million additions (25 at most, seen), and less than 200 MB."""
    path = tmp_path / "x.yml"
    path.write_text(content, encoding="utf-8")
    unit_s = reference_s()
    tracemalloc.start()
    began_s = time.process_time()

    with pytest.raises(InvalidScenarios) as caught:
        load_cases([str(path)])

    took_s = time.process_time() - began_s
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert any(words in one.what for one in caught.value.problems), caught.value.problems[:2]
    assert took_s < 300 * unit_s
    assert peak < 200_000_000
