"""Signs one form with the carrier's official library. One JSON argument: {"token", "url", "form": [[name, value], ...]}."""

import json
import sys

from twilio.request_validator import RequestValidator

case = json.loads(sys.argv[1])
print(RequestValidator(case["token"]).compute_signature(case["url"], dict(case["form"])))
