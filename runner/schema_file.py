"""
Writing a generated schema to its file, or checking that the file has not drifted.
"""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Mapping
from typing import Any

from runner import shipped


def write_or_check(name: str, schema: Mapping[str, Any], *, check: bool) -> int:
    """Write the schema, or with `check` show how the file differs and give 1 if it does."""
    path = shipped.folder("schemas") / name
    wanted = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    if not check:
        path.write_text(wanted, encoding="utf-8")
        return 0
    found = path.read_text(encoding="utf-8") if path.exists() else ""
    if found == wanted:
        return 0
    difference = difflib.unified_diff(
        found.splitlines(), wanted.splitlines(), f"{name} (file)", f"{name} (models)", lineterm=""
    )
    sys.stderr.write("\n".join(list(difference)[:60]) + "\n")
    sys.stderr.write(f"{name} has drifted from the models; write it anew with `make schemas`\n")
    return 1
