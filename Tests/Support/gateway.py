"""Starts LiteLLM's proxy on a free port of 127.0.0.1, in front of a model server, for tests.

Usage: gateway.py URL

Serves the model `small` to whoever has the key sk-gateway. The first line of output is the URL, once
the proxy answers. Needs the package that scripts/setup puts into .litellm/.
"""

import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
folder = tempfile.mkdtemp()
config = pathlib.Path(folder, "config.yaml")
config.write_text(f"""
model_list:
  - model_name: small
    litellm_params: {{model: openai/small, api_base: "{sys.argv[1]}/v1", api_key: none, max_retries: 0}}
general_settings: {{master_key: sk-gateway}}
litellm_settings: {{num_retries: 0, telemetry: false}}
""")
os.environ |= {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "HOME": folder, "LITELLM_MODE": "PRODUCTION"}
program = pathlib.Path(sys.executable).parent / "litellm"
arguments = [str(program), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
# The proxy replaces this process, so that ending it ends the proxy. A child says when it answers.
if os.fork() == 0:
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/liveliness", timeout=1)
            print(f"http://127.0.0.1:{port}", flush=True)
            os._exit(0)
        except OSError:
            time.sleep(0.1)
    print("the gateway does not answer", flush=True)
    os._exit(1)
quiet = os.open(os.devnull, os.O_WRONLY)
os.dup2(quiet, 1)
os.dup2(quiet, 2)
os.execv(str(program), arguments)
