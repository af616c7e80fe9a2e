"""What a soak comes to, and in which order it takes its files."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.soak import FILES_A_RUN, Deck, Tally
from tests.support.twins import Kind, Outcome

RIGHT = Outcome(Kind.RIGHT, "right - x", "tests/twins/pass/x.yml", "passed: ", {"timeline": []})
FALSE = Outcome(
    Kind.FALSE, "wrong - x", "tests/twins/fail/x.yml", "passed: y", {"timeline": [{"at_ns": 1}]}
)
UNDECIDED = Outcome(Kind.UNDECIDED, "right - x", "tests/twins/pass/x.yml", "errored: why", {})


@pytest.mark.parametrize(
    ("seen", "interrupted", "code"),
    [
        ([RIGHT] * 10, False, 0),
        ([RIGHT] * 10, True, 130),
        ([RIGHT] * 10_000 + [FALSE], False, 2),
        ([RIGHT] * 10 + [FALSE], True, 2),
        ([RIGHT] * 10 + [UNDECIDED], False, 0),
        ([RIGHT] * 10 + [UNDECIDED] * 2, False, 1),
        ([RIGHT] * 398 + [UNDECIDED] * 2, False, 0),
        ([RIGHT] * 597 + [UNDECIDED] * 4, False, 1),
        ([], False, 1),
    ],
    ids=["right", "interrupted", "one-false", "interrupted-and-false", "one-undecided",
         "two-of-few", "one-in-200", "more-than-that", "nothing-run"],
)  # fmt: skip
def test_one_false_verdict_is_too_many(
    seen: Sequence[Outcome], *, interrupted: bool, code: int, tmp_path: Path
) -> None:
    """However many were right; of those that cannot be judged, one in 200 may be."""
    reports = tmp_path / "reports"
    reports.mkdir()
    for name in ("report.md", "console.txt"):
        (reports / name).touch()
    tally = Tally(tmp_path / "kept", interrupted=interrupted)
    for one in seen:
        tally.add(one, "births", reports)

    assert tally.exit_code == code


def test_what_is_false_is_printed_and_kept_with_its_timeline(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what people read of that run; nothing is kept of what is right."""
    (tmp_path / "report.md").write_text("report")
    (tmp_path / "console.txt").write_text("console")
    kept = tmp_path / "kept"
    tally = Tally(kept)

    tally.add(RIGHT, "births", tmp_path)
    assert not kept.exists()
    tally.add(FALSE, "births", tmp_path)

    assert json.loads((kept / "001" / "case.json").read_text()) == FALSE.stored
    assert (kept / "001" / "report.md").read_text() == "report"
    assert (kept / "001" / "console.txt").read_text() == "console"
    said = capsys.readouterr().out
    assert "FALSE: tests/twins/fail/x.yml: wrong - x (births): passed: y" in said
    assert str(kept / "001") in said


def test_a_run_without_a_result_breaks_the_soak(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it printed is shown, and the soak has failed."""
    (tmp_path / "console.txt").write_text("scenario-run: that went wrong")
    tally = Tally(tmp_path / "kept")
    tally.add(RIGHT, "births", tmp_path)

    tally.broke("ended with 5 and without a result: x.yml", "births", tmp_path / "console.txt")

    assert tally.exit_code == 1
    assert "that went wrong" in capsys.readouterr().out


def test_no_file_comes_again_before_all_have_come() -> None:
    """In random order, which the seed decides."""
    files = [Path(f"{number}.yml") for number in range(20)]

    def drawn(seed: int) -> list[Path]:
        deck = Deck(files, random.Random(seed))  # noqa: S311
        return [one for _ in range(4) for one in deck.draw()]

    assert sorted(drawn(1)) == sorted(files)
    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    assert len(files) > FILES_A_RUN
