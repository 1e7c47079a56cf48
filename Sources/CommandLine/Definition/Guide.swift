// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// What help and man pages tell of a noun besides its verbs.
struct Guide {
    /// A command line, and what it is for.
    struct Example {
        var line: String
        var meaning: String

        init(_ line: String, _ meaning: String) {
            self.line = line
            self.meaning = meaning
        }
    }

    /// What there is to know before one begins; paragraphs, with an empty line between two.
    var about = ""
    /// The first one is what most people want.
    var examples: [Example]

    /// The guide of a noun; none where the noun has none.
    static func of(_ noun: String) -> Guide? { all[noun] }

    private static let all: [String: Guide] = [
        "node": Guide(
            about: "A node that is disabled has no public addresses, and takes part in everything "
                + "else; one that is stopped or banned takes no part at all.",
            examples: [
                Example("ctdb node status", "ask all nodes how they are"),
                Example("ctdb node disable 2", "take its public addresses away from node 2"),
                Example("ctdb node enable 2", "and let it have some again"),
                Example("ctdb node show all --json", "all that nodes say of themselves, as JSON"),
                Example("ctdb node ban 300 1,2", "keep two nodes out for five minutes"),
            ]),
        "cluster": Guide(examples: [
            Example("ctdb cluster status", "the nodes, the leader, the recovery mode"),
            Example("ctdb cluster status --watch 1", "again every second, until Control-C"),
            Example("ctdb cluster lock", "whether all nodes have the same cluster lock"),
        ]),
        "ip": Guide(
            about: "Each node has a list of public addresses that it can have, and the leader "
                + "deals them out to nodes that are healthy. Where they have moved to ctdb-ipd "
                + "(ctdb-stage(1)), that daemon does, and answers what ctdbd was asked before.",
            examples: [
                Example("ctdb ip list --node all", "all addresses, and who has them"),
                Example("ctdb ip show 10.0.0.31", "the interfaces that an address can be on"),
                Example("ctdb ip move 10.0.0.31 1", "give an address to node 1"),
                Example("ctdb ip plan --algorithm all", "what the leader would move, and why"),
                Example("ctdb ip history --count 20", "what has moved, why, and how long it took"),
                Example("ctdb ip reallocate --nodes 0,2", "only these nodes can have addresses"),
                Example("ctdb ip connection add <FILE", "remember connections, one a line"),
            ]),
        "db": Guide(
            about: "Volatile databases are gone when no node runs any more; persistent and "
                + "replicated ones are on every node, and are changed in transactions.",
            examples: [
                Example("ctdb db list", "the databases"),
                Example("ctdb db key get secrets.tdb KEY", "a record"),
                Example("ctdb db backup secrets.tdb /var/tmp/backup", "its records into a file"),
                Example("ctdb db file dump /var/tmp/backup", "what is in such a file"),
                Example("ctdb db status --node all", "whether files are whole"),
            ]),
        "event": Guide(examples: [
            Example("ctdb event status", "how the scripts of the event monitor went"),
            Example("ctdb event script list", "the scripts, and which of them run"),
            Example("ctdb event script enable 50.samba", "have Samba managed"),
        ]),
        "service": Guide(examples: [
            Example("ctdb service status", "the services that are managed, and how they are"),
            Example("ctdb service list", "those that could be"),
        ]),
        "stage": Guide(
            about: "A function of ctdbd moves to a daemon of its own in steps, on some nodes "
                + "first: in shadow the daemon decides beside ctdbd, acts on nothing, and "
                + "differences are counted; native, it does the work, and ctdbd is held off by "
                + "means that run out by themselves; finalised, nothing of the old one is left. "
                + "Each step can be taken back at any time, without a restart.",
            examples: [
                Example("ctdb stage list", "every function on every node"),
                Example("ctdb stage prepare event --node 0 --dry-run", "what a step would do"),
                Example("ctdb stage prepare event --node 0", "legacy to shadow"),
                Example("ctdb stage report event", "what differed in shadow"),
                Example("ctdb stage verify event --node 0", "record that all is well"),
                Example("ctdb stage switch event --node 0", "shadow to native"),
                Example("ctdb stage reverse event --node 0", "and back"),
            ]),
        "tunable": Guide(examples: [
            Example("ctdb tunable check", "whether all nodes have the same values"),
            Example("ctdb tunable get MonitorInterval --node all", "one value on all nodes"),
            Example("ctdb tunable set MonitorInterval 30 --node all", "change it on all nodes"),
        ]),
        "log": Guide(examples: [
            Example("ctdb log level get --node all", "how much is logged"),
            Example("ctdb log level set INFO --node all", "log more"),
        ]),
        "statistics": Guide(examples: [
            Example("ctdb statistics show --watch 5", "the counters, every five seconds"),
            Example("ctdb statistics history 10", "those of the last ten intervals"),
        ]),
        "proxy": Guide(examples: [
            Example("ctdb proxy status", "whether the proxy runs, and reaches others"),
            Example("ctdb proxy peers", "how it stands with each node"),
        ]),
        "config": Guide(examples: [
            Example("ctdb config check", "what is wrong in the files of this node"),
            Example("ctdb config diff", "what is not the same on all nodes"),
            Example("ctdb config migrate --dry-run", "what old files would become"),
        ]),
        "capture": Guide(
            about: "What is said can be heard between nodes (--wire), between clients and ctdbd "
                + "(--relay), and between the daemons beside it (--processes). Files are pcapng: "
                + "Wireshark and tshark read them.",
            examples: [
                Example(
                    "ctdb capture start --seconds 60 /var/tmp/a.pcapng",
                    "record for a minute what nodes say to each other"),
                Example("ctdb capture status", "what is being recorded"),
                Example("ctdb capture stop", "end it"),
            ]),
        "version": Guide(examples: [
            Example("ctdb version show", "the version of this program"),
            Example("ctdb version list", "what runs on every node"),
        ]),
    ]
}
