"""`python -m deploy.setup`, as `./adm` calls it."""

import sys

from deploy.setup.cli import main

sys.exit(main(sys.argv[1:]))
