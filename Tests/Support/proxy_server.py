"""A web proxy, for tests: relays plain requests that name the whole address, and opens tunnels.

Usage: proxy_server.py LOG [USER:PASSWORD]

LOG gets a line for each request: its method and its target. The first line of output is the URL.
"""

import base64
import http.client
import http.server
import select
import socket
import sys
import urllib.parse

log = sys.argv[1]
login = sys.argv[2] if len(sys.argv) > 2 else None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def is_welcome(self) -> bool:
        with open(log, "a") as lines:
            lines.write(f"{self.command} {self.path}\n")
        wanted = login and "Basic " + base64.b64encode(login.encode()).decode()
        if wanted and self.headers.get("proxy-authorization") != wanted:
            self.send_response(407)
            self.send_header("content-length", "0")
            self.end_headers()
            return False
        return True

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if not self.is_welcome():
            return
        target = urllib.parse.urlsplit(self.path)
        if target.scheme != "http":
            return self.send_error(400)
        server = http.client.HTTPConnection(target.netloc)
        path = target.path + (f"?{target.query}" if target.query else "")
        kept = {name: value for name, value in self.headers.items() if not name.lower().startswith("proxy-")}
        server.request("POST", path, body, kept)
        reply = server.getresponse()
        content = reply.read()
        self.send_response(reply.status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_CONNECT(self):
        if not self.is_welcome():
            return
        host, port = self.path.split(":")
        with socket.create_connection((host, int(port))) as server:
            self.send_response(200)
            self.end_headers()
            ends = [self.connection, server]
            while True:
                for end in select.select(ends, [], [])[0]:
                    data = end.recv(65536)
                    if not data:
                        self.close_connection = True
                        return
                    (server if end is self.connection else self.connection).sendall(data)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
server.serve_forever()
