# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Tablecloth authors
"""What is broken, and how it is mended: chosen by a seed."""

import signal
import threading
import time

INTERFACE = "eth1"


class Fault:
    """Something that is broken until it is mended."""

    def __init__(self, what, node, until, mend):
        self.what, self.node, self.until, self.mend = what, node, until, mend


class Faults:
    """Breaks one thing after the other; so many are broken at a time that one node is whole."""

    def __init__(self, lab, eyes, log, random):
        self.lab, self.eyes, self.log, self.random = lab, eyes, log, random
        self.open = []
        self.counts = {}
        kinds = [self.cut, self.disable, self.kill_ctdbd, self.pause_ctdbd, self.delete_by_hand,
                 self.delete_by_hand, self.add_by_hand, self.stop_ctdbd]
        if lab.daemons:
            kinds += [self.kill_daemon, self.kill_daemon, self.pause_daemon, self.pause_daemon]
        self.kinds = kinds

    def step(self):
        """Mends what is due, breaks something, and waits a little."""
        now = time.monotonic()
        for fault in [fault for fault in self.open if fault.until <= now]:
            self.mend(fault)
        kind = self.random.choice(self.kinds)
        node = self.random.choice(list(self.lab.nodes))
        length = self.random.uniform(0.5, 12)
        pause = self.random.uniform(0.2, 5)
        touched = {fault.node for fault in self.open if fault.until > 0}
        # One fault at a time for a node, and always a node that is whole.
        if node not in touched and len(touched) < self.lab.count - 1:
            kind(node, length)
        self.wait(pause)

    def wait(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.eyes.broken:
            due = [fault for fault in self.open if fault.until <= time.monotonic()]
            for fault in due:
                self.mend(fault)
            time.sleep(0.05)

    def begin(self, what, node, length, mend):
        name = what.split()[0]
        self.counts[name] = self.counts.get(name, 0) + 1
        self.log.say(f"fault: {what} on node {node}" + (f" for {length:.1f} s" if length else ""))
        self.eyes.touch(node)
        if mend:
            self.open.append(Fault(what, node, time.monotonic() + length, mend))

    def mend(self, fault):
        self.open.remove(fault)
        fault.mend()
        self.eyes.touch(fault.node)
        self.log.say(f"mended: {fault.what} on node {fault.node}")

    def heal_all(self):
        for fault in list(self.open):
            self.mend(fault)

    # --- the faults ---

    def cut(self, node, length):
        network = self.random.choice(["private", "public", ""])
        words = (node, network) if network else (node,)
        self.begin(f"cut {network or 'both'}", node, length,
                   lambda: self.lab.lab("heal", *words, check=False))
        self.lab.lab("cut", *words)

    def disable(self, node, length):
        self.begin("disable", node, length,
                   lambda: self.later(node, "ctdb", "enable", tries=10))
        self.later(node, "ctdb", "disable")

    def kill_ctdbd(self, node, length):
        self.begin("kill ctdbd", node, length, lambda: self.lab.lab("start", node, check=False))
        self.lab.lab("kill", node, check=False)

    def stop_ctdbd(self, node, length):
        self.begin("shutdown ctdbd", node, length,
                   lambda: self.lab.lab("start", node, check=False))
        self.later(node, "ctdb", "shutdown")

    def pause_ctdbd(self, node, length):
        self.begin("pause ctdbd", node, length,
                   lambda: self.lab.lab("resume", node, check=False))
        self.lab.lab("pause", node, check=False)

    def kill_daemon(self, node, length):
        kind = self.random.choice(["ip", "ip", "proxy", "cluster", "event"])
        self.begin(f"kill {kind} daemon", node, 0, None)
        self.lab.daemons[node, kind].signal(signal.SIGKILL)

    def pause_daemon(self, node, length):
        kind = self.random.choice(["ip", "ip", "proxy", "cluster", "event"])
        daemon = self.lab.daemons[node, kind]
        self.begin(f"pause {kind} daemon", node, length,
                   lambda: daemon.signal(signal.SIGCONT))
        daemon.signal(signal.SIGSTOP)

    def delete_by_hand(self, node, length):
        places = [(node, address) for node, address in self.eyes.places()]
        if not places:
            return
        place, address = self.random.choice(sorted(places))
        self.begin(f"delete {address} by hand", place, 0, None)
        self.lab.on(place, "ip", "address", "del", f"{address}/24", "dev", INTERFACE)

    def add_by_hand(self, node, length):
        address = self.random.choice(self.lab.addresses)
        if (node, address) in self.eyes.places():
            return
        self.begin(f"add {address} by hand", node, 0, None)
        self.lab.on(node, "ip", "address", "add", f"{address}/24", "dev", INTERFACE)

    def later(self, node, *command, tries=1):
        """A command of ctdb may wait for nodes that cannot answer: nothing waits for it here."""
        def body():
            for _ in range(tries):
                if self.lab.on(node, *command) is not None:
                    return
                time.sleep(0.5)
        threading.Thread(target=body, daemon=True).start()
