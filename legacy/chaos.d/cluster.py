# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Tablecloth authors
"""A laboratory, and the daemons beside ctdbd, which are started anew when they end."""

import os
import signal
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LAB = os.path.join(HERE, "..", "lab")
# As systemd does it with Restart=always.
RESTART_SECONDS = 1
DAEMONS = {"proxy": "ctdb-proxyd", "event": "ctdb-eventd", "cluster": "ctdb-clusterd",
           "ip": "ctdb-ipd"}
OPTIONS = {"event": ["--service"]}


class Trouble(Exception):
    """What makes the whole run impossible."""


class Daemon:
    """A program on a node that is started again until it is stopped."""

    def __init__(self, lab, node, program, options, log):
        self.lab, self.node, self.program, self.log = lab, node, program, log
        self.options = options
        self.process = None
        self.is_over = False
        self.thread = threading.Thread(target=self.keep, daemon=True)
        self.thread.start()

    def keep(self):
        while not self.is_over:
            with open(self.log, "ab") as out:
                self.process = subprocess.Popen(
                    self.lab.words(self.node, os.path.join(self.lab.bin, self.program),
                                   *self.options),
                    stdin=subprocess.DEVNULL, stdout=out, stderr=out)
            self.process.wait()
            if not self.is_over:
                time.sleep(RESTART_SECONDS)

    def signal(self, number):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)

    def stop(self):
        self.is_over = True
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)


class Cluster:
    """The laboratory."""

    def __init__(self, options):
        self.name, self.count, self.stage = options.lab, options.nodes, options.stage
        self.address_count = options.addresses
        self.bin = os.path.realpath(options.bin)
        self.nodes = range(self.count)
        self.daemons = {}
        self.is_up = False

    def lab(self, *words, check=True, timeout=240):
        """Runs a command of the laboratory, and gives its output."""
        done = subprocess.run((LAB, "--name", self.name) + tuple(map(str, words)),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=timeout)
        if check and done.returncode != 0:
            raise Trouble(f"lab {' '.join(map(str, words))}: {done.stdout}{done.stderr}")
        return done.stdout

    def words(self, node, *command):
        """The command line of a program on a node."""
        return (LAB, "--name", self.name, "exec", str(node)) + tuple(map(str, command))

    def on(self, node, *command, timeout=20):
        """Runs a program on a node; None when it does not end in time or fails."""
        try:
            done = subprocess.run(self.words(node, *command), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  timeout=timeout)
        except subprocess.TimeoutExpired:
            return None
        return done.stdout if done.returncode == 0 else None

    def up(self):
        for program in ["ctdb"] + (list(DAEMONS.values()) if self.stage != "legacy" else []):
            if not os.access(os.path.join(self.bin, program), os.X_OK):
                raise Trouble(f"missing: {self.bin}/{program} (make release)")
        self.is_up = True
        self.lab("up", self.count, "--addresses", self.address_count)
        self.folder = os.path.dirname(self.lab("path", 0, "etc").strip())
        self.folder = os.path.dirname(self.folder)
        with open(os.path.join(self.folder, "node0", "etc", "public_addresses")) as lines:
            self.addresses = [line.split("/")[0] for line in lines if line.strip()]
        if self.stage == "legacy":
            return
        for node in self.nodes:
            for kind, program in DAEMONS.items():
                log = os.path.join(self.folder, f"node{node}", "log", f"{program}.log")
                self.daemons[node, kind] = Daemon(
                    self, node, program, OPTIONS.get(kind, []), log)
        self.walk()

    def walk(self):
        """Brings the address function to its stage, as an administrator would."""
        if self.stage == "finalised":
            self.reach("event", "native")
        self.reach("ip", self.stage)

    def reach(self, function, stage):
        for step, there in (("prepare", "shadow"), ("verify", "shadow"), ("switch", "native"),
                            ("verify", "native"), ("complete", "finalised")):
            self.patiently(step, function, there)
            if there == stage and step != "verify":
                return

    def patiently(self, step, function, there, limit=180):
        """Takes a step, and waits until it is in effect."""
        end = time.monotonic() + limit
        said, is_done = "", False
        while time.monotonic() < end:
            if not is_done:
                said = self.say("stage", step, function)
                is_done = "done      yes" in said
                # A verification needs a takeover run to compare.
                if not is_done and step == "verify":
                    self.on(0, "ctdb", "ipreallocate")
            else:
                said = self.say("stage", "list", "--porcelain")
                rows = [line.split("\t") for line in said.splitlines()]
                rows = [row for row in rows if row[:2] == ["stages", function]]
                if len(rows) == self.count and all(row[3:5] == [there, there] for row in rows):
                    return
            time.sleep(0.5)
        raise Trouble(f"ctdb stage {step} {function}: {said}")

    def say(self, *words):
        try:
            done = subprocess.run(
                self.words(0, os.path.join(self.bin, "ctdb"), *words),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                text=True, timeout=60)
        except subprocess.TimeoutExpired:
            return "no answer"
        return done.stdout

    def down(self):
        for daemon in self.daemons.values():
            daemon.stop()
        if self.is_up:
            self.is_up = False
            print(self.lab("down", check=False), end="", file=sys.stderr)
