#!/usr/bin/env python3
"""A site's controller, written against the service's OpenAPI document alone. Standard library only.

It keeps what the chain says of each device, and brings the world in line with it:

- the scheduler may place users on activated devices that are healthy, and on no others;
- a dead device is powered off by a hook, once for each report of its death;
- a dead or unhealthy device that is activated is drained with the operator's key, as far as the program allows: it
  refuses an unhealthy one that is held, or that the disruption budget needs;
- a device that is retiring has its disk keys destroyed.

What was refused or failed, or took too long and was killed, is tried again when a device of that location changes, and every
30 seconds. The key store and the program's id are those of the environment, EBB_KEY_STORE and EBB_PROGRAM_ID.

It acts on events and holds nothing that it could not read again: killed at any moment and started anew, it ends up with
the same. Where a step is done twice for that, the second finds it done. So it ends at a fault of its own, and whatever runs
it is to start it anew.

Servers may be behind each other, as their nodes are. What it has is never replaced by an older state: a list of an older
slot is refused, and the server is asked again. Where the ledger itself was made anew, start the controller anew too.
"""

import argparse
import contextlib
import http.client
import json
import os
import queue
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

# A quiet stream sends its position every 15 seconds.
SILENCE_SECONDS = 45
LONGEST_PAUSE_SECONDS = 30
# What follows these may hold a secret, as the URL of a provider holds its key.
SECRET_OPTIONS = ("--url", "--keypair", "--identity")
# The commands that run.
RUNNING = set()


def log(**fields):
    print(json.dumps(fields), file=sys.stderr, flush=True)


def without_secrets(command):
    """The command as it may be logged."""
    before = [None, *command]
    return ["***" if option in SECRET_OPTIONS else argument for option, argument in zip(before, command)]


def end_process(failure):
    """A thread that failed takes the others with it, as they would go on without its part."""
    threading.__excepthook__(failure)
    end_running()
    os._exit(1)


class OlderState(Exception):
    """A server lists a state that is older than one that was seen."""


class Stream:
    """Server-sent events of the devices, over any number of connections."""

    def __init__(self, server, token):
        self.server = server
        self.headers = {"Accept": "text/event-stream"}
        if token:
            self.headers["Authorization"] = f"Bearer {token}"
        self.position = None

    def follow(self, take):
        """Calls take(name, data) for ever. After `listing`, every device follows, then `listed`."""
        pause = 0.5
        while True:
            try:
                with contextlib.closing(self.connection()) as events:
                    for name, data in events:
                        take(name, data)
                        # A list that is refused again and again is asked for ever more seldom.
                        if self.position:
                            pause = 0.5
            except (OSError, http.client.HTTPException, OlderState) as error:
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
    """Does one step after another. A device that is handed over while it waits for its turn waits once."""

    def __init__(self, act):
        super().__init__(daemon=True)
        self.act = act
        self.codes = queue.Queue()
        self.waiting = set()
        self.lock = threading.Lock()

    def hand_over(self, code):
        with self.lock:
            if code not in self.waiting:
                self.waiting.add(code)
                self.codes.put(code)

    def run(self):
        while True:
            code = self.codes.get()
            with self.lock:
                self.waiting.remove(code)
            try:
                self.act(code)
            except (OSError, ValueError) as error:
                log(device=code, error=str(error))


class Controller:
    def __init__(self, options):
        self.options = options
        self.scheduler = Scheduler(options.schedule)
        self.devices = {}
        # While a list comes in, what it has so far.
        self.listed = None
        # The newest slot of which anything was seen.
        self.slot = 0
        self.powered_off = {}
        self.worker = Worker(self.act)

    def run(self, stream):
        self.worker.start()
        threading.Thread(target=self.go_over_all, daemon=True).start()
        stream.follow(self.take)

    def take(self, name, data):
        if name == "listing":
            self.listed = []
        elif name == "listed":
            self.take_list(data["slot"])
        elif name == "removed":
            self.devices.pop(data["code"], None)
        elif name == "device" and self.listed is not None:
            self.listed.append(data)
        elif name == "device" and self.take_device(data):
            self.hand_over_neighbors(data)
        if self.listed is None:
            self.scheduler.allocate({code for code, device in self.devices.items() if may_take_users(device)})

    def take_list(self, slot):
        """Nothing of a list counts before all of it is there and known not to be an old one."""
        if slot < self.slot:
            raise OlderState(f"the list is of slot {slot}, and what was seen is of slot {self.slot}")
        self.slot = slot
        # What is not in the list went while nobody listened.
        for code in set(self.devices) - {device["code"] for device in self.listed}:
            del self.devices[code]
        for device in self.listed:
            self.take_device(device)
        self.listed = None

    def take_device(self, device):
        """Returns whether the device is not older than what is known of it."""
        known = self.devices.get(device["code"])
        if known and is_older(device, known):
            return False
        self.slot = max(self.slot, device["status_changed_slot"])
        self.devices[device["code"]] = device
        self.worker.hand_over(device["code"])
        return True

    def hand_over_neighbors(self, changed):
        """What a location can spare may have changed with its device."""
        for code, device in self.devices.items():
            if device["location"] == changed["location"] and has_to_drain(device):
                self.worker.hand_over(code)

    def go_over_all(self):
        """Neither the end of a hold nor a new budget is an event of a device."""
        while True:
            time.sleep(self.options.round)
            for code in list(self.devices):
                self.worker.hand_over(code)

    def act(self, code):
        device = self.devices.get(code)
        if not device:
            return
        if device["health"] == "dead" and self.options.power_off:
            self.power_off(device)
        if has_to_drain(device):
            self.drain(device)
        if device["provisioning_status"] == "retiring" and device["disk_keys"] and self.options.custodian:
            self.destroy_keys(device)

    def power_off(self, device):
        death = [device["address"], device["contributor_address"], device["generation"], device["health_reported_at"]]
        if self.powered_off.get(device["code"]) == death:
            return
        environment = {**os.environ, "EBB_EVENT": "dead", "EBB_EVENT_ID": "/".join(map(str, death))}
        command = [self.options.power_off, device["code"]]
        if self.call(device, command, environment, json.dumps(device)) == 0:
            self.powered_off[device["code"]] = death

    def drain(self, device):
        command = ["device", "drain", device["code"], "--reason", f"health: {device['health']}"]
        command += ["--deadline", self.options.deadline, "--detach", "--keypair", self.options.operator]
        self.ebb(device, command)

    def destroy_keys(self, device):
        command = ["disk-key", "destroy", device["code"], "--all", "--keypair", self.options.custodian]
        if self.options.identity:
            command += ["--identity", self.options.identity]
        self.ebb(device, command)

    def ebb(self, device, arguments):
        options = ["--url", self.options.url, "--yes", "--output", "json-compact"]
        self.call(device, [self.options.ebb, *arguments, *options])

    def call(self, device, command, environment=None, text=""):
        """Runs a command and returns its exit code, or None if it took too long."""
        said = {"device": device["code"], "command": without_secrets(command)}
        try:
            status, output, error = run(command, environment, text, self.options.timeout)
        except subprocess.TimeoutExpired:
            log(**said, error=f"killed, as it took longer than {self.options.timeout:g} seconds")
            return None
        log(**said, exit=status, output=output, error=error)
        return status


def run(command, environment, text, timeout):
    """Runs a command to its end; past the timeout, kills it and all that it started."""
    pipe = subprocess.PIPE
    options = {"stdin": pipe, "stdout": pipe, "stderr": pipe, "text": True, "start_new_session": True}
    with subprocess.Popen(command, env=environment, **options) as process:
        RUNNING.add(process)
        try:
            output, error = process.communicate(text, timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        finally:
            RUNNING.discard(process)
    return process.returncode, output, error


def end_running():
    """Ends the commands that run, which no terminal's signal reaches."""
    for process in list(RUNNING):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)


def is_older(device, known):
    """An account counts its mutations; of another registration of the code, the slots say which came first."""
    registration = ("address", "contributor_address", "generation")
    is_same = all(device[key] == known[key] for key in registration)
    order = "sequence" if is_same else "status_changed_slot"
    return device[order] < known[order]


def may_take_users(device):
    return device["provisioning_status"] == "activated" and device["health"] == "healthy"


def has_to_drain(device):
    return device["provisioning_status"] == "activated" and device["health"] in ("dead", "unhealthy")


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
    parser.add_argument("--round", type=float, default=30, help="how often all devices are gone over, in seconds")
    parser.add_argument("--power-off", help="program that powers the device off whose code it is given")
    parser.add_argument("--timeout", type=float, default=120, help="how long a command may take, in seconds")
    options = parser.parse_args()
    token = None
    if options.token_file:
        with open(options.token_file, encoding="utf-8") as file:
            token = file.read().strip()
    server = options.server.rstrip("/")
    parts = urllib.parse.urlsplit(server)
    if parts.scheme not in ("http", "https") or "@" in parts.netloc:
        parser.error("--server is a URL as in http://127.0.0.1:8080; what the server asks for stands in --token-file")
    threading.excepthook = end_process
    try:
        Controller(options).run(Stream(server, token))
    except KeyboardInterrupt:
        end_running()
        sys.exit(130)


if __name__ == "__main__":
    main()
