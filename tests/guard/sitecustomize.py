"""Python runs this at start when this folder is on PYTHONPATH: child processes of the tests are guarded too."""

import network_guard

network_guard.install()
