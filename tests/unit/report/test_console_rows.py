"""Rows of a matrix that say the same are one; those that differ have their own line."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from runner.kernel.signals import ALL_SIGNALS
from runner.model.explanation import Explanation
from runner.model.repeated import repeated
from runner.model.result import CaseResult
from runner.model.verdict import Evidence, Failed, Finding, Passed
from tests.support.results import FAILED, MATRIX, PASSED, run_of
from tests.support.shown import recap_of, recap_of_results, shown_of


def row(result: CaseResult, took_s: float = 0.5, **values: str) -> CaseResult:
    """A result as that of a row of a matrix."""
    axes = " ".join(f"{{{{ {axis} }}}}" for axis in values)
    case = dataclasses.replace(
        result.case, name=" ".join(values.values()), scenario=axes, row=values
    )
    return dataclasses.replace(result, case=case, took_s=took_s)


def saying(seen: str, took_s: float = 0.5, **values: str) -> CaseResult:
    """A row that has passed with this, and nothing else."""
    finding = Finding("it", seen, holds=True, evidence=Evidence.KERNEL, at_s=0)
    verdict = Passed((finding,))
    step = dataclasses.replace(PASSED.steps[0], verdict=verdict)
    return row(dataclasses.replace(PASSED, verdict=verdict, steps=(step,)), took_s, **values)


def test_62_rows_are_one_line_with_a_count_times_and_values() -> None:
    """The row's own values are taken out of what is said; signals that count up are a range."""
    rows = [
        saying(
            f"kill(1, {one}) accepted; {one} discarded when it was sent: kill(2) succeeds, and "
            f"init never receives it (dropped_init); 1 alive (1 c-init)",
            0.5 + one / 100,
            signal=str(one),
        )
        for one in ALL_SIGNALS
    ]

    assert shown_of(*rows)[2:] == [
        "ok: 62 of 62  accepted; <signal> discarded when it was sent (dropped_init); 1",
        "    alive  (0.51 to 1.14 s)",
        "    signal: SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL",
        "            SIGUSR1 SIGSEGV SIGUSR2 SIGPIPE SIGALRM SIGTERM SIGSTKFLT SIGCHLD",
        "            SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGXCPU SIGXFSZ",
        "            SIGVTALRM SIGPROF SIGWINCH SIGIO SIGPWR SIGSYS SIGRTMIN to SIGRTMAX",
    ]


def test_rows_that_differ_have_their_own_line() -> None:
    """What is seen of them, or that one has a note."""
    rows = [
        saying("init exited 0", signal="SIGTERM"),
        saying("init exited 2", signal="SIGINT"),
        saying("init exited 0", signal="SIGHUP"),
    ]

    assert shown_of(*rows)[2:] == [
        "ok: 2 of 3 [signal=SIGTERM SIGHUP]  init exited 0  (500 ms)",
        "ok: [signal=SIGINT]  init exited 2  (500 ms)",
    ]


def test_an_exit_status_that_a_signal_gives_is_the_same_for_all() -> None:
    """128 and the number of the row's own signal."""
    rows = [
        saying(f"init exited {128 + int(one)} (128 + {int(one)}, as {one} gives)", s=str(one))
        for one in ALL_SIGNALS[:3]
    ]

    assert shown_of(*rows)[2:] == [
        "ok: 3 of 3 [s=SIGHUP SIGINT SIGQUIT]  init exited 128 + <s>  (500 ms)"
    ]


def test_times_are_ranges_and_pids_are_left_out() -> None:
    """They are others in every run."""
    rows = [
        saying(f"shutdown took {took} s, not escalated; 1 alive ({pid} sleep)", run=str(pid))
        for took, pid in (("0.015", 21), ("0.150", 22), ("0.020", 23))
    ]

    assert shown_of(*rows)[2:] == [
        "ok: 3 of 3 [run=21 to 23]  shutdown took 0.015 to 0.150 s, not escalated; 1",
        "    alive  (500 ms)",
    ]


def test_a_row_with_the_value_that_all_of_them_name_is_not_another() -> None:
    """Each of these says SIGTERM, which is the value of one."""
    rows = [saying("then SIGTERM ends it", signal=one) for one in ("SIGHUP", "SIGTERM", "SIGINT")]

    assert shown_of(*rows)[2:] == [
        "ok: 3 of 3 [signal=SIGHUP SIGTERM SIGINT]  then SIGTERM ends it  (500 ms)"
    ]


def test_several_axes_are_listed_each_or_row_by_row() -> None:
    """Where the values of each would mean more rows than there are."""
    four = [saying("good", a=a, b=b) for a in "xy" for b in ("p q", "r")]

    assert shown_of(*four)[2:] == ["ok: 4 of 4 [a=x y, b=p q, r]  good  (500 ms)"]
    assert shown_of(*four[:3])[2:] == [
        "ok: 3 of 3  good  (500 ms)",
        "    rows: [a=x, b=p q] [a=x, b=r] [a=y, b=p q]",
    ]


def test_a_matrix_of_many_rows_that_have_nothing_in_common_is_cut() -> None:
    """-v has them all."""
    rows = [saying("good", a=f"value-{n * n}", b=f"value-{n % 7}") for n in range(99)]

    lines = shown_of(*rows)
    assert len(lines) == 10
    assert lines[-1] == "          and more (99 rows; -v has them all)"


def why(text: str) -> tuple[Explanation, ...]:
    """One reason."""
    return (Explanation((text,), "R5", "kill(2)", "write a handler"),)


def test_failures_with_one_reason_give_it_once() -> None:
    """Also where what was seen differs, and also where it names the row's own signal."""

    def failing(signal: str, seen: str) -> CaseResult:
        found = Finding("init exited 0", seen, holds=False, evidence=Evidence.KERNEL, at_s=0.1)
        verdict = Failed((found,), "no later event can change that")
        step = dataclasses.replace(FAILED.steps[0], verdict=verdict)
        result = dataclasses.replace(
            FAILED,
            verdict=verdict,
            steps=(step,),
            timeline=(),
            explanations=why(f"{signal} was dropped"),
        )
        return row(result, signal=signal)

    rows = [
        failing("SIGHUP", "init exited 1"),
        failing("SIGINT", "init exited 1"),
        failing("SIGTERM", "init exited 2"),
        row(PASSED, signal="SIGUSR1"),
    ]

    assert shown_of(*rows)[2:] == [
        "failed: 2 of 4 [signal=SIGHUP SIGINT]  (500 ms)",
        "    expected: init exited 0",
        "    saw:      init exited 1  (at 0.100 s, evidence: kernel)",
        "    decided because: no later event can change that",
        "    at scenarios/test.yml:1:1",
        "    why: <signal> was dropped",
        "         By rule R5: kill(2).",
        "         Help: write a handler.",
        "failed: [signal=SIGTERM]  (500 ms)",
        "    expected: init exited 0",
        "    saw:      init exited 2  (at 0.100 s, evidence: kernel)",
        "    decided because: no later event can change that",
        "    at scenarios/test.yml:1:1",
        "    why: the same as for [signal=SIGHUP SIGINT]",
        "ok: [signal=SIGUSR1]  init exited 0; logs have 'bye'  (500 ms)",
    ]
    assert recap_of_results(*rows)[5:-1] == [
        "FAILED scenarios/test.yml:1:1: <signal> [signal=SIGHUP SIGINT]",
        "    expected init exited 0; saw init exited 1",
        "FAILED scenarios/test.yml:1:1: SIGTERM",
        "    expected init exited 0; saw init exited 2",
    ]


def test_a_failing_row_of_several_steps_says_in_which() -> None:
    """By number and title."""
    lines = shown_of(row(FAILED, signal="SIGTERM"))

    assert lines[2] == "failed: [signal=SIGTERM]  step 1 of 2 [signal TERM]  (500 ms)"


def test_rows_of_any_number_are_counted() -> None:
    """The rows of two axes, one of which has numbers."""
    assert shown_of(*MATRIX.cases)[2].startswith("ok: 62 of 62 [number=0 to 61, from=inside]  init")


def test_runs_of_a_case_are_rows_with_a_rate_and_shutdown_times() -> None:
    """A failure is told to its run."""
    runs = repeated([PASSED.case], 3)
    played = [PASSED, FAILED, PASSED]
    results = [
        dataclasses.replace(
            result,
            case=dataclasses.replace(
                result.case, name=one.name, scenario=one.scenario, row=one.row
            ),
            took_s=0.5,
        )
        for result, one in zip(played, runs, strict=True)
    ]

    lines = shown_of(*results)
    assert lines[1].startswith("SCENARIO [stops gracefully] ***")
    assert lines[2] == "failed: [run=2]  step 1 of 2 [signal TERM]  (500 ms)"
    assert lines[-1].startswith("ok: 2 of 3 [run=1 3]  init exited 0")
    recap = recap_of(run_of(*results), width=200)
    assert recap[4] == (
        "repeated: stops gracefully: 2 of 3 passed (67 %); shutdown: "
        "min 20 ms, median 20 ms, max 20 ms"
    )


@given(st.lists(st.tuples(st.text(max_size=6), st.text(max_size=9)), min_size=1, max_size=5))
def test_each_row_is_in_some_line(values: list[tuple[str, str]]) -> None:
    """Whatever the values and the words are, no row is lost."""
    rows = [saying(seen, a=value, n=str(number)) for number, (value, seen) in enumerate(values)]

    heads = [line for line in shown_of(*rows) if line.startswith("ok: ")]
    counted = [int(line.split()[1]) if line.split()[2] == "of" else 1 for line in heads]
    assert sum(counted) == len(rows)
