"""Signs and judges cases, and writes requests, with the official Python library: the independent opinion ours is compared with.

Reads one JSON case a line: {"token", "algorithm", "url", "params": [[name, value], ...], "signature"}, answered by
{"signature", "valid"}; or {"account", "to", "from", "body", "status_url", "page_size"}, answered by what the library would send to
create such a message and to list those between the two numbers: {"create": {...}, "list": {...}}.
"""

import json
import sys

from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client


class Params(dict):
    """Parameters with repeated names, in the way the library reads web frameworks' own."""

    def __init__(self, pairs):
        super().__init__()
        for name, value in pairs:
            self.setdefault(name, []).append(value)

    def getall(self, name):
        return self[name]


class Recorder(HttpClient):
    """Keeps a request instead of sending it."""

    def __init__(self):
        self.kept = {}

    def request(self, method, url, params=None, data=None, *_, **__):
        self.kept = {"method": method, "url": url, "params": params or {}, "data": data or {}}
        listed = json.dumps({"messages": [], "next_page_uri": None, "meta": {"key": "messages"}})
        return Response(201 if method == "POST" else 200, "{}" if method == "POST" else listed)


def requests(case):
    """What the library sends for a message, and for listing it."""
    recorder = Recorder()
    messages = Client(case["account"], "token", http_client=recorder).messages
    messages.create(to=case["to"], from_=case["from"], body=case["body"], status_callback=case["status_url"])
    created = recorder.kept
    messages.list(to=case["to"], from_=case["from"], page_size=case["page_size"])
    return {"create": created, "list": recorder.kept}


for line in sys.stdin:
    case = json.loads(line)
    if "status_url" in case:
        print(json.dumps(requests(case)))
        continue
    params = Params(case["params"])
    validator = RequestValidator(case["token"])
    print(
        json.dumps(
            {
                "signature": validator.compute_signature(case["url"], params, case["algorithm"]),
                "valid": validator.validate(case["url"], params, case["signature"], case["algorithm"]),
            }
        )
    )
