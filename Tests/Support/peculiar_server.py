"""A model server with the peculiarities of real ones, for tests. It answers each question with the
first option of every field.

Usage: peculiar_server.py [HABIT ...]

How it writes answers: fence prose think think-json think-open comma two string parts content-object
  reasoning-content tool-call function-call refusal refusal-part nonsense nonsense=N (the first N
  after the probe) refuse-first (a wrong first answer to every question)
How answers end: finish=REASON, or finish=none for a reply without a reason
What it refuses: no=json_schema no=response_format no=temperature no=seed no=max_tokens
  no=max_completion_tokens no=system; silent (the refusal does not say why) fault (it is status 500)
  alternate (roles must alternate) stream-only
How it replies: gzip bom brotli large=MIB events (a stream) events-cut; status=N with code=WORD;
  error-200; slow
Where and for whom it answers: path=/v1/x?y=z key=NAME:VALUE tls=FOLDER (where it leaves ca.pem)
log=FILE  a line of JSON for each request: path, headers, body
The first line of output is the URL.
"""

import gzip
import http.server
import json
import re
import ssl
import subprocess
import sys
import threading
import time

habits = sys.argv[1:]
flags = {habit for habit in habits if "=" not in habit}
refused = {habit[3:] for habit in habits if habit.startswith("no=")}
given = dict(habit.split("=", 1) for habit in habits if "=" in habit)
lock = threading.Lock()
answers = 0


def choice(schema: dict):
    if "enum" in schema:
        return schema["enum"][0]
    if schema["type"] == "object":
        return {name: choice(part) for name, part in schema["properties"].items()}
    if schema["type"] == "array":
        return [choice(schema["items"])] if schema["maxItems"] > 0 else []
    return "10" if "pattern" in schema else "because"


def from_words(text: str):
    """Reads the form that the prompt describes, as a person would."""
    fields = {}
    for name, words in re.findall(r'^"([^"]+)": (.*)$', text.split("exactly these members")[1], re.M):
        options = re.findall(r'"((?:[^"\\]|\\.)*)"', words)
        if words.startswith("a list") and "an object" in words:
            members = re.findall(r'"([A-Z_]+)": (?:one of the texts|the text) "([^"]*)"|"([A-Z_]+)": a text that matches', words)
            order = {a or c: b for a, b, c in members}
            fields[name] = [{key: value or "10" for key, value in order.items()}]
        elif words.startswith("a list"):
            fields[name] = options[:1] or ["10"]
        else:
            fields[name] = options[0] if options else "because"
    return fields


def refusal(request: dict):
    """Why the server refuses the request; nil if it does not."""
    form = request.get("response_format", {}).get("type")
    if form and ("response_format" in refused or form in refused):
        return "response_format", f"response_format of type {form} is not supported by this model"
    for name in ("temperature", "seed", "max_tokens", "max_completion_tokens"):
        if name in request and name in refused:
            more = ""
            if name == "max_tokens" and "max_completion_tokens" not in refused:
                more = " Use 'max_completion_tokens' instead."
            return name, f"Unsupported parameter: '{name}' is not supported with this model while reasoning.{more}"
    roles = [message["role"] for message in request["messages"]]
    if "system" in refused and "system" in roles:
        return "messages", "System role not supported"
    if "alternate" in flags:
        turns = [role for role in roles if role != "system"]
        if turns != ["user", "assistant"] * (len(turns) // 2) + ["user"]:
            return "messages", "Conversation roles must alternate user/assistant/user/assistant/..."
    if "stream-only" in flags and not request.get("stream"):
        return "stream", "This model supports only stream mode"
    return None


def text_of(request: dict) -> str:
    global answers
    form = request.get("response_format", {})
    if form.get("type") == "json_schema":
        schema = form["json_schema"]["schema"]
        answer = {name: choice(part) for name, part in schema["properties"].items()}
    else:
        answer = from_words(next(m["content"] for m in request["messages"] if "exactly these members" in m["content"]))
    is_probe = "test of a connection" in json.dumps(request["messages"])
    with lock:
        answers += 0 if is_probe else 1
        number = answers
    if not is_probe and ("nonsense" in flags or number <= int(given.get("nonsense", 0))):
        return "I would rather talk about the weather."
    is_repair = any(message["role"] == "assistant" for message in request["messages"])
    if "refuse-first" in flags and not is_probe and not is_repair:
        answer = {name: value for name, value in answer.items() if name == "reasoning"} | {"stray": "free text"}
    text = json.dumps(answer)
    if "fence" in flags:
        text = f"Here you are:\n```json\n{json.dumps(answer, indent=2)}\n```\nI hope that {{this}} helps."
    if "prose" in flags:
        text = f"Sure! The answer is {text} - with a brace }} and a {{ too."
    if "think" in flags:
        text = f"<think>\nThe patient is old, so {{perhaps}} not.\n</think>\n\n{text}"
    if "think-json" in flags:
        text = f'<think>Maybe {{"a": "}}"}} or {text.replace("because", "draft")}?</think>{text}'
    if "think-open" in flags:
        text = f"<think>I wonder about {text}"
    if "comma" in flags:
        text = text.replace("]", ",]")[:-1] + ",\n}"
    if "two" in flags:
        text = text + "\nor\n" + text
    if "string" in flags:
        text = json.dumps(text)
    return text


def message_of(text: str) -> dict:
    if "parts" in flags:
        half = len(text) // 2
        return {"content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": text[:half]}, {"type": "text", "text": text[half:]}]}
    if "content-object" in flags:
        return {"content": json.loads(text)}
    if "reasoning-content" in flags:
        return {"content": None, "reasoning_content": text}
    if "tool-call" in flags:
        return {"content": None, "tool_calls": [{"id": "1", "type": "function", "function": {"name": "answer", "arguments": text}}]}
    if "function-call" in flags:
        return {"content": None, "function_call": {"name": "answer", "arguments": text}}
    if "refusal" in flags:
        return {"content": None, "refusal": "I can't help with that."}
    if "refusal-part" in flags:
        return {"content": [{"type": "refusal", "refusal": "I can't help with that."}]}
    return {"content": text}


def events(message: dict, reason) -> bytes:
    content = message["content"]
    chunks = [{"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]}]
    for start in range(0, len(content), 7):
        chunks.append({"choices": [{"index": 0, "delta": {"content": content[start : start + 7]}, "finish_reason": None}]})
    if "events-cut" not in flags:
        chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
        chunks.append({"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 5}})
    body = ": a comment\n\n" + "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks)
    return (body + ("" if "events-cut" in flags else "data: [DONE]\n\n")).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        request = json.loads(body)
        if "log" in given:
            with lock, open(given["log"], "a") as log:
                log.write(json.dumps({"path": self.path, "headers": dict(self.headers), "body": request}) + "\n")
        if "slow" in flags:
            time.sleep(60)
        if "path" in given and self.path != given["path"]:
            return self.fail(404, {"error": {"message": "no such page"}})
        if "key" in given:
            name, value = given["key"].split(":")
            if self.headers.get(name) != value:
                return self.fail(401, {"error": {"message": f"bad key {self.headers.get('authorization')} {self.headers.get(name)}"}})
        if "status" in given:
            code = given.get("code")
            return self.fail(int(given["status"]), {"error": {"message": "You\x1b[31m exceeded\nyour quota", "type": code, "code": code}})
        if "error-200" in flags:
            return self.reply(200, json.dumps({"error": {"message": "no credits left", "code": 402}}).encode())
        found = refusal(request)
        if found:
            words = {"error": {}} if "silent" in flags else {"error": {"message": found[1], "param": found[0], "type": "invalid_request_error"}}
            return self.fail(500 if "fault" in flags else 400, words)
        message = message_of(text_of(request))
        message["role"] = "assistant"
        choice = {"index": 0, "message": message}
        if given.get("finish") != "none":
            choice["finish_reason"] = None if given.get("finish") == "null" else given.get("finish", "stop")
        if "events" in flags or "events-cut" in flags or request.get("stream"):
            return self.reply(200, events(message, choice.get("finish_reason")), "text/event-stream")
        whole = {"choices": [choice], "usage": {"prompt_tokens": 10, "completion_tokens": 5}}
        if "large" in given:
            whole["padding"] = "x" * (int(given["large"]) << 20)
        self.reply(200, json.dumps(whole).encode())

    def fail(self, status: int, words: dict):
        self.reply(status, json.dumps(words).encode())

    def reply(self, status: int, body: bytes, kind: str = "application/json"):
        if "bom" in flags:
            body = b"\xef\xbb\xbf" + body
        if "gzip" in flags:
            body = gzip.compress(body)
        self.send_response(status)
        if "gzip" in flags:
            self.send_header("content-encoding", "gzip")
        if "brotli" in flags:
            self.send_header("content-encoding", "br")
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def make_certificates(folder: str) -> None:
    """A private authority, and a certificate that it signs for 127.0.0.1."""
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    for command in (
        ["req", "-x509", *curve, "-subj", "/CN=Private Authority", "-out", "ca.pem", "-keyout", "ca.key"],
        ["req", "-x509", *curve, "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-addext",
         "basicConstraints=critical,CA:FALSE", "-CA", "ca.pem", "-CAkey", "ca.key", "-out", "leaf.pem", "-keyout", "leaf.key"],
    ):
        subprocess.run(["openssl", *command], check=True, capture_output=True, cwd=folder)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
if "tls" in given:
    make_certificates(given["tls"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{given['tls']}/leaf.pem", f"{given['tls']}/leaf.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
print(f"http{'s' if 'tls' in given else ''}://127.0.0.1:{server.server_address[1]}", flush=True)
server.serve_forever()
