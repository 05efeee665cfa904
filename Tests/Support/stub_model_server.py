"""A small stand-in for a model server, for tests: answers each request as the next word of
the scenario says.

Usage: stub_model_server.py [--tls] [WORD ...]

The words and their answers:
  first    the first candidate of every field
  doubled  the same, with lists that repeat the candidate
  invalid  text that is not JSON
  foreign  a value that was not offered
  cut      a cut-off answer
  nojson   a reply that is not a chat completion
  slow     an answer after a minute
  NUMBER   this HTTP status
The last word is used again for all further requests. The probe gets a good answer and uses up no
word, unless the next word is a status. The first line of output is the URL.
"""

import http.server
import json
import ssl
import subprocess
import sys
import tempfile
import time

tls = "--tls" in sys.argv
scenario = [word for word in sys.argv[1:] if word != "--tls"] or ["first"]


def choice(schema: dict, word: str):
    if schema["type"] == "string" and "enum" in schema:
        return "not offered" if word == "foreign" else schema["enum"][0]
    if schema["type"] == "object":
        return {name: choice(part, word) for name, part in schema["properties"].items()}
    if "pattern" in schema:
        return "10"
    if schema["type"] == "array":
        repeats = 3 if word == "doubled" else 1
        return [choice(schema["items"], word)] * (repeats if schema["maxItems"] > 0 else 0)
    return "because"


def answer(request: dict, word: str) -> dict:
    schema = request["response_format"]["json_schema"]["schema"]
    text = json.dumps({name: choice(part, word) for name, part in schema["properties"].items()})
    if word == "invalid":
        text = "I am sorry"
    if word == "cut":
        text = text[:-5]
    reason = "length" if word == "cut" else "stop"
    return {
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": reason}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5},
    }


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        is_probe = "test of a connection" in json.dumps(request["messages"])
        if is_probe and not scenario[0].isdigit():
            word = "first"
        else:
            word = scenario.pop(0) if len(scenario) > 1 else scenario[0]
        if word == "slow":
            time.sleep(60)
        status = int(word) if word.isdigit() else 200
        reply = {"hello": "world"} if word == "nojson" or status != 200 else answer(request, word)
        body = json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
if tls:
    with tempfile.TemporaryDirectory() as folder:
        files = [f"{folder}/cert.pem", f"{folder}/key.pem"]
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-out", files[0], "-keyout", files[1]],
            check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
    server.socket = context.wrap_socket(server.socket, server_side=True)
print(f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}", flush=True)
server.serve_forever()
