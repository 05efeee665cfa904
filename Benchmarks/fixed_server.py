"""A model server that answers every request after a fixed time, for Benchmarks/client-throughput: usage: fixed_server.py MILLISECONDS.

The answer is the first thing that the schema allows. It is made once for each schema, so that the server is never what is slow. The first line of
output is the URL.
"""

import asyncio
import json
import sys

delay = float(sys.argv[1]) / 1000
answers: dict[bytes, bytes] = {}


def choice(schema: dict):
    if "enum" in schema:
        return schema["enum"][0]
    if schema["type"] == "array":
        return [choice(schema["items"])]
    if schema["type"] == "object":
        return {name: choice(part) for name, part in schema["properties"].items()}
    return "10" if "pattern" in schema else "because"


def reply(body: bytes) -> bytes:
    key = body[body.rindex(b'"json_schema"'):body.rindex(b'"temperature"')]
    if key not in answers:
        text = json.dumps(choice(json.loads(body)["response_format"]["json_schema"]["schema"]))
        answers[key] = json.dumps({
            "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": len(body) // 4, "completion_tokens": 20},
        }).encode()
    content = answers[key]
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(content) + content


class Connection(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.buffer = b""

    def data_received(self, data):
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.buffer[:end].lower()
        start = head.index(b"content-length:") + 15
        stop = head.find(b"\r\n", start)
        length = int(head[start:stop if stop > 0 else end])
        if len(self.buffer) < end + 4 + length:
            return
        body = self.buffer[end + 4:end + 4 + length]
        self.buffer = self.buffer[end + 4 + length:]
        asyncio.get_running_loop().call_later(delay, self.answer, body)

    def answer(self, body):
        if not self.transport.is_closing():
            self.transport.write(reply(body))


async def main():
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


asyncio.run(main())
