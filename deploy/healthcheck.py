"""Ask our own web server whether it is alive; exit 1 when it is not. Standard library only."""

import os
import sys
import urllib.request

host = os.environ["ALLOWED_HOSTS"].split(",")[0]
request = urllib.request.Request("http://127.0.0.1:8000/healthz/live", headers={"Host": host})
with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310 - our own address
    sys.exit(answer.status != 200)
