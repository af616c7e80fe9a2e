"""
What there is to say about one option of the command line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

ENVIRONMENT_PREFIX: Final = "SCENARIO_RUN_"


@dataclass(frozen=True, slots=True)
class Option:
    """
    One option: how it is said, what it means, and where else than on the command line it may stand.

    `action` is argparse's. `parse` makes a value of one text, as argparse's `type` does.
    `default_words` are for a default that does not say by itself what it is. What `may_be_set` may
    also stand in the configuration file and in the environment; all others belong to one run.
    `takes` is how many values follow; `metavar` has as many words.
    `completes` is what a shell completes where it does not know the values. `name` and `default`
    are those of the field that the option describes.
    """

    help: str
    group: str = ""
    short: str = ""
    metavar: str | None = None
    action: Literal["store", "store_true", "append", "extend", "count"] = "store"
    parse: Callable[[str], object] | None = None
    choices: tuple[str, ...] = ()
    default_words: str = ""
    may_be_set: bool = False
    positional: bool = False
    takes: int = 1
    completes: Literal["", "files", "folders"] = ""
    name: str = ""
    default: object = None

    @property
    def flag(self) -> str:
        """The long form, as in `--fail-fast`."""
        return f"--{self.setting}"

    @property
    def setting(self) -> str:
        """The name in the configuration file, as in `fail-fast`."""
        return self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The name in the environment, as in `SCENARIO_RUN_FAIL_FAST`."""
        return ENVIRONMENT_PREFIX + self.name.upper()

    @property
    def is_switch(self) -> bool:
        """Whether it takes no value: it is on or off."""
        return self.action == "store_true"

    @property
    def is_list(self) -> bool:
        """Whether it may be given several times."""
        return self.action in {"append", "extend"}

    @property
    def takes_number(self) -> bool:
        """Whether its value is a whole number."""
        return isinstance(self.default, int) and not self.is_switch

    @property
    def default_text(self) -> str:
        """The default in words; empty where it is a number, or nothing, or off."""
        if self.default_words:
            return self.default_words
        return str(self.default) if isinstance(self.default, str | Path) else ""

    @property
    def help_text(self) -> str:
        """The help, with the default if it has words."""
        return f"{self.help} (default: {self.default_text})" if self.default_text else self.help
