"""
Where a line of a scenario file can be read on the forge, and its path in the repository.
"""

from __future__ import annotations

from dataclasses import dataclass
from posixpath import join, normpath
from urllib.parse import quote

from runner.errors import Where


@dataclass(frozen=True, slots=True)
class SourceLinks:
    """
    Makes links from places in files that are in the repository.

    `root` is the folder of the repository and `folder` the one in which the command runs, both
    absolute. `base` is the address of the tree at the commit; "" if it is not known.
    """

    root: str
    folder: str
    base: str = ""

    def path(self, path: str) -> str:
        """Return the path of a file in the repository, with slashes; "" if it is not in there."""
        whole = normpath(join(self.folder, path))
        inside = normpath(self.root).rstrip("/") + "/"
        return whole.removeprefix(inside) if whole.startswith(inside) else ""

    def url(self, where: Where, *, line: bool = True) -> str:
        """Return the address of a place, or of its whole file; "" if there is none."""
        path = self.path(where.path)
        if not self.base or not path:
            return ""
        address = f"{self.base}/{quote(path, errors='replace')}"
        return f"{address}#L{where.line}" if line else address


NO_LINKS = SourceLinks(root="/", folder="/")
"""Outside of a CI system whose addresses are known."""
