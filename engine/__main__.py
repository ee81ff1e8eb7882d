"""``python -m engine``."""

from .command import main

raise SystemExit(main())
