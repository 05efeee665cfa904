"""Has a server answer the requests of a batch, as a batch service would.

Usage: answer_batch.py URL REQUESTS RESULTS ROUND

Results come in a different order, some of them twice. In rounds 1 to 3 some requests fail; their
results are in an error file.
"""

import json
import pathlib
import random
import sys
import urllib.request

url, requests, results, number = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]), int(sys.argv[4])
lots = random.Random(number)
good, bad = [], []
for file in sorted(requests.iterdir()):
    for line in file.read_text().splitlines():
        request = json.loads(line)
        assert set(request) == {"custom_id", "method", "url", "body"} and request["method"] == "POST"
        if number < 4 and lots.random() < 0.3:
            bad.append({"id": "b", "custom_id": request["custom_id"], "response": {"status_code": 500, "body": {}}, "error": None})
            continue
        call = urllib.request.Request(url + request["url"], json.dumps(request["body"]).encode(), {"content-type": "application/json"})
        with urllib.request.urlopen(call) as reply:
            body = json.load(reply)
        good.append({"id": "b", "custom_id": request["custom_id"], "response": {"status_code": 200, "body": body}, "error": None})
lots.shuffle(good)
results.mkdir()
(results / "output.jsonl").write_text("".join(json.dumps(line) + "\n" for line in good + good[:2]))
(results / "error.jsonl").write_text("".join(json.dumps(line) + "\n" for line in bad))
