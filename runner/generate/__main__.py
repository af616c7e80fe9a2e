"""
`python -m runner.generate` writes the generated files, `--check` compares them.
"""

import sys

from runner.generate import files

if "--check" in sys.argv[1:]:
    sys.exit(files.check())
files.write()
