"""Shell completion: scripts that shells can read, with our words in them."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from runner.cli import doc
from runner.cli import main as cli

PROGRAMS = {"scenario-run": cli.main, "scenario-doc": doc.main}
COMPLETE = r"""
COMP_WORDS=($WORDS)
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
function_of=$(complete -p ${COMP_WORDS[0]} | sed 's/.*-F \([^ ]*\).*/\1/')
$function_of ${COMP_WORDS[0]} ${COMP_WORDS[COMP_CWORD]}
printf '%s\n' "${COMPREPLY[@]}"
"""


def script_of(program: str, shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What the program prints for a shell."""
    assert PROGRAMS[program](["--print-completion", shell]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_read_its_script(
    program: str, shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Quotes and brackets of the help texts are no trouble; the program is named in it."""
    script = script_of(program, shell, capsys)

    assert program in script
    path = shutil.which(shell)
    if path is not None:
        read = subprocess.run(
            [path, "-n"], input=script, capture_output=True, text=True, check=False
        )
        assert (read.returncode, read.stderr) == (0, "")


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash")
@pytest.mark.parametrize(
    ("words", "completions"),
    [
        ("scenario-run --re", {"--rejudge", "--repeat", "--retries", "--report-dir"}),
        ("scenario-run --color a", {"auto", "always"}),
        ("scenario-run --print-completion z", {"zsh"}),
        ("scenario-doc SIGT", {"SIGTERM", "SIGTRAP", "SIGTSTP", "SIGTTIN", "SIGTTOU"}),
        ("scenario-doc sig", {"signal"}),
    ],
)
def test_bash_completes_options_and_their_values(
    words: str, completions: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """As if somebody had pressed Tab."""
    script = script_of(words.split(maxsplit=1)[0], "bash", capsys)

    found = subprocess.run(
        [shutil.which("bash") or "", "--norc", "-c", script + COMPLETE],
        env={"WORDS": words, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert set(found.stdout.split()) == completions, found.stderr


def test_another_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """With the names of those there are."""
    assert cli.main(["--print-completion", "ksh"]) == 5

    assert "'bash'" in capsys.readouterr().err
