"""
Containers that never start, or that a limit ends.
"""

from __future__ import annotations

from typing import Final

from runner.diagnoses.diagnosis_text import Change, Cure, DiagnosisText

MORE_TIME: Final = (
    Change("docker stop", "docker stop --timeout 30 NAME\n"),
    Change("Compose file", "stop_grace_period: 30s\n"),
    Change("Kubernetes", "terminationGracePeriodSeconds: 30\n"),
)

NOT_FOUND: Final = DiagnosisText(
    title="The program of the container does not exist",
    happens="Init never starts; the engine reports status 127.",
    shown_by="the engine's answer to the start of the container",
    cures=(
        Cure(
            "give the path of a program that the image has; a script also needs the interpreter "
            "that its first line names",
            (Change("Dockerfile", 'ENTRYPOINT ["/usr/local/bin/program"]\n'),),
        ),
    ),
    source="execve(2), ENOENT",
)

NOT_EXECUTABLE: Final = DiagnosisText(
    title="The program of the container cannot be executed",
    happens="Init never starts; the engine reports status 126.",
    shown_by="the engine's answer to the start of the container",
    cures=(
        Cure(
            "make the file executable (chmod +x)",
            (Change("Dockerfile", "COPY --chmod=755 program /usr/local/bin/\n"),),
        ),
    ),
    source="execve(2), EACCES, ENOEXEC",
)

COMMAND_NOT_FOUND: Final = DiagnosisText(
    title="A shell as init does not find its command",
    happens="Init was started and exited by itself with 127: that is what a shell gives when it "
    "does "
    "not find a command.",
    shown_by="init is a shell and exited with 127; no signal ended it",
    cures=(
        Cure(
            "give the command's path, or add its folder to PATH; the container's output names it",
            (Change("Dockerfile", "ENV PATH=/opt/app/bin:$PATH\n"),),
        ),
    ),
    source="POSIX, Shell Command Language 2.8.2",
)

OUT_OF_MEMORY: Final = DiagnosisText(
    title="The OOM killer ends init",
    happens="The processes of the container need more memory than its limit. The kernel sends "
    "SIGKILL: status 137, as after a stop that was escalated.",
    shown_by="SIGKILL came from the kernel itself, and the engine reports a lack of memory",
    cures=(
        Cure(
            "raise the memory limit (mem_limit)",
            (
                Change("docker run", "docker run --memory 256m …\n"),
                Change("Compose file", "mem_limit: 256m\n"),
                Change("Kubernetes", "resources: {limits: {memory: 256Mi}}\n"),
            ),
        ),
    ),
    source="cgroups(7)",
)

NEEDS_TIME: Final = DiagnosisText(
    title="The shutdown takes longer than the grace period",
    happens="The program has caught the stop signal and was still at work when the engine sent "
    "SIGKILL.",
    shown_by="the handler was still running, or init had started a process that was, when the "
    "grace "
    "period was over",
    cures=(
        Cure(
            "give it more time (`stop_grace_period`)",
            MORE_TIME,
        ),
    ),
    rules=("R8",),
    source="docker-stop(1)",
)
