"""
Chromium without a screen, in a container of the engine: what a browser makes of a page.

It is spoken to by the DevTools protocol, over the container's standard input and output. The
container has no network.
"""

from __future__ import annotations

import base64
import io
import json
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from runner.engine.docker.address import open_client
from runner.engine.docker.images import ensure_image
from runner.engine.docker.streams import HijackedStream
from runner.model.container import BuiltImage

ROOT: Final = Path(__file__).parents[2]
IMAGE: Final = BuiltImage("chromium", str(ROOT / "tests" / "support" / "browser"))
AXE: Final = ROOT / ".venv" / "browser" / "node_modules" / "axe-core" / "axe.min.js"

_KEYS: Final = {"Enter": ("\r", 13), "Escape": ("", 27), "Tab": ("", 9)}


class Browser:
    """One page of a browser. `errors` is what it has complained about."""

    def __init__(self, stream: HijackedStream) -> None:
        self._stream = stream
        self._messages = self._received()
        self._number = 0
        self._session = ""
        self.errors: list[str] = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")
        self._call("Performance.enable", timeDomain="threadTicks")

    def open(self, name: str, hash_: str = "") -> None:
        """Open a file that was given to the browser, and wait until it is there."""
        self._call("Page.navigate", url="about:blank")
        self._call("Page.navigate", url=f"file:///tmp/{name}{hash_}")
        self.until("location.protocol === 'file:' && document.readyState === 'complete'")

    def value(self, script: str) -> Any:  # noqa: ANN401 - whatever the script gives
        """Return what an expression is in the page, awaited if it is a promise."""
        answer = self._call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def until(self, condition: str) -> None:
        """Wait until an expression is true in the page."""
        # The page asks itself at each frame; the test's own time limit ends a hang.
        self.value(
            "new Promise((done) => { const ask = () => "
            f"({condition}) ? done(true) : setTimeout(ask, 10); ask(); }})"
        )

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            text, code = _KEYS.get(key, (key, ord(key[0].upper())))
            named = {"key": key, "windowsVirtualKeyCode": code, "text": text}
            self._call("Input.dispatchKeyEvent", type="keyDown", **named)
            self._call("Input.dispatchKeyEvent", type="keyUp", key=key)

    def look(self, *, width: int, height: int, theme: str = "light", media: str = "") -> None:
        """Be a window of this size, with this theme of the system, or a printer."""
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        features = [{"name": "prefers-color-scheme", "value": theme}]
        self._call("Emulation.setEmulatedMedia", media=media, features=features)

    def screenshot(self) -> bytes:
        """Return the window as a PNG."""
        return base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"])

    def cpu_s(self) -> float:
        """Return how long the page has worked so far, in seconds of CPU time."""
        metrics = self._call("Performance.getMetrics")["metrics"]
        return next(one["value"] for one in metrics if one["name"] == "TaskDuration")

    def barriers(self) -> Sequence[Mapping[str, Any]]:
        """Return what axe-core finds serious or critical in the page."""
        # Run by the protocol, so that the page's own policy for scripts does not matter.
        self.value(f"{AXE.read_text(encoding='utf-8')}; 0")
        found = self.value("axe.run(document, {resultTypes: ['violations']})")
        return [one for one in found["violations"] if one["impact"] in {"serious", "critical"}]

    def _call(self, method: str, **parameters: object) -> Mapping[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._stream.write(json.dumps(message).encode() + b"\0")
        for answer in self._messages:
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                return answer["result"]
            self._note(answer)
        raise AssertionError(f"the browser has ended before it answered {method}")

    def _note(self, event: Mapping[str, Any]) -> None:
        """Keep what the console shows as an error."""
        parameters = event.get("params", {})
        match event.get("method"):
            case "Runtime.exceptionThrown":
                self.errors.append(str(parameters["exceptionDetails"]))
            case "Log.entryAdded" if parameters["entry"]["level"] in {"error", "warning"}:
                self.errors.append(parameters["entry"]["text"])
            case "Runtime.consoleAPICalled" if parameters["type"] in {"error", "warning", "assert"}:
                self.errors.append(str(parameters["args"]))
            case "Network.requestWillBeSent" if not parameters["request"]["url"].startswith(
                ("file:", "about:", "data:")
            ):
                self.errors.append(f"asks for {parameters['request']['url']}")
            case _:
                pass

    def _received(self) -> Iterator[Mapping[str, Any]]:
        rest = b""
        for _, data in self._stream.frames():
            *whole, rest = (rest + data).split(b"\0")
            for message in whole:
                yield json.loads(message)


@contextmanager
def browser(address: str, files: Mapping[str, str]) -> Iterator[Browser]:
    """Start a browser that can open these files."""
    client = open_client(address)
    image = ensure_image(client, IMAGE, lambda _: None)
    container = client.create_container(
        image, stdin_open=True, host_config=client.create_host_config(network_mode="none")
    )["Id"]
    stream = None
    try:
        client.put_archive(container, "/tmp", _archive(files))  # noqa: S108 - in the container
        attach = {"stdin": 1, "stdout": 1, "stream": 1}
        stream = HijackedStream(client.attach_socket(container, attach))
        client.start(container)
        yield Browser(stream)
    finally:
        client.remove_container(container, force=True)
        if stream is not None:
            stream.close()
        client.close()


def _archive(files: Mapping[str, str]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, text in files.items():
            data = text.encode()
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o644
            archive.addfile(entry, io.BytesIO(data))
    return packed.getvalue()
