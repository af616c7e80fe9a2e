"""
The scalars of the language: durations, signals, texts, patterns, and lists of them.

Each type says what a short form means; the models that use it see one shape only.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer

from runner.kernel.processes import MAX_COMM_BYTES
from runner.kernel.signals import Signal, UnknownSignal
from runner.language.base import wrong
from runner.language.plain import Plain
from runner.model.expectation import Pattern

_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)(ms|s|m|h)")
_LINE_BREAK_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\n")
_BREAKS = "\u2028\u2029"
RESERVED_TAGS = ("all", "tagged", "untagged")
_TRUTH = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}
_ERRNOS = ("EPERM", "ESRCH", "EINVAL")


def parse_duration(value: Plain) -> float:
    """
    Read a duration: `250ms`, `3s`, `1.5s`, `2m`, `1h`, or 0. The result is in seconds.
    """
    if value == 0 and isinstance(value, int) and not isinstance(value, bool):
        return 0.0
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        hint = f"'{value}s' or '{value}ms'?" if number else "as in 250ms, 3s, 2m"
        if isinstance(value, str) and value.startswith("-"):
            hint = "a duration cannot be negative"
        raise wrong(f"{shown(value)} is not a duration", hint)
    return float(match[1]) * _UNITS_S[match[2]]


def duration_text(seconds: float) -> str:
    """Write a duration as `parse_duration` reads it."""
    units = ("ms", "s") if 0 < seconds < 1 else ("s",)
    for unit in (*units, *_UNITS_S):
        text = f"{seconds / _UNITS_S[unit]:.6f}".rstrip("0").rstrip(".") + unit
        if _DURATION.fullmatch(text) and parse_duration(text) == seconds:
            return text
    return f"{seconds:.6f}s"


def _positive_duration(value: Plain) -> float:
    seconds = parse_duration(value)
    if seconds <= 0:
        raise wrong(f"{shown(value)} is not a duration above zero", "as in 250ms, 3s, 2m")
    return seconds


def _whole_seconds(value: Plain) -> float:
    seconds = parse_duration(value)
    if seconds != round(seconds):
        raise wrong(
            f"{shown(value)} is not in whole seconds", "engines count a grace period in seconds"
        )
    return seconds


def parse_signal(value: Plain) -> Signal:
    """Read a signal by name or number."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise wrong(f"{shown(value)} is not a signal", "a name or a number, as in SIGTERM or 15")
    try:
        return Signal.parse(value)
    except UnknownSignal as error:
        raise wrong(str(error), error.advice) from None


def parse_text(value: Plain) -> str:
    """Read a text; a whole number is taken as it is written."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise wrong(f"expected a text, not {kind_of(value)}", quoting_advice(value))
    if "\0" in value:
        raise wrong("a text for a program cannot hold NUL")
    return value


def parse_title(value: Plain) -> str:
    """Read a name for reports and terminals: one line, nothing that moves a cursor."""
    text = parse_text(value).strip()
    if not text:
        raise wrong("a name cannot be empty")
    if text.isprintable():
        return text
    bad = next((one for one in text if unicodedata.category(one)[0] == "C" or one in _BREAKS), "")
    if bad:
        raise wrong(f"a name is one line of text, without U+{ord(bad):04X}")
    return text


def parse_tag(value: Plain) -> str:
    """Read a tag: a word that `--tags a,b` can name, and that has no meaning of its own there."""
    text = parse_text(value).strip()
    if not text:
        raise wrong("a tag cannot be empty", "leave it out")
    if "," in text:
        words = ", ".join(part.strip() for part in text.split(",") if part.strip())
        raise wrong(f"a tag cannot have a comma in it: {shown(text)}", f"as in [{words}]")
    if text in RESERVED_TAGS:
        advice = f"`--tags {text}` selects by whether there are tags: choose another word"
        raise wrong(f"'{text}' cannot be a tag", advice)
    return text


def parse_pattern(value: Plain) -> Pattern:
    """Read a text to look for, or `/regular expression/`."""
    text = parse_text(value)
    if len(text) > 1 and text.startswith("/") and text.endswith("/"):
        return parse_regex(text[1:-1])
    return parse_plain(text)


def pattern_text(pattern: Pattern) -> str:
    """Write a pattern as `parse_pattern` reads it."""
    return f"/{pattern.text}/" if pattern.regex else pattern.text


def _bare_text(pattern: Pattern) -> str:
    return pattern.text


def parse_plain(value: Plain) -> Pattern:
    """Read a text to look for."""
    text = parse_text(value)
    if not text:
        raise wrong("an empty text is found everywhere, so this would check nothing")
    return Pattern(_one_line(text))


def parse_regex(value: Plain) -> Pattern:
    """Read a regular expression."""
    return Pattern(regex_text(value), regex=True)


def regex_text(value: Plain) -> str:
    """Read a regular expression, as text."""
    text = _one_line(parse_text(value))
    if not text:
        raise wrong("an empty expression is found in every line")
    if _LINE_BREAK_ESCAPE.search(text):
        raise wrong("output is matched line by line, so this cannot ask for a line break")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        advice = r"a sign that is meant as it is has a \ before it, as in \("
        raise wrong(f"/{text[:80]}/ is not a regular expression: {error}", advice) from None
    return text


def parse_comm(value: Plain) -> str:
    """Read the name of a process: one that the kernel would have cut can never be seen."""
    text = parse_text(value)
    cut = text.encode("utf-8", "replace")[:MAX_COMM_BYTES].decode("utf-8", "ignore")
    if cut != text:
        raise wrong(
            f"the kernel cuts names at {MAX_COMM_BYTES} bytes, so no process has this one",
            f"give '{cut}', or `argv`",
        )
    return text


def parse_errno(value: Plain) -> str:
    """Read `true` (accepted, "") or the name of an errno."""
    if value is True:
        return ""
    if isinstance(value, str) and value in _ERRNOS:
        return value
    advice = truth_advice(value, f"true, or {', '.join(_ERRNOS)}")
    raise wrong(f"{shown(value)} is not an errno of kill(2)", advice)


def parse_bounds(value: Plain) -> Plain:
    """Take a number for exactly that many."""
    if isinstance(value, int) and not isinstance(value, bool):
        return {"at_least": value, "at_most": value}
    if not isinstance(value, dict):
        raise wrong(
            f"expected a whole number or a range, not {kind_of(value)}",
            "as in 3 or {at_least: 1, at_most: 3}",
        )
    return value


def as_words(value: Plain) -> Plain:
    """Refuse a command line: which words it has would be a shell's business."""
    if value is True:
        raise wrong("expected a list of words, not true", "Compose's `init` is `docker_init` here")
    if isinstance(value, str):
        advice = f"as in [{', '.join(value.split())}]; no shell is involved"
        raise wrong("expected a list of words, not a text", advice)
    return value


def as_list(value: Plain) -> object:
    """Take a single value for a list of one."""
    return value if isinstance(value, list) else [value]


def shown(value: Plain) -> str:
    """Write a value as the user wrote it, in quotes; a list or a mapping by its kind."""
    if isinstance(value, list | dict) or value is None:
        return kind_of(value)
    return f"'{str(value).lower() if isinstance(value, bool) else value}'"


def kind_of(value: object) -> str:
    """Say in the user's words what a value is."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"the number {value}"
    names: dict[type[object], str] = {str: "a text", list: "a list", dict: "a mapping"}
    return names.get(type(value), type(value).__name__)


def truth_advice(value: object, otherwise: str = "") -> str:
    """Say what to write for `yes` and the like, which are texts (YAML 1.2)."""
    word = _TRUTH.get(value.lower()) if isinstance(value, str) else None
    return f"write {word}" if word else otherwise


def quoting_advice(value: object) -> str:
    """Suggest quotes where they turn a value into the text it was meant to be."""
    if isinstance(value, bool):
        return f'as a text it needs quotes: "{str(value).lower()}"'
    return f'as a text it needs quotes: "{value}"' if isinstance(value, float) else ""


def _one_line(text: str) -> str:
    if "\n" in text:
        raise wrong("output is matched line by line, so this cannot hold a line break")
    return text


Placeholder = Annotated[str, Field(pattern=r"\{\{.*\}\}")]
"""Where the schema takes a list or a mapping: a text that a variable fills in."""

DurationInput = Annotated[
    str,
    Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?(ms|s|m|h)$", examples=["250ms", "3s"]),
]
PositiveDurationInput = Annotated[
    str,
    Field(
        pattern=r"^(?=[0-9.]*[1-9])[0-9]{1,9}(\.[0-9]{1,6})?(ms|s|m|h)$", examples=["250ms", "3s"]
    ),
]
SignalInput = Annotated[str, Field(json_schema_extra={"format": "signal"})]
"""The schema says what that is in a definition of its own."""

NonEmptyInput = Annotated[str, Field(min_length=1)]
PatternInput = Annotated[str, Field(pattern=r"^(?!//$)[^\n]+$")] | int
LineInput = Annotated[str, Field(pattern=r"^[^\n]+$")] | int

Duration = Annotated[
    float,
    BeforeValidator(parse_duration, json_schema_input_type=DurationInput | Literal[0]),
    PlainSerializer(duration_text),
]
PositiveDuration = Annotated[
    float,
    BeforeValidator(_positive_duration, json_schema_input_type=PositiveDurationInput),
    PlainSerializer(duration_text),
]
GracePeriod = Annotated[
    float,
    BeforeValidator(_whole_seconds, json_schema_input_type=DurationInput | Literal[0]),
    PlainSerializer(duration_text),
]
SignalName = Annotated[
    Any,
    BeforeValidator(parse_signal, json_schema_input_type=SignalInput),
    PlainSerializer(str),
]
SignalsInput = SignalInput | Annotated[list[SignalInput], Field(min_length=1)]
Signals = Annotated[
    list[SignalName],
    Field(min_length=1),
    BeforeValidator(as_list, json_schema_input_type=SignalsInput),
]
Text = Annotated[str, BeforeValidator(parse_text, json_schema_input_type=str | int)]
Title = Annotated[str, BeforeValidator(parse_title, json_schema_input_type=NonEmptyInput | int)]
NonEmptyText = Annotated[Text, Field(min_length=1)]
Comm = Annotated[
    str,
    BeforeValidator(
        parse_comm,
        json_schema_input_type=Annotated[
            str | int, Field(json_schema_extra={"maxLength": MAX_COMM_BYTES})
        ],
    ),
    Field(min_length=1),
]
Argv = Annotated[list[Text], Field(min_length=1)]
Texts = Annotated[list[Text], BeforeValidator(as_list, json_schema_input_type=Text | list[Text])]
_TAG = rf"^(?!({'|'.join(RESERVED_TAGS)})$)[^,]*[^,\s][^,]*$"
_TagInput = Annotated[str, Field(json_schema_extra={"pattern": _TAG})] | int
Tags = Annotated[
    list[Annotated[str, BeforeValidator(parse_tag, json_schema_input_type=_TagInput)]],
    BeforeValidator(as_list, json_schema_input_type=_TagInput | list[_TagInput]),
]

PatternsInput = PatternInput | Annotated[list[PatternInput], Field(min_length=1)]
LinesInput = LineInput | Annotated[list[LineInput], Field(min_length=1)]

Patterns = Annotated[
    list[
        Annotated[
            Any,
            BeforeValidator(parse_pattern, json_schema_input_type=PatternInput),
            PlainSerializer(pattern_text),
        ]
    ],
    Field(min_length=1),
    BeforeValidator(as_list, json_schema_input_type=PatternsInput),
]
PlainTexts = Annotated[
    list[
        Annotated[
            Any,
            BeforeValidator(parse_plain, json_schema_input_type=LineInput),
            PlainSerializer(_bare_text),
        ]
    ],
    Field(min_length=1),
    BeforeValidator(as_list, json_schema_input_type=LinesInput),
]
Regexes = Annotated[
    list[
        Annotated[
            Any,
            BeforeValidator(parse_regex, json_schema_input_type=LineInput),
            PlainSerializer(_bare_text),
        ]
    ],
    Field(min_length=1),
    BeforeValidator(as_list, json_schema_input_type=LinesInput),
]
Regex = Annotated[str, BeforeValidator(regex_text, json_schema_input_type=LineInput)]
Errno = Annotated[
    str,
    BeforeValidator(parse_errno, json_schema_input_type=Literal[True, "EPERM", "ESRCH", "EINVAL"]),
    PlainSerializer(lambda errno: errno or True),
]
ExitCode = Annotated[int, Field(ge=0, le=255)]
ExitCodes = Annotated[
    list[ExitCode],
    Field(min_length=1),
    BeforeValidator(
        as_list,
        json_schema_input_type=ExitCode | Annotated[list[ExitCode], Field(min_length=1)],
    ),
]
