"""
The names of the files in which results are stored.
"""

from __future__ import annotations

from typing import Final

RESULT_FILE: Final = "result.json"
CASES_FILE: Final = "cases.jsonl.gz"
PREVIOUS_FILE: Final = "previous.json"
"""The result.json of the run before."""
