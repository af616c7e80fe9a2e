"""
The Docker engine as an `Engine`.

Containers are created without auto_remove: its removal races with reading the exit code
(docker-py #2655).
"""

# docker-py is typed by loose stubs only; what leaves this folder is typed strictly.
# pyright: basic

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from docker.api.client import APIClient
from docker.errors import APIError
from docker.errors import ImageNotFound as NoSuchImage
from docker.types import Mount, Ulimit

from runner.engine.contract import WRONG_INIT_PATH, EventQueue, OwnedContainer, Progress
from runner.engine.docker import images, trace_helper
from runner.engine.docker.address import engine_address, open_client
from runner.engine.docker.container import DockerContainer, remove_container
from runner.engine.docker.events import EventRouter
from runner.engine.docker.failures import engine_words, translated
from runner.engine.docker.trace_helper import TraceHelper
from runner.engine.inbox import RealInbox
from runner.engine.labels import KEPT, RUN, Owner
from runner.engine.trace.contract import KernelTrace
from runner.engine.trace.tracefs import LocalTrace
from runner.errors import ContainerNotCreated, ImageNotFound, TraceUnavailable
from runner.model.container import ContainerPlan, Healthcheck, ImageSource, RestartPolicy
from runner.model.result import EngineFacts


class DockerEngine:
    """
    An `Engine` reached through the Docker API at `address`, for the run `run_id`.

    Without an address it is the one that a Docker client would ask.
    """

    command = "docker"

    def __init__(self, address: str, run_id: str) -> None:
        self._address = address or engine_address()
        self._run_id = run_id
        self._client: APIClient = open_client(self._address)
        self._events = EventRouter(self._client, run_id)
        self._events.open()
        self._probe_image = ""
        self._probe_volume = ""

    def describe(self) -> EngineFacts:
        """As `Engine.describe`."""
        with translated("cannot ask the engine what it is"):
            info: dict[str, Any] = self._client.info()
        return EngineFacts(
            name="docker",
            version=str(info.get("ServerVersion", "")),
            api=str(self._client.api_version),
            address=self._address,
            cgroup=f"v{info.get('CgroupVersion', '1')}",
            kernel=str(info.get("KernelVersion", "")),
            arch=str(info.get("Architecture", "")),
            os=str(info.get("OperatingSystem", "")),
            rootless="name=rootless" in (info.get("SecurityOptions") or []),
        )

    def ensure_image(self, source: ImageSource, progress: Progress) -> str:
        """As `Engine.ensure_image`."""
        return images.ensure_image(self._client, source, progress)

    def prepare_probe(self, source: ImageSource, progress: Progress) -> None:
        """As `Engine.prepare_probe`."""
        self._probe_image = self.ensure_image(source, progress)
        self._probe_volume = images.fill_probe_volume(self._client, self._probe_image)

    def open_trace(self, *, local: bool) -> KernelTrace:
        """As `Engine.open_trace`; the helper is in the probe's image, which has to be prepared."""
        if not local:
            labels = Owner.this_process().labels(self._run_id, trace_helper.CASE)
            return TraceHelper(self._client, self._probe_image, labels)
        if not self._address.startswith("unix://"):
            raise TraceUnavailable("the engine is on another machine")
        return LocalTrace()

    def open_inbox(self) -> RealInbox:
        """As `Engine.open_inbox`."""
        return RealInbox()

    def create(
        self,
        plan: ContainerPlan,
        *,
        image: str,
        labels: Mapping[str, str],
        queue: EventQueue,
        share_pid_of: str = "",
    ) -> DockerContainer:
        """As `Engine.create`."""
        with translated("cannot create the container", ContainerNotCreated):
            try:
                created = self._client.create_container(
                    image,
                    host_config=self._host_config(plan, share_pid_of),
                    **_container_config(plan, labels),
                    **self._program(plan, image),
                )
            except NoSuchImage as error:
                raise ImageNotFound(f"image '{image}' is gone from the engine") from error
            except APIError as error:
                raise _not_created(error) from error
        return DockerContainer(
            self._client, self._events, container_id=created["Id"], plan=plan, queue=queue
        )

    def list_owned(self) -> list[OwnedContainer]:
        """As `Engine.list_owned`."""
        with translated("cannot list containers"):
            found = self._client.containers(all=True, filters={"label": RUN})
        return [
            OwnedContainer(container_id=one["Id"], labels=one["Labels"], kept=_is_kept(one))
            for one in found
        ]

    def remove_owned(self, container_id: str) -> None:
        """As `Engine.remove_owned`."""
        remove_container(self._client, container_id)

    def interrupt(self) -> None:
        """As `Engine.interrupt`."""
        self._events.interrupt()

    def close(self) -> None:
        """As `Engine.close`."""
        self._events.close()
        self._client.close()

    def _program(self, plan: ContainerPlan, image: str) -> dict[str, Any]:
        """Return `entrypoint` and `command`; None is the image's own."""
        entrypoint, command = plan.entrypoint, plan.command
        if plan.init is not None:
            entrypoint, command = plan.init, ()
        if plan.wrong_init is not None:
            config: dict[str, Any] = self._client.inspect_image(image)["Config"] or {}
            own = resolved_argv(
                entrypoint, command, config.get("Entrypoint") or (), config.get("Cmd") or ()
            )
            entrypoint, command = (WRONG_INIT_PATH, plan.wrong_init.value, *own), ()
        return {
            # An empty list would mean "keep the image's": the first word of init has to be there.
            "entrypoint": list(entrypoint) if entrypoint is not None else None,
            "command": list(command) if command is not None else None,
        }

    def _host_config(self, plan: ContainerPlan, share_pid_of: str) -> Mapping[str, Any]:
        volume, binds = self._probe_volume, [one for one in plan.volumes if _is_bind(one)]
        policy = {"Name": plan.restart.name, "MaximumRetryCount": plan.restart.most_retries}
        return self._client.create_host_config(
            binds=[
                *(one for one in plan.volumes if ":" in one and one not in binds),
                *([f"{volume}:{images.PROBE_FOLDER}:ro"] if volume else []),
            ],
            # As `Binds`, the engine would make the folders that are not there.
            mounts=[_bind(one) for one in binds],
            network_mode=plan.network_mode,
            init=plan.docker_init or None,
            cap_add=list(plan.cap_add) or None,
            cap_drop=list(plan.cap_drop) or None,
            security_opt=list(plan.security_opt) or None,
            read_only=plan.read_only,
            tmpfs=dict(_tmpfs(plan.tmpfs)) or None,
            mem_limit=plan.mem_limit,
            pids_limit=plan.pids_limit,
            sysctls=dict(plan.sysctls) or None,
            restart_policy=policy if plan.restart != RestartPolicy() else None,
            pid_mode=f"container:{share_pid_of}" if share_pid_of else plan.pid or None,
            ulimits=[Ulimit(name=one.name, soft=one.soft, hard=one.hard) for one in plan.ulimits],
        )


def _not_created(error: APIError) -> ContainerNotCreated:
    words = engine_words(error)
    _, missing, path = words.partition("bind source path does not exist: ")
    if missing:
        return ContainerNotCreated(
            f"there is no file or folder {path} to mount on the machine of the engine",
            advice="make it first: a bind mount shows what is there, and nothing is made for it",
        )
    return ContainerNotCreated(f"cannot create the container: {words}")


def _is_bind(volume: str) -> bool:
    return volume.startswith("/") and ":" in volume


def _bind(volume: str) -> Mount:
    source, target, *read_only = volume.split(":")
    return Mount(target, source, type="bind", read_only=bool(read_only))


def _is_kept(found: Mapping[str, Any]) -> bool:
    return any(name.startswith(f"/{KEPT}") for name in found["Names"] or ())


def resolved_argv(
    entrypoint: Sequence[str] | None,
    command: Sequence[str] | None,
    image_entrypoint: Sequence[str],
    image_command: Sequence[str],
) -> tuple[str, ...]:
    """
    Return the argv that the engine makes of what is given and what the image has.

    An entrypoint that is given clears the image's command (Dockerfile reference, "Understand how
    CMD and ENTRYPOINT interact"), an empty one does not; one empty word is no entrypoint at all.
    """
    first = image_entrypoint if entrypoint is None else tuple(filter(None, entrypoint[:1]))
    more = () if entrypoint is None else entrypoint[1:]
    return (*first, *more, *(command or (() if entrypoint else image_command)))


def _container_config(plan: ContainerPlan, labels: Mapping[str, str]) -> dict[str, Any]:
    return {
        "environment": dict(plan.environment),
        "user": plan.user or None,
        "working_dir": plan.working_dir or None,
        "hostname": plan.hostname or None,
        "platform": plan.platform or None,
        "stop_signal": str(plan.stop_signal) if plan.stop_signal else None,
        "labels": dict(labels),
        "volumes": [one for one in plan.volumes if ":" not in one] or None,
        "tty": plan.tty,
        "stdin_open": plan.stdin_open,
        "healthcheck": _healthcheck(plan.healthcheck) if plan.healthcheck else None,
    }


def _healthcheck(plan: Healthcheck) -> Mapping[str, Any]:
    return {
        "test": list(plan.test),
        "interval": round(plan.interval_s * 1e9),
        "timeout": round(plan.timeout_s * 1e9),
        "retries": plan.retries,
        "start_period": round(plan.start_period_s * 1e9),
    }


def _tmpfs(entries: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(path, options) for path, _, options in (entry.partition(":") for entry in entries)]
