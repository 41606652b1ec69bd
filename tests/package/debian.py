"""A Debian with systemd of a test's own, in namespaces that end with it."""

import contextlib
import json
import os
import pathlib
import pty
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
SANDBOX = ["unshare", "--mount", "--pid", "--uts", "--ipc", "--net", "--cgroup", "--fork", "--kill-child=SIGKILL"]
# What a person meets after logging in.
ENVIRONMENT = ["env", "--ignore-environment", "LANG=C.UTF-8", "TERM=xterm", "PATH=/usr/local/bin:/usr/bin:/usr/sbin"]
PERSON = "newcomer"
LIMIT_SECONDS = 120


class Failed(Exception):
    """Something in the Debian is not as it should be."""


def why_not():
    """Why no Debian can be booted here, or None."""
    if os.uname().sysname != "Linux" or os.geteuid() != 0:
        return "it takes root on Linux"
    if not shutil.which("apt-get"):
        return "it takes Debian's apt"
    if not cgroup_mount():
        return "there is no cgroup2"
    try:
        with Cgroup():
            made = subprocess.run([*SANDBOX, "true"], capture_output=True, check=False).returncode == 0
    except OSError as error:
        return f"there can be no cgroup: {error}"
    return None if made else "namespaces cannot be made"


def cgroup_mount():
    for line in pathlib.Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, *_ = line.split()
        if kind == "cgroup2":
            return pathlib.Path(place)
    return None


class Cgroup:
    """A cgroup below this process's, in which systemd has those of its units."""

    def __enter__(self):
        lines = pathlib.Path("/proc/self/cgroup").read_text().splitlines()
        own = next(line[3:] for line in lines if line.startswith("0::"))
        self.path = cgroup_mount() / own.lstrip("/") / f"ebb-package-{os.getpid()}"
        self.path.mkdir()
        return self

    def enter(self):
        (self.path / "cgroup.procs").write_text("0")

    def __exit__(self, *_):
        for folder, _, _ in os.walk(self.path, topdown=False):
            # What was killed takes a moment to leave.
            until(f"{folder} is empty", lambda folder=folder: removed(folder))


def removed(folder):
    try:
        os.rmdir(folder)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def until(what, probe):
    """Waits until there is something, and returns it."""
    end = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < end:
        if found := probe():
            return found
        time.sleep(0.1)
    raise Failed(f"it did not come to this: {what}")


def expect(what, found, expected):
    if found != expected:
        raise Failed(f"{what}: {found!r}, not {expected!r}")


def script(*command):
    """What a script of the project prints last."""
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return printed.strip().splitlines()[-1] if printed.strip() else ""


def build():
    """As the tests are built: with others of the workspace's packages, the features of crates would be others."""
    selection = ["--locked", "--workspace", "--features", "ebb-validator-tests/validator"]
    subprocess.run(["cargo", "build", *selection, "--bin", "ebb", "--test", "cluster"], check=True)
    command = ["cargo", "metadata", "--no-deps", "--format-version", "1"]
    metadata = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return os.path.join(json.loads(metadata)["target_directory"], "debug", "ebb")


def run_check(name, check):
    """Runs a check with the program that the command line names, by default the one that the tests run, a folder and a stack.

    Where no Debian can be booted it ends with 69, as all scripts do that take what cannot be had here.
    """
    # So that what was started ends too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.chdir(REPOSITORY)
    if reason := why_not():
        print(f"{name}: left out: {reason}", flush=True)
        sys.exit(os.EX_UNAVAILABLE)
    ebb = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else build()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        try:
            check(ebb, folder, stack)
        except Failed as failure:
            sys.exit(f"{name}: {failure}")


class Debian:
    """A booted Debian, with further packages and without the units that are masked."""

    def __init__(self, folder, stack, packages=(), masked=()):
        self.root = pathlib.Path(folder) / "root"
        self.root.mkdir()
        archive = script(HERE / "root", *packages)
        subprocess.run(["tar", "--extract", "--file", archive, "--directory", self.root], check=True)
        for unit in masked:
            (self.root / "etc/systemd/system" / unit).symlink_to("/dev/null")
        # It need not outlive a power cut.
        (self.root / "etc/dpkg/dpkg.cfg.d/test").write_text("force-unsafe-io\n")
        cgroup = stack.enter_context(Cgroup())
        self.log = pathlib.Path(folder) / "boot.log"
        with open(self.log, "wb") as log:
            self.sandbox = subprocess.Popen(
                [*SANDBOX, HERE / "boot", self.root],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=cgroup.enter,
                start_new_session=True,
            )
        stack.callback(self.stop)
        self.init = until("systemd is there", self.find_init)
        self.until_started()
        self.run(f"useradd --create-home --shell /bin/bash {PERSON}")

    def until_started(self):
        try:
            until("the system has started", lambda: self.tries("systemctl is-system-running --wait") == "running")
        except Failed as failure:
            raise Failed(f"{failure}; units that failed:\n{self.tries('systemctl --failed --no-pager')}") from None

    def stop(self):
        self.sandbox.kill()
        self.sandbox.wait()

    def find_init(self):
        if self.sandbox.poll() is not None:
            raise Failed(f"it did not boot: {self.log.read_text(errors='replace')}")
        children = pathlib.Path(f"/proc/{self.sandbox.pid}/task/{self.sandbox.pid}/children").read_text().split()
        for child in children:
            with contextlib.suppress(OSError):
                if pathlib.Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                    return child
        return None

    def command(self, line, person=None):
        """What runs a line in a shell there: as root in the person's home, or as the person who has just logged in."""
        enter = ["nsenter", "--target", self.init, "--all"]
        if person:
            return [*enter, *ENVIRONMENT, "runuser", "--login", person, "--command", line]
        return [*enter, *ENVIRONMENT, "HOME=/root", "bash", "-c", f"cd /home/{PERSON} 2>/dev/null; {line}"]

    def tries(self, line, person=None):
        """What a line prints on stdout, whatever its exit code."""
        command = self.command(line, person)
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()

    def run(self, line, person=None, code=0):
        """What a line prints; fails if its exit code is another."""
        command = self.command(line, person)
        ran = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if ran.returncode != code:
            raise Failed(f"{line}\nended with {ran.returncode} and printed:\n{ran.stdout}")
        return ran.stdout.strip()

    def terminal(self, line, person):
        return Terminal(self.command(line, person))

    def files(self):
        """The files, by their paths, but for what is no package's to keep."""
        gone = ["dev", "proc", "run", "sys", "tmp", "home", "root", "var/cache", "var/lib/apt", "var/log"]
        skip = " -o ".join(f"-path /{path}" for path in gone)
        return set(self.run(rf"find / -xdev \( {skip} \) -prune -o -print").splitlines())


class Terminal:
    """A command at a terminal."""

    def __init__(self, command):
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
        os.close(slave)
        self.shown = ""
        # A command whose terminal nobody reads stands still.
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        # At the end a terminal fails.
        with contextlib.suppress(OSError):
            while some := os.read(self.master, 65536):
                self.shown += some.decode(errors="replace")

    def shows(self, text):
        """Waits until a text is shown."""
        try:
            until(f"{text!r} is shown", lambda: text in self.shown)
        except Failed as failure:
            raise Failed(f"{failure}; this is:\n{self.shown[-2000:]}") from None

    def types(self, text):
        os.write(self.master, text.encode())

    def ends(self):
        """Waits for the end of the command, which must succeed."""
        if code := self.process.wait(LIMIT_SECONDS):
            raise Failed(f"it ended with {code} and showed:\n{self.shown[-2000:]}")
        self.reader.join()
