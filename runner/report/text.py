"""
Making any text safe to show, and numbers readable.

What a container prints may hold anything: control characters, escape sequences, half a
character. Every report takes foreign text through this room.
"""

from __future__ import annotations

import re

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_NOT_XML = re.compile(r"[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PLACEHOLDER = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}")
_BREAK = re.compile("\r\n|[\r\x85\u2028\u2029]")

_FINE_S = 0.01
_MINUTE_S = 60


def clean(text: str) -> str:
    """
    Make text fit for XML, Markdown and terminals alike.

    Escape sequences go, tabs stay, every kind of line break becomes a newline, and any other
    control character, and whatever else XML 1.0 does not allow, becomes U+FFFD.
    """
    text = _BREAK.sub("\n", _ANSI.sub("", text))
    return _NOT_XML.sub("\ufffd", text)


def one_line(text: str) -> str:
    """Clean text and join its lines."""
    return " ".join(clean(text).split("\n")).strip()


def scenario_title(name: str) -> str:
    """Name a scenario with a matrix: `stop of <init>` where the file has `stop of {{ init }}`."""
    return _PLACEHOLDER.sub(r"<\1>", one_line(name))


def head_and_tail(text: str, most_bytes: int) -> str:
    """
    Cut a long text in the middle, saying how many bytes of UTF-8 are left out.

    What is kept has at most `most_bytes`; a character is never cut in two.
    """
    stored = text.encode("utf-8", "replace")
    if len(stored) <= most_bytes:
        return text
    half = most_bytes // 2
    head = stored[:half].decode(errors="ignore")
    tail = stored[len(stored) - half :].decode(errors="ignore")
    omitted = len(stored) - len(head.encode()) - len(tail.encode())
    return f"{head}\n[... {omitted} bytes omitted ...]\n{tail}"


def shortened(text: str, most: int) -> str:
    """Cut a long line in the middle: what matters may stand at either end."""
    if len(text) <= most:
        return text
    half = (most - 3) // 2
    return f"{text[:half]} … {text[-half:]}"


def seconds(value: float) -> str:
    """
    Write a time for people: `0.4 ms`, `21 ms`, `1.05 s`, `2 min 5 s`.
    """
    if value < _FINE_S:
        return f"{value * 1000:.1f} ms"
    if value < 1:
        return f"{value * 1000:.0f} ms"
    if value < _MINUTE_S:
        return f"{value:.2f} s"
    minutes, rest = divmod(round(value), _MINUTE_S)
    return f"{minutes} min {rest} s"


def cell(text: str) -> str:
    """Make text fit for one cell of a Markdown table."""
    return escape(one_line(text)).replace("|", "\\|")


def code_cell(text: str) -> str:
    """Write text as code in one cell of a Markdown table; there a bar counts even in code."""
    return code(text).replace("|", "\\|")


def linked(text: str, url: str) -> str:
    """Make a link of what is Markdown already; the text alone if there is no address."""
    return f"[{text}]({url})" if url else text


def unbroken(text: str) -> str:
    """Keep a short text on one line, however narrow its column gets."""
    return text.replace(" ", "&nbsp;")


def escape(text: str) -> str:
    """Keep Markdown and HTML from reading anything into a text."""
    return re.sub(r"([\\`*_\[\]#~$])", r"\\\1", html(text))


def html(text: str) -> str:
    """Keep HTML from reading anything into a text, where Markdown does not look."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def prose(text: str) -> str:
    """Write what users say, on one line; what they put in back-ticks stays code."""
    parts = re.split(r"(?<!`)`([^`]+)`(?!`)", one_line(text))
    return "".join(code(part) if at % 2 else escape(part) for at, part in enumerate(parts))


def code(text: str) -> str:
    """Write text as a span of code, whatever back-ticks it holds. No text gives no span."""
    text = one_line(text)
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    ticks = "`" * (longest + 1)
    pad = " " if text[:1] == "`" or text[-1:] == "`" else ""
    return f"{ticks}{pad}{text}{pad}{ticks}" if text else ""


def fence(text: str, language: str = "text") -> str:
    """Put text into a code block whose fence is longer than any run of back-ticks inside."""
    text = clean(text).rstrip("\n")
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{language}\n{text}\n{ticks}"
