"""What the web server serves: Django behind a front that hands whole requests to a fixed number of threads.

A thread of Django's is given a request when its body is there, and is free again when the answer is made; how slowly a
client sends or reads holds a coroutine and some memory, never a thread. What comes too slowly is answered with 408.
"""

import os

from config.front import Front
from config.wsgi import application as django

application = Front(django, threads=int(os.environ.get("WEB_THREADS", "6")))
