"""Signs and judges cases with the official Python library: the independent opinion our verifier is compared with.

Reads one JSON case a line: {"token", "algorithm", "url", "params": [[name, value], ...], "signature"}.
Writes one JSON answer a line: {"signature", "valid"}.
"""

import json
import sys

from twilio.request_validator import RequestValidator


class Params(dict):
    """Parameters with repeated names, in the way the library reads web frameworks' own."""

    def __init__(self, pairs):
        super().__init__()
        for name, value in pairs:
            self.setdefault(name, []).append(value)

    def getall(self, name):
        return self[name]


for line in sys.stdin:
    case = json.loads(line)
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
