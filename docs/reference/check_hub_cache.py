"""Checks that Python's huggingface_hub and this library share one cache, in either direction.

    python docs/reference/check_hub_cache.py MODEL java -jar t2v-examples/cli/target/t2v.jar

MODEL is a folder in diffusers layout with safetensors files; the rest is how to call the command line. A small
server plays the hub, since nothing is to be downloaded for a check. Needs huggingface_hub alone.
"""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

NAME = "org/checked-model"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def git_sha1(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class Hub(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    files = {}
    downloads = 0

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.answer(body=False)

    def do_GET(self):
        self.answer(body=True)

    def answer(self, body):
        path = unquote(self.path.split("?")[0])
        if path.startswith(f"/api/models/{NAME}/revision/"):
            siblings = [{"rfilename": name} for name in self.files]
            return self.send(json.dumps({"id": NAME, "sha": COMMIT, "siblings": siblings}).encode(), {}, body)
        if path.startswith(f"/api/models/{NAME}/tree/"):
            entries = [
                {"type": "file", "path": name, "size": len(content), "oid": git_sha1(content)}
                for name, content in self.files.items()
            ]
            return self.send(json.dumps(entries).encode(), {}, body)
        name = path.removeprefix(f"/{NAME}/resolve/").split("/", 1)[-1]
        if name not in self.files:
            self.send_response(404)
            self.send_header("X-Error-Code", "EntryNotFound")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        content = self.files[name]
        large = name.endswith(".safetensors")
        etag = hashlib.sha256(content).hexdigest() if large else git_sha1(content)
        Hub.downloads += body
        headers = {"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT}
        if large:
            headers |= {"X-Linked-Etag": f'"{etag}"', "X-Linked-Size": str(len(content))}
        self.send(content, headers, body)

    def send(self, content, headers, body):
        self.send_response(200)
        for header, value in headers.items():
            self.send_header(header, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if body:
            self.wfile.write(content)


def tree(cache):
    """What the cache holds: links with their targets, other files with their content's digest."""
    root = pathlib.Path(cache) / ("models--" + NAME.replace("/", "--"))
    found = {}
    for folder in ("blobs", "refs", "snapshots"):
        for path in sorted((root / folder).rglob("*")):
            if path.is_symlink():
                found[str(path.relative_to(root))] = os.readlink(path)
            elif path.is_file():
                found[str(path.relative_to(root))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def main():
    model, command = pathlib.Path(sys.argv[1]), sys.argv[2:]
    Hub.files = {
        str(path.relative_to(model)): path.read_bytes() for path in sorted(model.rglob("*")) if path.is_file()
    }
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    os.environ |= {"HF_ENDPOINT": endpoint, "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    os.environ.pop("HF_HUB_OFFLINE", None)
    from huggingface_hub import snapshot_download

    def java(*arguments, cache):
        call = [*command, *arguments, "--cache", cache, "--endpoint", endpoint]
        return subprocess.run(call, check=True, capture_output=True, text=True).stdout.strip()

    with tempfile.TemporaryDirectory() as pythons, tempfile.TemporaryDirectory() as javas:
        theirs = snapshot_download(NAME, cache_dir=pythons)
        assert java("download", NAME, "--offline", "-q", cache=pythons) == theirs
        before = Hub.downloads
        assert java("download", NAME, "-q", cache=pythons) == theirs
        assert Hub.downloads == before, "files that Python had downloaded were downloaded again"

        ours = java("download", NAME, "-q", cache=javas)
        assert snapshot_download(NAME, cache_dir=javas, local_files_only=True) == ours
        before = Hub.downloads
        assert snapshot_download(NAME, cache_dir=javas) == ours
        extra = set(tree(pythons)) - set(tree(javas))
        assert Hub.downloads == before or extra, "files that Java had downloaded were downloaded again"
        assert tree(pythons) == tree(javas), "the caches differ"
    print(f"{len(Hub.files)} files, one cache: Python reads Java's, and Java reads Python's")


main()
