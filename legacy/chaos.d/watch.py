# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Tablecloth authors
"""Where the addresses are, by the kernel of every node, and whether that is as it should be."""

import json
import os
import re
import subprocess
import threading
import time

INTERFACE = "eth1"
# A deviation that is shorter needs no reason: a move takes that long.
BRIEF_SECONDS = 1
# What is logged so much in front of a deviation or behind its end explains it.
EXPLAINING_SECONDS = 3
SETTLE_SECONDS = 120
STABLE_SECONDS = 5


class Log:
    """Lines with the seconds since the start."""

    def __init__(self):
        self.start = time.monotonic()
        self.lock = threading.Lock()

    def say(self, text):
        with self.lock:
            print(f"{time.monotonic() - self.start:9.2f}  {text}", flush=True)


class Deviation:
    """An address that was not on exactly one node for a while."""

    def __init__(self, address, holders, start):
        self.address, self.holders, self.start = address, holders, start
        self.wall_start = time.time()
        self.end = self.wall_end = None
        # Since when some node that nothing has touched could have hosted it.
        self.could_since = None
        self.is_reported = False

    def kind(self):
        return "double" if len(self.holders) > 1 else "uncovered"


class Watch:
    """Looks at all nodes, all the time."""

    def __init__(self, lab, log, options):
        self.lab, self.log = lab, log
        self.limits = {"double": options.double, "uncovered": options.uncovered}
        self.lock = threading.Lock()
        self.held = {node: set() for node in lab.nodes}
        self.touched = {node: 0.0 for node in lab.nodes}
        self.open, self.deviations, self.violations = {}, [], []
        self.monitors, self.threads = [], []
        self.is_over = False
        # Set when it makes no sense to go on.
        self.broken = False

    def start(self):
        for node in self.lab.nodes:
            monitor = subprocess.Popen(
                self.lab.words(node, "stdbuf", "-oL", "ip", "-o", "-4", "monitor", "address"),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                text=True)
            self.monitors.append(monitor)
            self.follow(self.listen, node, monitor)
        # What was there before the monitors were.
        time.sleep(0.5)
        for node in self.lab.nodes:
            listed = self.lab.on(node, "ip", "-o", "-4", "address", "show", "dev", INTERFACE)
            with self.lock:
                self.held[node] |= self.public(listed or "")
        self.follow(self.check)

    def follow(self, body, *words):
        thread = threading.Thread(target=body, args=words, daemon=True)
        thread.start()
        self.threads.append(thread)

    def public(self, text):
        return set(re.findall(r"inet ([0-9.]+)/", text)) & set(self.lab.addresses)

    def listen(self, node, monitor):
        for line in monitor.stdout:
            found = self.public(line)
            with self.lock:
                if line.startswith("Deleted"):
                    self.held[node] -= found
                else:
                    self.held[node] |= found

    def places(self):
        """All pairs of a node and an address that it has."""
        with self.lock:
            return {(node, address) for node in self.held for address in self.held[node]}

    def touch(self, node):
        """Something was done to a node, which may make it unable to host for a while."""
        with self.lock:
            self.touched[node] = time.monotonic()

    def whole_since(self):
        """Since when a node is there that nothing was done to."""
        return min(self.touched.values())

    # --- what must be true ---

    def check(self):
        while not self.is_over:
            with self.lock:
                now = time.monotonic()
                for address in self.lab.addresses:
                    holders = sorted(node for node in self.held if address in self.held[node])
                    self.judge(address, holders, now)
            time.sleep(0.05)

    def judge(self, address, holders, now):
        deviation = self.open.get(address)
        if len(holders) == 1 or (deviation and deviation.kind() != self.kind(holders)):
            if deviation:
                deviation.end, deviation.wall_end = now, time.time()
                del self.open[address]
                if now - deviation.start > BRIEF_SECONDS:
                    self.deviations.append(deviation)
                    self.log.say(f"deviation: {address} was {deviation.kind()}"
                                 f" {deviation.holders} for {now - deviation.start:.2f} s")
        if len(holders) == 1:
            return
        if address not in self.open:
            self.open[address] = Deviation(address, holders, now)
        deviation = self.open[address]
        deviation.holders = holders
        # An address can only be covered by a node that is whole; two nodes can always let go.
        start = deviation.start
        if deviation.kind() == "uncovered":
            start = max(start, self.whole_since())
        if now - start > self.limits[deviation.kind()] and not deviation.is_reported:
            deviation.is_reported = True
            self.violate(f"{address} is {deviation.kind()} {holders} for {now - start:.1f} s")

    @staticmethod
    def kind(holders):
        return "double" if len(holders) > 1 else "uncovered" if not holders else "single"

    def violate(self, text):
        self.violations.append(text)
        self.log.say(f"VIOLATION: {text}")

    # --- the end ---

    def settle(self):
        """After everything is healed each address is somewhere, and stays."""
        end = time.monotonic() + SETTLE_SECONDS
        since, last = None, None
        while time.monotonic() < end:
            places = self.places()
            is_good = sorted(address for _, address in places) == sorted(self.lab.addresses)
            if not is_good or places != last:
                since = time.monotonic() if is_good else None
            if since and time.monotonic() - since > STABLE_SECONDS:
                self.log.say("settled: each address is on one node")
                return
            last = places
            time.sleep(0.1)
        self.violate(f"not settled {SETTLE_SECONDS} s after everything was healed: "
                     f"{sorted(self.places())}")

    def stop(self):
        self.is_over = True
        for monitor in self.monitors:
            monitor.terminate()

    def explanations(self):
        """What the daemons noted of addresses: (time, address, text)."""
        found = []
        for node in self.lab.nodes:
            text = self.lab.on(node, os.path.join(self.lab.bin, "ctdb"), "ip", "history",
                               "--json")
            if text is None:
                self.violate(f"ctdb ip history does not answer on node {node}")
                continue
            for entry in json.loads(text).get("history", []):
                found.append((entry["time_milliseconds"] / 1000, entry["address"],
                              entry["reason"]))
        return found

    def report(self, chaos):
        if self.lab.stage != "legacy":
            notes = self.explanations()
            for deviation in self.deviations:
                first = deviation.wall_start - EXPLAINING_SECONDS
                last = deviation.wall_end + EXPLAINING_SECONDS
                reasons = [text for when, address, text in notes
                           if address == deviation.address and first <= when <= last and text]
                if not reasons:
                    self.violate(f"{deviation.address} was {deviation.kind()} for "
                                 f"{deviation.end - deviation.start:.2f} s, and nobody says why")
        longest = {}
        for deviation in self.deviations:
            length = deviation.end - deviation.start
            longest[deviation.kind()] = max(longest.get(deviation.kind(), 0), length)
        print("faults: " + ", ".join(f"{count} {kind}" for kind, count in
                                     sorted(chaos.counts.items())))
        print(f"deviations over {BRIEF_SECONDS} s: {len(self.deviations)}; longest: " +
              (", ".join(f"{kind} {length:.2f} s" for kind, length in sorted(longest.items()))
               or "none"))
        print(f"violations: {len(self.violations)}")
        return 1 if self.violations else 0
