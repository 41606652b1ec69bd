#!/usr/bin/env python3
"""A site's controller, written against the service's OpenAPI document alone. Standard library only.

It keeps what the chain says of each device, and brings the world in line with it:

- the scheduler may place users on activated devices that are healthy, and on no others;
- a dead device is powered off by a hook, once for each report of its death;
- a dead or unhealthy device that is activated is drained with the operator's key, as far as holds and the disruption
  budget allow: a refused drain is tried again when a device of that location changes;
- a device that is retiring has its disk keys destroyed.

It acts on events and holds nothing that it could not read again: killed at any moment and started anew, it ends up with
the same. Where a step is done twice for that, the second finds it done.
"""

import argparse
import collections
import datetime
import http.client
import json
import os
import queue
import random
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

# A quiet stream sends a comment every 15 seconds.
SILENCE_SECONDS = 45
LONGEST_PAUSE_SECONDS = 30
# The command line's exit code where the program refuses.
REFUSED = 4


def log(**fields):
    print(json.dumps(fields), file=sys.stderr, flush=True)


class Stream:
    """Server-sent events of the devices, over any number of connections."""

    def __init__(self, server, token):
        self.server = server
        self.headers = {"Accept": "text/event-stream"}
        if token:
            self.headers["Authorization"] = f"Bearer {token}"
        self.position = None

    def events(self):
        """Yields (name, data) for ever. After `listing`, every device follows, then `listed`."""
        pause = 0.5
        while True:
            try:
                for event in self.connection():
                    pause = 0.5
                    yield event
            except (OSError, http.client.HTTPException) as error:
                if isinstance(error, urllib.error.HTTPError) and error.code == 410:
                    # The position is another server's, or too old.
                    self.position = None
                    continue
                log(server=self.server, error=str(error))
            time.sleep(pause * random.uniform(0.5, 1))
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def connection(self):
        path = "/api/v1/events" if self.position else "/api/v1/watch"
        request = urllib.request.Request(self.server + path, headers=self.headers)
        if self.position:
            request.add_header("Last-Event-ID", self.position)
        with urllib.request.urlopen(request, timeout=SILENCE_SECONDS) as response:
            if not self.position:
                yield "listing", None
            yield from self.parse(response)

    def parse(self, lines):
        name, data, position = None, [], None
        for line in lines:
            field, _, value = line.decode().rstrip("\r\n").partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                name = value
            elif field == "data":
                data.append(value)
            elif field == "id":
                position = value
            elif not field and not value and (name or data or position):
                if name == "resync":
                    self.position = None
                    return
                yield name, json.loads("\n".join(data)) if data else None
                # Only now, as what was not acted on has to come again.
                self.position = position or self.position
                name, data, position = None, [], None


class Scheduler:
    """A pretend scheduler: a file of the devices that users may be placed on."""

    def __init__(self, path):
        self.path = path
        self.codes = None

    def allocate(self, codes):
        if codes == self.codes:
            return
        folder = os.path.dirname(os.path.abspath(self.path))
        with tempfile.NamedTemporaryFile("w", dir=folder, delete=False) as file:
            json.dump(sorted(codes), file)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(file.name, self.path)
        self.codes = codes


class Worker(threading.Thread):
    """Does one step after another, each for the newest state of its device."""

    def __init__(self, act):
        super().__init__(daemon=True)
        self.act = act
        self.newest = {}
        self.codes = queue.Queue()
        self.lock = threading.Lock()

    def hand_over(self, device):
        with self.lock:
            is_waiting = device["code"] in self.newest
            self.newest[device["code"]] = device
        if not is_waiting:
            self.codes.put(device["code"])

    def run(self):
        while True:
            code = self.codes.get()
            with self.lock:
                device = self.newest.pop(code)
            try:
                self.act(device)
            except OSError as error:
                log(device=code, error=str(error))


class Controller:
    def __init__(self, options):
        self.options = options
        self.scheduler = Scheduler(options.schedule)
        self.devices = {}
        self.listed = None
        # By location: whose drain was refused, and how many events there were.
        self.refused = {}
        self.events = collections.Counter()
        self.powered_off = {}
        self.lock = threading.Lock()
        self.worker = Worker(self.act)

    def run(self, stream):
        self.worker.start()
        for name, data in stream.events():
            self.take(name, data)

    def take(self, name, data):
        if name == "listing":
            self.listed = set()
        elif name == "listed":
            # What is not in the list went while nobody listened.
            for code in set(self.devices) - self.listed:
                del self.devices[code]
            self.listed = None
        elif name == "removed":
            self.devices.pop(data["code"], None)
        elif name == "device":
            self.devices[data["code"]] = data
            if self.listed is not None:
                self.listed.add(data["code"])
            self.worker.hand_over(data)
            self.try_again(data["location"], data["code"])
        if self.listed is None:
            self.scheduler.allocate({code for code, device in self.devices.items() if may_take_users(device)})

    def try_again(self, location, code):
        """A device has changed, and with it perhaps what its location can spare."""
        with self.lock:
            self.events[location] += 1
            refused = self.refused.pop(location, set())
        for other in refused - {code}:
            if other in self.devices:
                self.worker.hand_over(self.devices[other])

    def act(self, device):
        if device["health"] == "dead":
            self.power_off(device)
        if device["health"] in ("dead", "unhealthy") and device["provisioning_status"] == "activated":
            self.drain(device)
        if device["provisioning_status"] == "retiring" and device["disk_keys"]:
            self.destroy_keys(device)

    def power_off(self, device):
        if not self.options.power_off:
            return
        death = [device["address"], device["contributor_address"], device["generation"], device["health_reported_at"]]
        if self.powered_off.get(device["code"]) == death:
            return
        environment = {**os.environ, "EBB_EVENT": "dead", "EBB_EVENT_ID": "/".join(map(str, death))}
        command = [self.options.power_off, device["code"]]
        if self.call(device, command, env=environment, input=json.dumps(device)).returncode == 0:
            self.powered_off[device["code"]] = death

    def drain(self, device):
        location, reason = device["location"], f"health: {device['health']}"
        events = self.events[location]
        command = ["device", "drain", device["code"], "--reason", reason, "--deadline", self.options.deadline]
        done = self.ebb(device, [*command, "--detach", "--keypair", self.options.operator])
        if done.returncode != REFUSED:
            return
        with self.lock:
            is_newer = self.events[location] != events
            if not is_newer:
                self.refused.setdefault(location, set()).add(device["code"])
        if is_newer:
            self.worker.hand_over(self.devices.get(device["code"], device))
        elif device["holds"]:
            # That one ends is no event.
            end = min(hold["expires_at"] for hold in device["holds"])
            end = datetime.datetime.fromisoformat(end.replace("Z", "+00:00"))
            wait = max(1, (end - datetime.datetime.now(datetime.timezone.utc)).total_seconds())
            timer = threading.Timer(wait, self.try_again, [location, None])
            timer.daemon = True
            timer.start()

    def destroy_keys(self, device):
        if not self.options.custodian:
            return
        command = ["disk-key", "destroy", device["code"], "--all", "--keypair", self.options.custodian]
        if self.options.identity:
            command += ["--identity", self.options.identity]
        self.ebb(device, command)

    def ebb(self, device, arguments):
        command = [self.options.ebb, "--url", self.options.url, "--yes", "--output", "json", *arguments]
        return self.call(device, command)

    def call(self, device, command, **how):
        done = subprocess.run(command, capture_output=True, text=True, check=False, **how)
        log(device=device["code"], command=command, exit=done.returncode, output=done.stdout, error=done.stderr)
        return done


def may_take_users(device):
    return device["provisioning_status"] == "activated" and device["health"] == "healthy"


def main():
    parser = argparse.ArgumentParser(description="Act on the health and the drains of a site's devices.")
    parser.add_argument("--server", required=True, help="where `ebb serve` listens, as http://127.0.0.1:8080")
    parser.add_argument("--token-file", help="file of the server's token")
    parser.add_argument("--url", required=True, help="ledger, as `ebb --url` takes it")
    parser.add_argument("--ebb", default="ebb", help="the command line")
    parser.add_argument("--operator", required=True, help="key file of who drains")
    parser.add_argument("--deadline", default="1h", help="how long users have to leave")
    parser.add_argument("--custodian", help="key file of the disk keys' custodian")
    parser.add_argument("--identity", help="file of the age identity that opens the key store")
    parser.add_argument("--schedule", required=True, help="file that lists the devices which take users")
    parser.add_argument("--power-off", help="program that powers the device off whose code it is given")
    options = parser.parse_args()
    token = None
    if options.token_file:
        with open(options.token_file, encoding="utf-8") as file:
            token = file.read().strip()
    server = options.server.rstrip("/")
    if urllib.parse.urlsplit(server).scheme not in ("http", "https"):
        parser.error(f"--server is a URL as in http://127.0.0.1:8080, not {options.server}")
    try:
        Controller(options).run(Stream(server, token))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
