"""What every room's tests share."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

# The authority, the library and the audit log of whoever runs the tests are not for tests; nor is their keyring.
TRUST_HOME = tempfile.TemporaryDirectory(prefix="sora-trust-")
os.environ["SORA_TRUST_HOME"] = TRUST_HOME.name
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"

sys.path.insert(0, str(Path(__file__).parent))
