"""`start` lets moto server record requests; `stop` prints the API operations that it received since, one a line."""

import base64
import json
import os
import sys
import urllib.parse
import urllib.request

BASE = os.environ["AWS_ENDPOINT_URL"] + "/moto-api/recorder/"


def post(what):
    return urllib.request.urlopen(urllib.request.Request(BASE + what, method="POST")).read()


if sys.argv[1] == "start":
    post("reset-recording")
    post("start-recording")
else:
    post("stop-recording")
    for line in urllib.request.urlopen(BASE + "download-recording").read().decode().splitlines():
        request = json.loads(line)
        headers = {name.lower(): value for name, value in dict(request["headers"]).items()}
        target = headers.get("x-amz-target")
        body = request.get("body") or ""
        if request.get("body_encoded"):
            body = base64.b64decode(body).decode()
        form = urllib.parse.parse_qs(body)
        # REST (Route 53) names no operation: its method and path stand for it.
        path = urllib.parse.urlparse(request["url"]).path
        rest = request["method"].capitalize() + path
        print(target.rsplit(".", 1)[-1] if target else form.get("Action", [rest])[0])
