"""A model server that misbehaves, for tests: 30 % of its replies are faults, drawn with a seed.

Usage: fault_server.py SEED [SHARE] [LOG]

Faults: statuses 408, 409, 429 (with Retry-After in seconds or as a date), 500, 503; connections
dropped before or within the reply; requests left without a reply for 5 seconds and then dropped;
cut-off, empty, non-JSON and schema-breaking answers; replies that are not a chat completion. Every
request's digest and fate go to LOG, one JSON object a line. The probe meets no fault. The first line of output is the URL.
"""

import asyncio
import email.utils
import hashlib
import json
import random
import sys
import time

seed = int(sys.argv[1])
share = float(sys.argv[2]) if len(sys.argv) > 2 else 0.3
log = open(sys.argv[3], "a", buffering=1) if len(sys.argv) > 3 else None
lots = random.Random(seed)
FAULTS = [
    "408", "409", "429", "429-date", "500", "503", "drop", "drop-within", "hang", "cut", "empty", "not-json", "foreign",
    "missing-field", "wrong-type", "too-many", "not-chat",
]


def choice(schema: dict, lots: random.Random):
    """Any value that the schema allows."""
    if "enum" in schema:
        return lots.choice(schema["enum"])
    if schema["type"] == "array":
        return [choice(schema["items"], lots) for _ in range(lots.randint(0, schema["maxItems"]))]
    if schema["type"] == "object":
        return {name: choice(part, lots) for name, part in schema["properties"].items()}
    return "10" if "pattern" in schema else "because"


def chat(request: dict, fate: str) -> bytes:
    schema = request["response_format"]["json_schema"]["schema"]
    # The same question gets the same answer.
    own = random.Random(request["messages"][-1]["content"] + str(request["seed"]))
    answer = choice(schema, own)
    field = [name for name in schema["properties"] if name != "reasoning"][0]
    if fate == "foreign":
        answer[field] = ["not offered"] if isinstance(answer[field], list) else "not offered"
    if fate == "missing-field":
        del answer[field]
    if fate == "wrong-type":
        answer[field] = 7
    if fate == "too-many" and isinstance(answer[field], list):
        answer[field] = answer[field] * 1 + ["x%d" % n for n in range(40)]
    text = json.dumps(answer)
    if fate == "cut":
        text = text[: len(text) // 2]
    if fate == "empty":
        text = ""
    if fate == "not-json":
        text = "I am sorry, " + text
    body = {
        "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "length" if fate == "cut" else "stop"}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "prompt_tokens_details": {"cached_tokens": 60}},
    }
    return json.dumps({"hello": "world"} if fate == "not-chat" else body).encode()


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.split("content-length:")[1].split("\r\n")[0])
            body = await reader.readexactly(length)
            is_probe = b"test of a connection" in body
            fate = lots.choice(FAULTS) if not is_probe and lots.random() < share else "ok"
            if log:
                log.write(json.dumps({"sha256": hashlib.sha256(body).hexdigest(), "fate": fate}) + "\n")
            if fate == "drop":
                break
            if fate == "hang":
                await asyncio.sleep(5)
                break
            status = fate[:3] if fate[:3].isdigit() else "200"
            extra = ""
            if fate == "429":
                extra = "retry-after: 0.2\r\n"
            if fate == "429-date":
                extra = f"retry-after: {email.utils.formatdate(time.time(), usegmt=True)}\r\n"
            reply = chat(json.loads(body), fate) if status == "200" else b'{"error": {"code": 1}}'
            start = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(reply)}\r\n{extra}\r\n"
            if fate == "drop-within":
                writer.write(start.encode() + reply[: len(reply) // 2])
                await writer.drain()
                break
            writer.write(start.encode() + reply)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1 << 24)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


asyncio.run(main())
