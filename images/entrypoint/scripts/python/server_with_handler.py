"""http.server, ended by SIGTERM."""

import http.server
import signal
import sys

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
http.server.test(http.server.SimpleHTTPRequestHandler)
