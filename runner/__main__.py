"""`python -m runner` is `scenario-run`."""

import sys

from runner.cli.main import main

sys.exit(main())
