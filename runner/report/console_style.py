"""
How lines are made for a terminal: its width, its colours, and what its encoding can show.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from runner.report.text import one_line, scenario_title

_COLORS: Final = {
    "passed": "32",
    "failed": "31",
    "errored": "35",
    "skipped": "36",
    "not begun": "36",
    "interrupted": "35",
    "flaky": "33",
}
_LEAST_ROOM: Final = 20
_NO_BREAK: Final = "\xa0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """
    Makes lines of at most `width` characters; a word that is longer stays whole.

    Without `color` the words say all there is to say. `ellipsis` stands for what is cut off.
    """

    color: bool = False
    width: int = 80
    ellipsis: str = "…"

    def paint(self, kind: str, text: str) -> str:
        """Give a text the colour of a kind of verdict."""
        return f"\x1b[{_COLORS[kind]}m{text}\x1b[0m" if self.color else text

    def cut(self, text: str, room: int) -> str:
        """Shorten a text to so many characters, after a word."""
        if len(text) <= room:
            return text
        head = text[: max(1, room - len(self.ellipsis)) + 1]
        at_word = head[:-1].rstrip() if head[-1:] == " " else head.rpartition(" ")[0].rstrip()
        # A first word that is too long is cut all the same: there is nothing else to show.
        return (at_word or head[:-1]) + self.ellipsis

    def wrapped(self, text: str, *, lead: str = "", indent: str = "    ") -> Iterator[str]:
        """Yield one text in lines: the first begins with `lead`, all others with `indent`."""
        lines = textwrap.wrap(
            one_line(text),
            width=max(self.width, len(indent) + _LEAST_ROOM),
            initial_indent=lead,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        yield from lines or ([lead.rstrip()] if lead.strip() else [])

    def verdict(self, kind: str, word: str, text: str, after: str = "") -> str:
        """Return `ok: a text  (0.3 s)` on one line, cut before what comes after."""
        after = f"  {after}" if after else ""
        room = self.width - len(word) - 2 - len(after)
        return f"{self.paint(kind, f'{word}:')} {self.cut(one_line(text), room)}{after}"

    def verdict_wrapped(
        self,
        kind: str,
        word: str,
        text: str,
        *,
        after: str = "",
        most: int | None = None,
        indent: str = "    ",
    ) -> Iterator[str]:
        """Yield the same in as many lines as it needs, or in `most` of them."""
        # What comes after stays together: textwrap breaks at no no-break space.
        after = f"  {after}".replace(" ", _NO_BREAK) if after else ""
        text, room = one_line(text), len(text)
        while True:
            said = self.cut(text, room) + after
            lines = list(self.wrapped(said, lead=f"{word}: ", indent=indent))
            if most is None or len(lines) <= most or room <= _LEAST_ROOM:
                break
            room -= len(self.ellipsis)
        yield self.paint(kind, f"{word}:") + lines[0][len(word) + 1 :].replace(_NO_BREAK, " ")
        yield from (line.replace(_NO_BREAK, " ") for line in lines[1:])

    def heading(self, word: str, name: str = "") -> Iterator[str]:
        """Yield a line as of Ansible, `SCENARIO [a name] ****`, or several if the name is long."""
        start = f"{word} [{scenario_title(name)}]" if name else word
        lines = list(self.wrapped(start))
        room = self.width - len(lines[-1]) - 1
        yield from lines[:-1]
        yield f"{lines[-1]} {'*' * room}" if room > 0 and len(lines) == 1 else lines[-1]
