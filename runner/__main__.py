"""`python -m runner` is `scenario-run`."""

import sys

from runner.cli import main

sys.exit(main())
