-- SPDX-License-Identifier: GPL-3.0-or-later
-- SPDX-FileCopyrightText: The Tablecloth authors
--
-- The new protocol for Wireshark and tshark: frames that were datagrams of their own, as `ctdb capture`
-- records them, and frames inside of messages between nodes.
--
-- Put it into the folder of personal Lua plugins, or: tshark -X lua_script:tablecloth.lua -r FILE
--
-- xdrgen puts the definitions of the .x files where a line says so; change those, not the copy.

local tablecloth = Proto("tablecloth", "Tablecloth")
local C, E, F, T = {}, {}, {}, {}

-- Reads from a part of a packet, and adds what it reads to a tree.
local Reader = {}
Reader.__index = Reader

local function reader(tvb, at, count)
    return setmetatable({tvb = tvb, at = at, stop = at + count}, Reader)
end

function Reader:fail(what)
    error({what = what, at = self.at}, 0)
end

function Reader:take(count)
    if count < 0 or self.at + count > self.stop then self:fail(count .. " bytes") end
    local range = self.tvb(self.at, count)
    self.at = self.at + count
    return range
end

function Reader:number(tree, place, count, value)
    local range = self:take(count)
    if place then tree:add(F[place], range) end
    return range[value](range)
end

function Reader:uint32(tree, place) return self:number(tree, place, 4, "uint") end
function Reader:int32(tree, place) return self:number(tree, place, 4, "int") end
function Reader:uint64(tree, place) return self:number(tree, place, 8, "uint64") end
function Reader:int64(tree, place) return self:number(tree, place, 8, "int64") end
function Reader:float(tree, place) return self:number(tree, place, 4, "float") end
function Reader:double(tree, place) return self:number(tree, place, 8, "float") end
function Reader:bool(tree, place) return self:uint32(tree, place) ~= 0 end
function Reader:enum(tree, place) return self:int32(tree, place) end

-- Bytes and what pads them to four; without a count, that is in front of them.
function Reader:bytes(count)
    count = count or self:take(4):uint()
    if count == 0 then return nil end
    local range = self:take(count)
    self:pad(count)
    return range
end

function Reader:pad(count)
    local padding = (4 - count % 4) % 4
    if padding > 0 then self:take(padding) end
end

function Reader:opaque(tree, place, count)
    local range = self:bytes(count)
    if range then tree:add(F[place], range) end
    return range
end

function Reader:text(tree, place)
    local range = self:bytes(nil)
    if not range then return "" end
    tree:add(F[place], range)
    return range:string()
end

-- A part with a line of its own.
function Reader:sub(tree, label, read)
    local start = self.at
    local item = tree:add(tablecloth, self.tvb(start, self.stop - start), label)
    local value = read(self, item)
    item:set_len(self.at - start)
    return value
end

function Reader:list(tree, label, count, read)
    count = count or self:take(4):uint()
    -- Whatever the packet says: each element takes four bytes at least.
    if count * 4 > self.stop - self.at then self:fail(count .. " of " .. label) end
    local values = {}
    for index = 1, count do values[index] = read(tree) end
    return values
end

function Reader:optional(tree, label, read)
    if self:take(4):uint() == 0 then return nil end
    return read(tree)
end

C.SERVICE_NONE = 0
C.SERVICE_PROXY = 1
C.SERVICE_CLUSTER = 2
C.SERVICE_ADDRESS = 3
C.SERVICE_SERVICES = 4
C.SERVICE_EVENT = 5
C.SERVICE_DATABASE = 6
C.SERVICE_CLIENT = 7
C.SERVICE_ECHO = 8
C.CLUSTER_CHANGE = 1
C.CLUSTER_CALLBACKS = 2
C.CLUSTER_STATES = 3
C.CHANGE_NAME_LIMIT = 256
C.CHANGE_VALUE_LIMIT = 1024
C.CHANGE_DETAILS_LIMIT = 32
C.CALLBACK_OUTPUT_LIMIT = 4096
C.SAVED_STATES_MAGIC = 1413698390
C.SAVED_STATES_VERSION = 1
C.EVENT_RUN = 1
C.EVENT_STATUS = 2
C.EVENT_SCRIPTS = 3
C.EVENT_CHANGE_SCRIPT = 4
C.EVENT_COMPONENTS = 5
C.EVENT_ANSWERING = 6
C.EVENT_NAME_LIMIT = 255
C.EVENT_WORD_LIMIT = 65536
C.EVENT_WORDS_LIMIT = 1024
C.EVENT_SCRIPTS_LIMIT = 4096
C.EVENT_OUTPUT_LIMIT = 16777216
C.FRAME_MAGIC = 1413696582
C.CURRENT_VERSION = 65536
C.FRAME_HEADER_BYTES = 80
C.FRAME_LIMIT = 196608
C.FRAME_OUTCOMES_LIMIT = 512
C.FRAME_HELLO = 1
C.FRAME_RESENT = 2
C.FRAME_GAP = 4
C.FRAME_PROBE = 8
C.FRAME_BYE = 16
C.OUTCOME_POSSIBLY_DELIVERED = 1
C.SOFTWARE_NAME_LIMIT = 64
C.IP_CONTROL = 1
C.IP_STATUS = 2
C.IP_REALLOCATE = 3
C.IP_HISTORY = 4
C.IP_CONNECTIONS = 5
C.IP_COORDINATOR = 6
C.IP_DATA_LIMIT = 16777216
C.IP_TEXT_LIMIT = 512
C.IP_NODES_LIMIT = 4096
C.IP_HISTORY_LIMIT = 20000
C.IP_LINE_LIMIT = 4096
C.IP_CONNECTIONS_LIMIT = 65536
C.PACKET_MAGIC = 1413696592
C.PACKET_HEADER_BYTES = 88
C.PACKET_PAYLOAD_LIMIT = 65536
C.MESSAGE_LIMIT = 268435456
C.PACKET_URGENT = 1
C.PACKET_PROMPT = 2
C.STREAM_NAME_LIMIT = 255
C.REFUSAL_TEXT_LIMIT = 1024
C.PROXY_PING = 1
C.PROXY_COUNTERS = 2
C.PROXY_PEERS = 3
C.PROXY_VERSIONS = 4
C.COUNTER_NAME_LIMIT = 64
C.COUNTERS_LIMIT = 256
C.PEERS_LIMIT = 4096
C.RECORD_START = 1101
C.RECORD_NAME_LIMIT = 64
C.RECORD_MAGIC = 1413696594
C.RECORD_FRONT_BYTES = 44
C.STAGE_STATUS = 1001
C.STAGE_REPORT = 1002
C.STAGE_CHANGED = 1003
C.STAGE_LATER_LIMIT = 4096
C.STAGE_TEXT_LIMIT = 512
C.STAGE_NAME_LIMIT = 256
C.STAGE_FIELDS_LIMIT = 256
C.STAGE_EXAMPLES_LIMIT = 16
C.STAGE_VALUE_LIMIT = 4096
C.STAGE_INPUT_LIMIT = 65536
C.STAGE_RECORD_MAGIC = 1413698388
C.STAGE_RECORD_VERSION = 1
C.STAGE_ENTRIES_LIMIT = 20480
C.STAGE_LOG_LIMIT = 512
C.STAGE_NODES_LIMIT = 4096
C.STAGE_WHO_LIMIT = 128
E.change_topic = {
    [1] = "TOPIC_NODE",
    [2] = "TOPIC_LEADER",
    [3] = "TOPIC_ADDRESS",
    [4] = "TOPIC_SERVICE",
    [5] = "TOPIC_STAGE",
}
E.callback_state = {
    [0] = "CALLBACK_WAITING",
    [1] = "CALLBACK_RUNNING",
    [2] = "CALLBACK_DONE",
    [3] = "CALLBACK_RETRYING",
    [4] = "CALLBACK_GIVEN_UP",
}
E.event_runner = {
    [0] = "RUNNER_LEGACY",
    [1] = "RUNNER_BORROWED",
    [2] = "RUNNER_OWN",
}
E.outcome_code = {
    [0] = "OUTCOME_CONSUMED",
    [1] = "OUTCOME_NO_SUCH_NODE",
    [2] = "OUTCOME_NO_PROXY",
    [3] = "OUTCOME_NODE_GONE",
    [4] = "OUTCOME_NO_SUCH_SERVICE",
    [5] = "OUTCOME_SERVICE_GONE",
    [6] = "OUTCOME_TOO_OLD",
    [7] = "OUTCOME_QUEUE_FULL",
    [8] = "OUTCOME_DEADLINE_PASSED",
    [9] = "OUTCOME_TOO_LARGE",
    [10] = "OUTCOME_NO_MEMORY",
    [11] = "OUTCOME_CORRUPT",
    [12] = "OUTCOME_NOT_PERMITTED",
    [13] = "OUTCOME_SHUTTING_DOWN",
    [14] = "OUTCOME_PROXY_GONE",
    [15] = "OUTCOME_REACHED",
}
E.packet_kind = {
    [1] = "PACKET_MESSAGE",
    [2] = "PACKET_REQUEST",
    [3] = "PACKET_REPLY",
    [4] = "PACKET_REFUSAL",
    [5] = "PACKET_STREAM_OPEN",
    [6] = "PACKET_STREAM_DATA",
    [7] = "PACKET_STREAM_CREDIT",
    [8] = "PACKET_STREAM_END",
}
E.stream_result = {
    [0] = "STREAM_COMPLETE",
    [1] = "STREAM_ABORTED",
    [2] = "STREAM_REFUSED",
}
E.refusal_code = {
    [1] = "REFUSAL_UNKNOWN_PROCEDURE",
    [2] = "REFUSAL_BAD_PAYLOAD",
    [3] = "REFUSAL_NOT_PERMITTED",
    [4] = "REFUSAL_FAILED",
}
E.peer_state = {
    [0] = "PEER_DISCONNECTED",
    [1] = "PEER_CONNECTED_WITHOUT_PROXY",
    [2] = "PEER_GREETING",
    [3] = "PEER_UP",
    [4] = "PEER_TOO_OLD",
    [5] = "PEER_SELF",
}
E.record_kind = {
    [0] = "RECORD_SELF",
    [1] = "RECORD_FRAME_IN",
    [2] = "RECORD_FRAME_OUT",
    [3] = "RECORD_LEGACY_IN",
    [4] = "RECORD_LEGACY_OUT",
}
E.cluster_function = {
    [1] = "FUNCTION_EVENT",
    [2] = "FUNCTION_IP",
    [3] = "FUNCTION_SERVICE",
    [4] = "FUNCTION_CLUSTER",
    [5] = "FUNCTION_DATABASE",
}
E.stage = {
    [0] = "STAGE_LEGACY",
    [1] = "STAGE_SHADOW",
    [2] = "STAGE_NATIVE",
    [3] = "STAGE_FINALISED",
}
E.fitness = {
    [0] = "FITNESS_STARTING",
    [1] = "FITNESS_FIT",
    [2] = "FITNESS_UNFIT",
}
T.address = function(r, tree)
    local v = {}
    v["node"] = r:uint32(tree, "address.node")
    v["service"] = r:uint32(tree, "address.service")
    v["instance"] = r:uint64(tree, "address.instance")
    return v
end
T.change_detail = function(r, tree)
    local v = {}
    v["name"] = r:text(tree, "change_detail.name")
    v["value"] = r:text(tree, "change_detail.value")
    return v
end
T.state_change = function(r, tree)
    local v = {}
    v["topic"] = r:enum(tree, "state_change.topic", E.change_topic)
    v["subject"] = r:text(tree, "state_change.subject")
    v["state"] = r:text(tree, "state_change.state")
    v["time"] = r:uint64(tree, "state_change.time")
    v["details"] = r:list(tree, "details", nil, function(tree) return r:sub(tree, "details", T.change_detail) end)
    return v
end
T.callback_status = function(r, tree)
    local v = {}
    v["name"] = r:text(tree, "callback_status.name")
    v["topic"] = r:enum(tree, "callback_status.topic", E.change_topic)
    v["subject"] = r:text(tree, "callback_status.subject")
    v["told"] = r:text(tree, "callback_status.told")
    v["state"] = r:enum(tree, "callback_status.state", E.callback_state)
    v["failures"] = r:uint32(tree, "callback_status.failures")
    v["runs"] = r:uint64(tree, "callback_status.runs")
    v["passed_over"] = r:uint64(tree, "callback_status.passed_over")
    v["ended"] = r:uint64(tree, "callback_status.ended")
    v["problem"] = r:text(tree, "callback_status.problem")
    v["output"] = r:opaque(tree, "callback_status.output", nil)
    return v
end
T.callback_entry = function(r, tree)
    local v = {}
    v["name"] = r:text(tree, "callback_entry.name")
    v["program"] = r:text(tree, "callback_entry.program")
    v["topics"] = r:list(tree, "topics", nil, function(tree) return r:enum(tree, "callback_entry.topics", E.change_topic) end)
    v["timeout_milliseconds"] = r:uint32(tree, "callback_entry.timeout_milliseconds")
    return v
end
T.callbacks_reply = function(r, tree)
    local v = {}
    v["callbacks"] = r:list(tree, "callbacks", nil, function(tree) return r:sub(tree, "callbacks", T.callback_entry) end)
    v["statuses"] = r:list(tree, "statuses", nil, function(tree) return r:sub(tree, "statuses", T.callback_status) end)
    return v
end
T.states_reply = function(r, tree)
    local v = {}
    v["states"] = r:list(tree, "states", nil, function(tree) return r:sub(tree, "states", T.state_change) end)
    return v
end
T.saved_state = function(r, tree)
    local v = {}
    v["change"] = r:sub(tree, "change", T.state_change)
    v["told"] = r:list(tree, "told", nil, function(tree) return r:text(tree, "saved_state.told") end)
    return v
end
T.saved_states = function(r, tree)
    local v = {}
    v["magic"] = r:uint32(tree, "saved_states.magic")
    v["version"] = r:uint32(tree, "saved_states.version")
    v["states"] = r:list(tree, "states", nil, function(tree) return r:sub(tree, "states", T.saved_state) end)
    return v
end
T.event_component = function(r, tree)
    local v = {}
    v["name"] = r:opaque(tree, "event_component.name", nil)
    return v
end
T.event_name = function(r, tree)
    local v = {}
    v["component"] = r:opaque(tree, "event_name.component", nil)
    v["event"] = r:opaque(tree, "event_name.event", nil)
    return v
end
T.event_word = function(r, tree)
    local v = {}
    v["bytes"] = r:opaque(tree, "event_word.bytes", nil)
    return v
end
T.event_run = function(r, tree)
    local v = {}
    v["name"] = r:sub(tree, "name", T.event_name)
    v["words"] = r:list(tree, "words", nil, function(tree) return r:sub(tree, "words", T.event_word) end)
    v["timeout_seconds"] = r:uint32(tree, "event_run.timeout_seconds")
    v["run_all"] = r:bool(tree, "event_run.run_all")
    return v
end
T.event_result = function(r, tree)
    local v = {}
    v["result"] = r:int32(tree, "event_result.result")
    return v
end
T.script_outcome = function(r, tree)
    local v = {}
    v["name"] = r:opaque(tree, "script_outcome.name", nil)
    v["begin"] = r:int64(tree, "script_outcome.begin")
    v["end"] = r:int64(tree, "script_outcome.end")
    v["result"] = r:int32(tree, "script_outcome.result")
    v["printed"] = r:bool(tree, "script_outcome.printed")
    v["output"] = r:opaque(tree, "script_outcome.output", nil)
    return v
end
T.event_outcome = function(r, tree)
    local v = {}
    v["result"] = r:int32(tree, "event_outcome.result")
    v["summary"] = r:int32(tree, "event_outcome.summary")
    v["scripts"] = r:list(tree, "scripts", nil, function(tree) return r:sub(tree, "scripts", T.script_outcome) end)
    return v
end
T.event_script = function(r, tree)
    local v = {}
    v["name"] = r:opaque(tree, "event_script.name", nil)
    v["enabled"] = r:bool(tree, "event_script.enabled")
    return v
end
T.event_scripts = function(r, tree)
    local v = {}
    v["result"] = r:int32(tree, "event_scripts.result")
    v["scripts"] = r:list(tree, "scripts", nil, function(tree) return r:sub(tree, "scripts", T.event_script) end)
    return v
end
T.script_change = function(r, tree)
    local v = {}
    v["component"] = r:opaque(tree, "script_change.component", nil)
    v["script"] = r:opaque(tree, "script_change.script", nil)
    v["enabled"] = r:bool(tree, "script_change.enabled")
    return v
end
T.event_components = function(r, tree)
    local v = {}
    v["components"] = r:list(tree, "components", nil, function(tree) return r:sub(tree, "components", T.event_component) end)
    return v
end
T.event_answering = function(r, tree)
    local v = {}
    v["runner"] = r:enum(tree, "event_answering.runner", E.event_runner)
    v["pid"] = r:uint32(tree, "event_answering.pid")
    return v
end
T.frame_header = function(r, tree)
    local v = {}
    v["magic"] = r:uint32(tree, "frame_header.magic")
    v["checksum"] = r:uint32(tree, "frame_header.checksum")
    v["protocol_version"] = r:uint32(tree, "frame_header.protocol_version")
    v["flags"] = r:uint32(tree, "frame_header.flags")
    v["sender"] = r:sub(tree, "sender", T.address)
    v["receiver"] = r:sub(tree, "receiver", T.address)
    v["epoch"] = r:uint32(tree, "frame_header.epoch")
    v["acknowledged_epoch"] = r:uint32(tree, "frame_header.acknowledged_epoch")
    v["sequence"] = r:uint64(tree, "frame_header.sequence")
    v["acknowledged"] = r:uint64(tree, "frame_header.acknowledged")
    v["packet_bytes"] = r:uint32(tree, "frame_header.packet_bytes")
    v["outcome_count"] = r:uint32(tree, "frame_header.outcome_count")
    return v
end
T.outcome = function(r, tree)
    local v = {}
    v["source"] = r:sub(tree, "source", T.address)
    v["destination"] = r:sub(tree, "destination", T.address)
    v["lane"] = r:uint32(tree, "outcome.lane")
    v["code"] = r:enum(tree, "outcome.code", E.outcome_code)
    v["packet_id"] = r:uint64(tree, "outcome.packet_id")
    v["reporter"] = r:uint32(tree, "outcome.reporter")
    v["flags"] = r:uint32(tree, "outcome.flags")
    return v
end
T.hello = function(r, tree)
    local v = {}
    v["version_minimum"] = r:uint32(tree, "hello.version_minimum")
    v["version_maximum"] = r:uint32(tree, "hello.version_maximum")
    v["features"] = r:uint64(tree, "hello.features")
    v["nonce"] = r:uint64(tree, "hello.nonce")
    v["echo"] = r:uint64(tree, "hello.echo")
    v["frame_limit"] = r:uint32(tree, "hello.frame_limit")
    v["software"] = r:text(tree, "hello.software")
    return v
end
T.ip_control = function(r, tree)
    local v = {}
    v["opcode"] = r:uint32(tree, "ip_control.opcode")
    v["flags"] = r:uint32(tree, "ip_control.flags")
    v["srvid"] = r:uint64(tree, "ip_control.srvid")
    v["term"] = r:uint64(tree, "ip_control.term")
    v["holder"] = r:uint32(tree, "ip_control.holder")
    v["reason"] = r:text(tree, "ip_control.reason")
    v["data"] = r:opaque(tree, "ip_control.data", nil)
    return v
end
T.ip_control_reply = function(r, tree)
    local v = {}
    v["status"] = r:int32(tree, "ip_control_reply.status")
    v["error"] = r:text(tree, "ip_control_reply.error")
    v["data"] = r:opaque(tree, "ip_control_reply.data", nil)
    v["term"] = r:uint64(tree, "ip_control_reply.term")
    return v
end
T.ip_status = function(r, tree)
    local v = {}
    v["in_effect"] = r:enum(tree, "ip_status.in_effect", E.stage)
    v["hosts"] = r:bool(tree, "ip_status.hosts")
    v["coordinator"] = r:uint32(tree, "ip_status.coordinator")
    v["term"] = r:uint64(tree, "ip_status.term")
    v["held_off_milliseconds"] = r:uint32(tree, "ip_status.held_off_milliseconds")
    v["configured"] = r:uint32(tree, "ip_status.configured")
    v["hosted"] = r:uint32(tree, "ip_status.hosted")
    v["connections"] = r:uint32(tree, "ip_status.connections")
    v["runs"] = r:uint64(tree, "ip_status.runs")
    v["problem"] = r:text(tree, "ip_status.problem")
    v["later"] = r:opaque(tree, "ip_status.later", nil)
    return v
end
T.ip_reallocate = function(r, tree)
    local v = {}
    v["nodes"] = r:list(tree, "nodes", nil, function(tree) return r:uint32(tree, "ip_reallocate.nodes") end)
    v["forwarded"] = r:bool(tree, "ip_reallocate.forwarded")
    return v
end
T.ip_run = function(r, tree)
    local v = {}
    v["good"] = r:bool(tree, "ip_run.good")
    v["problem"] = r:text(tree, "ip_run.problem")
    v["coordinator"] = r:uint32(tree, "ip_run.coordinator")
    v["moves"] = r:uint32(tree, "ip_run.moves")
    v["microseconds"] = r:uint64(tree, "ip_run.microseconds")
    return v
end
T.ip_history_request = function(r, tree)
    local v = {}
    v["count"] = r:uint32(tree, "ip_history_request.count")
    return v
end
T.ip_history_line = function(r, tree)
    local v = {}
    v["text"] = r:opaque(tree, "ip_history_line.text", nil)
    return v
end
T.ip_history = function(r, tree)
    local v = {}
    v["lines"] = r:list(tree, "lines", nil, function(tree) return r:sub(tree, "lines", T.ip_history_line) end)
    return v
end
T.ip_connection = function(r, tree)
    local v = {}
    v["server"] = r:opaque(tree, "ip_connection.server", nil)
    v["server_port"] = r:uint32(tree, "ip_connection.server_port")
    v["client"] = r:opaque(tree, "ip_connection.client", nil)
    v["client_port"] = r:uint32(tree, "ip_connection.client_port")
    return v
end
T.ip_connections = function(r, tree)
    local v = {}
    v["complete"] = r:bool(tree, "ip_connections.complete")
    v["added"] = r:list(tree, "added", nil, function(tree) return r:sub(tree, "added", T.ip_connection) end)
    v["removed"] = r:list(tree, "removed", nil, function(tree) return r:sub(tree, "removed", T.ip_connection) end)
    return v
end
T.ip_coordinator = function(r, tree)
    local v = {}
    v["term"] = r:uint64(tree, "ip_coordinator.term")
    v["limited"] = r:bool(tree, "ip_coordinator.limited")
    v["nodes"] = r:list(tree, "nodes", nil, function(tree) return r:uint32(tree, "ip_coordinator.nodes") end)
    return v
end
T.packet_header = function(r, tree)
    local v = {}
    v["magic"] = r:uint32(tree, "packet_header.magic")
    v["checksum"] = r:uint32(tree, "packet_header.checksum")
    v["protocol_version"] = r:uint32(tree, "packet_header.protocol_version")
    v["kind"] = r:enum(tree, "packet_header.kind", E.packet_kind)
    v["flags"] = r:uint32(tree, "packet_header.flags")
    v["procedure"] = r:uint32(tree, "packet_header.procedure")
    v["source"] = r:sub(tree, "source", T.address)
    v["destination"] = r:sub(tree, "destination", T.address)
    v["packet_id"] = r:uint64(tree, "packet_header.packet_id")
    v["reply_to"] = r:uint64(tree, "packet_header.reply_to")
    v["deadline_milliseconds"] = r:uint32(tree, "packet_header.deadline_milliseconds")
    v["payload_length"] = r:uint32(tree, "packet_header.payload_length")
    v["fragment_offset"] = r:uint32(tree, "packet_header.fragment_offset")
    v["message_length"] = r:uint32(tree, "packet_header.message_length")
    return v
end
T.stream_open = function(r, tree)
    local v = {}
    v["name"] = r:text(tree, "stream_open.name")
    v["credit"] = r:uint32(tree, "stream_open.credit")
    return v
end
T.stream_credit = function(r, tree)
    local v = {}
    v["limit"] = r:uint64(tree, "stream_credit.limit")
    return v
end
T.stream_place = function(r, tree)
    local v = {}
    v["offset"] = r:uint64(tree, "stream_place.offset")
    return v
end
T.stream_end = function(r, tree)
    local v = {}
    v["offset"] = r:uint64(tree, "stream_end.offset")
    v["result"] = r:enum(tree, "stream_end.result", E.stream_result)
    v["reason"] = r:text(tree, "stream_end.reason")
    return v
end
T.refusal = function(r, tree)
    local v = {}
    v["code"] = r:enum(tree, "refusal.code", E.refusal_code)
    v["text"] = r:text(tree, "refusal.text")
    return v
end
T.counter = function(r, tree)
    local v = {}
    v["name"] = r:text(tree, "counter.name")
    v["value"] = r:uint64(tree, "counter.value")
    return v
end
T.counters_reply = function(r, tree)
    local v = {}
    v["counters"] = r:list(tree, "counters", nil, function(tree) return r:sub(tree, "counters", T.counter) end)
    return v
end
T.peer_status = function(r, tree)
    local v = {}
    v["node"] = r:uint32(tree, "peer_status.node")
    v["node_flags"] = r:uint32(tree, "peer_status.node_flags")
    v["state"] = r:enum(tree, "peer_status.state", E.peer_state)
    v["protocol_version"] = r:uint32(tree, "peer_status.protocol_version")
    v["features"] = r:uint64(tree, "peer_status.features")
    v["software"] = r:text(tree, "peer_status.software")
    v["queued_bytes"] = r:uint64(tree, "peer_status.queued_bytes")
    v["unfinished_packets"] = r:uint64(tree, "peer_status.unfinished_packets")
    return v
end
T.peers_reply = function(r, tree)
    local v = {}
    v["self"] = r:uint32(tree, "peers_reply.self")
    v["generation"] = r:uint32(tree, "peers_reply.generation")
    v["recovery_mode"] = r:uint32(tree, "peers_reply.recovery_mode")
    v["peers"] = r:list(tree, "peers", nil, function(tree) return r:sub(tree, "peers", T.peer_status) end)
    return v
end
T.versions_reply = function(r, tree)
    local v = {}
    v["proxy"] = r:text(tree, "versions_reply.proxy")
    v["ctdbd"] = r:text(tree, "versions_reply.ctdbd")
    return v
end
T.record_request = function(r, tree)
    local v = {}
    v["name"] = r:text(tree, "record_request.name")
    v["buffer_bytes"] = r:uint32(tree, "record_request.buffer_bytes")
    return v
end
T.record_front = function(r, tree)
    local v = {}
    v["magic"] = r:uint32(tree, "record_front.magic")
    v["kind"] = r:enum(tree, "record_front.kind", E.record_kind)
    v["length"] = r:uint32(tree, "record_front.length")
    v["peer_service"] = r:uint32(tree, "record_front.peer_service")
    v["peer_instance"] = r:uint64(tree, "record_front.peer_instance")
    v["time_nanoseconds"] = r:uint64(tree, "record_front.time_nanoseconds")
    v["lost_records"] = r:uint32(tree, "record_front.lost_records")
    v["lost_bytes"] = r:uint64(tree, "record_front.lost_bytes")
    return v
end
T.stage_status = function(r, tree)
    local v = {}
    v["function"] = r:enum(tree, "stage_status.function", E.cluster_function)
    v["recorded"] = r:enum(tree, "stage_status.recorded", E.stage)
    v["epoch"] = r:uint64(tree, "stage_status.epoch")
    v["in_effect"] = r:enum(tree, "stage_status.in_effect", E.stage)
    v["in_effect_since"] = r:uint64(tree, "stage_status.in_effect_since")
    v["detail"] = r:text(tree, "stage_status.detail")
    v["fitness"] = r:enum(tree, "stage_status.fitness", E.fitness)
    v["unfit_reason"] = r:text(tree, "stage_status.unfit_reason")
    v["legacy_ready"] = r:bool(tree, "stage_status.legacy_ready")
    v["hold_off_milliseconds"] = r:uint32(tree, "stage_status.hold_off_milliseconds")
    v["version_minimum"] = r:uint32(tree, "stage_status.version_minimum")
    v["version_maximum"] = r:uint32(tree, "stage_status.version_maximum")
    v["features"] = r:uint64(tree, "stage_status.features")
    v["features_needed"] = r:uint64(tree, "stage_status.features_needed")
    v["software"] = r:text(tree, "stage_status.software")
    v["pid"] = r:uint32(tree, "stage_status.pid")
    v["started"] = r:uint64(tree, "stage_status.started")
    v["compared"] = r:uint64(tree, "stage_status.compared")
    v["different"] = r:uint64(tree, "stage_status.different")
    v["watched"] = r:uint64(tree, "stage_status.watched")
    v["watched_errors"] = r:uint64(tree, "stage_status.watched_errors")
    v["watched_mismatches"] = r:uint64(tree, "stage_status.watched_mismatches")
    v["watched_latency_microseconds"] = r:uint64(tree, "stage_status.watched_latency_microseconds")
    v["later"] = r:opaque(tree, "stage_status.later", nil)
    return v
end
T.report_request = function(r, tree)
    local v = {}
    v["field"] = r:text(tree, "report_request.field")
    v["examples"] = r:uint32(tree, "report_request.examples")
    v["inputs"] = r:bool(tree, "report_request.inputs")
    return v
end
T.stage_example = function(r, tree)
    local v = {}
    v["number"] = r:uint64(tree, "stage_example.number")
    v["time"] = r:uint64(tree, "stage_example.time")
    v["subject"] = r:text(tree, "stage_example.subject")
    v["legacy"] = r:text(tree, "stage_example.legacy")
    v["own"] = r:text(tree, "stage_example.own")
    v["replay"] = r:text(tree, "stage_example.replay")
    v["input"] = r:opaque(tree, "stage_example.input", nil)
    return v
end
T.stage_field = function(r, tree)
    local v = {}
    v["name"] = r:text(tree, "stage_field.name")
    v["count"] = r:uint64(tree, "stage_field.count")
    v["examples"] = r:list(tree, "examples", nil, function(tree) return r:sub(tree, "examples", T.stage_example) end)
    return v
end
T.stage_report = function(r, tree)
    local v = {}
    v["since"] = r:uint64(tree, "stage_report.since")
    v["compared"] = r:uint64(tree, "stage_report.compared")
    v["different"] = r:uint64(tree, "stage_report.different")
    v["fields"] = r:list(tree, "fields", nil, function(tree) return r:sub(tree, "fields", T.stage_field) end)
    v["unlisted"] = r:uint64(tree, "stage_report.unlisted")
    v["later"] = r:opaque(tree, "stage_report.later", nil)
    return v
end
T.stage_entry = function(r, tree)
    local v = {}
    v["function"] = r:enum(tree, "stage_entry.function", E.cluster_function)
    v["node"] = r:uint32(tree, "stage_entry.node")
    v["stage"] = r:enum(tree, "stage_entry.stage", E.stage)
    v["epoch"] = r:uint64(tree, "stage_entry.epoch")
    v["since"] = r:uint64(tree, "stage_entry.since")
    v["verified"] = r:uint64(tree, "stage_entry.verified")
    v["verified_software"] = r:text(tree, "stage_entry.verified_software")
    v["reversal"] = r:text(tree, "stage_entry.reversal")
    v["later"] = r:opaque(tree, "stage_entry.later", nil)
    return v
end
T.stage_table = function(r, tree)
    local v = {}
    v["magic"] = r:uint32(tree, "stage_table.magic")
    v["version"] = r:uint32(tree, "stage_table.version")
    v["minimum_version"] = r:uint32(tree, "stage_table.minimum_version")
    v["epoch"] = r:uint64(tree, "stage_table.epoch")
    v["entries"] = r:list(tree, "entries", nil, function(tree) return r:sub(tree, "entries", T.stage_entry) end)
    v["later"] = r:opaque(tree, "stage_table.later", nil)
    return v
end
T.stage_log_entry = function(r, tree)
    local v = {}
    v["epoch"] = r:uint64(tree, "stage_log_entry.epoch")
    v["time"] = r:uint64(tree, "stage_log_entry.time")
    v["who"] = r:text(tree, "stage_log_entry.who")
    v["origin"] = r:uint32(tree, "stage_log_entry.origin")
    v["verb"] = r:text(tree, "stage_log_entry.verb")
    v["function"] = r:enum(tree, "stage_log_entry.function", E.cluster_function)
    v["nodes"] = r:list(tree, "nodes", nil, function(tree) return r:uint32(tree, "stage_log_entry.nodes") end)
    v["from"] = r:enum(tree, "stage_log_entry.from", E.stage)
    v["to"] = r:enum(tree, "stage_log_entry.to", E.stage)
    v["reason"] = r:text(tree, "stage_log_entry.reason")
    v["later"] = r:opaque(tree, "stage_log_entry.later", nil)
    return v
end
T.stage_log = function(r, tree)
    local v = {}
    v["magic"] = r:uint32(tree, "stage_log.magic")
    v["version"] = r:uint32(tree, "stage_log.version")
    v["minimum_version"] = r:uint32(tree, "stage_log.minimum_version")
    v["entries"] = r:list(tree, "entries", nil, function(tree) return r:sub(tree, "entries", T.stage_log_entry) end)
    v["later"] = r:opaque(tree, "stage_log.later", nil)
    return v
end

F["address.node"] = ProtoField.uint32("tablecloth.address.node", "node", base.DEC_HEX)
F["address.service"] = ProtoField.uint32("tablecloth.address.service", "service", base.DEC_HEX)
F["address.instance"] = ProtoField.uint64("tablecloth.address.instance", "instance", base.DEC_HEX)
F["change_detail.name"] = ProtoField.string("tablecloth.change_detail.name", "name")
F["change_detail.value"] = ProtoField.string("tablecloth.change_detail.value", "value")
F["state_change.topic"] = ProtoField.int32("tablecloth.state_change.topic", "topic", base.DEC, E.change_topic)
F["state_change.subject"] = ProtoField.string("tablecloth.state_change.subject", "subject")
F["state_change.state"] = ProtoField.string("tablecloth.state_change.state", "state")
F["state_change.time"] = ProtoField.uint64("tablecloth.state_change.time", "time", base.DEC_HEX)
F["callback_status.name"] = ProtoField.string("tablecloth.callback_status.name", "name")
F["callback_status.topic"] = ProtoField.int32("tablecloth.callback_status.topic", "topic", base.DEC, E.change_topic)
F["callback_status.subject"] = ProtoField.string("tablecloth.callback_status.subject", "subject")
F["callback_status.told"] = ProtoField.string("tablecloth.callback_status.told", "told")
F["callback_status.state"] = ProtoField.int32("tablecloth.callback_status.state", "state", base.DEC, E.callback_state)
F["callback_status.failures"] = ProtoField.uint32("tablecloth.callback_status.failures", "failures", base.DEC_HEX)
F["callback_status.runs"] = ProtoField.uint64("tablecloth.callback_status.runs", "runs", base.DEC_HEX)
F["callback_status.passed_over"] = ProtoField.uint64("tablecloth.callback_status.passed_over", "passed_over", base.DEC_HEX)
F["callback_status.ended"] = ProtoField.uint64("tablecloth.callback_status.ended", "ended", base.DEC_HEX)
F["callback_status.problem"] = ProtoField.string("tablecloth.callback_status.problem", "problem")
F["callback_status.output"] = ProtoField.bytes("tablecloth.callback_status.output", "output")
F["callback_entry.name"] = ProtoField.string("tablecloth.callback_entry.name", "name")
F["callback_entry.program"] = ProtoField.string("tablecloth.callback_entry.program", "program")
F["callback_entry.topics"] = ProtoField.int32("tablecloth.callback_entry.topics", "topics", base.DEC, E.change_topic)
F["callback_entry.timeout_milliseconds"] = ProtoField.uint32("tablecloth.callback_entry.timeout_milliseconds", "timeout_milliseconds", base.DEC_HEX)
F["saved_state.told"] = ProtoField.string("tablecloth.saved_state.told", "told")
F["saved_states.magic"] = ProtoField.uint32("tablecloth.saved_states.magic", "magic", base.DEC_HEX)
F["saved_states.version"] = ProtoField.uint32("tablecloth.saved_states.version", "version", base.DEC_HEX)
F["event_component.name"] = ProtoField.bytes("tablecloth.event_component.name", "name")
F["event_name.component"] = ProtoField.bytes("tablecloth.event_name.component", "component")
F["event_name.event"] = ProtoField.bytes("tablecloth.event_name.event", "event")
F["event_word.bytes"] = ProtoField.bytes("tablecloth.event_word.bytes", "bytes")
F["event_run.timeout_seconds"] = ProtoField.uint32("tablecloth.event_run.timeout_seconds", "timeout_seconds", base.DEC_HEX)
F["event_run.run_all"] = ProtoField.uint32("tablecloth.event_run.run_all", "run_all", base.DEC, {[0] = "no", [1] = "yes"})
F["event_result.result"] = ProtoField.int32("tablecloth.event_result.result", "result", base.DEC)
F["script_outcome.name"] = ProtoField.bytes("tablecloth.script_outcome.name", "name")
F["script_outcome.begin"] = ProtoField.int64("tablecloth.script_outcome.begin", "begin", base.DEC)
F["script_outcome.end"] = ProtoField.int64("tablecloth.script_outcome.end", "end", base.DEC)
F["script_outcome.result"] = ProtoField.int32("tablecloth.script_outcome.result", "result", base.DEC)
F["script_outcome.printed"] = ProtoField.uint32("tablecloth.script_outcome.printed", "printed", base.DEC, {[0] = "no", [1] = "yes"})
F["script_outcome.output"] = ProtoField.bytes("tablecloth.script_outcome.output", "output")
F["event_outcome.result"] = ProtoField.int32("tablecloth.event_outcome.result", "result", base.DEC)
F["event_outcome.summary"] = ProtoField.int32("tablecloth.event_outcome.summary", "summary", base.DEC)
F["event_script.name"] = ProtoField.bytes("tablecloth.event_script.name", "name")
F["event_script.enabled"] = ProtoField.uint32("tablecloth.event_script.enabled", "enabled", base.DEC, {[0] = "no", [1] = "yes"})
F["event_scripts.result"] = ProtoField.int32("tablecloth.event_scripts.result", "result", base.DEC)
F["script_change.component"] = ProtoField.bytes("tablecloth.script_change.component", "component")
F["script_change.script"] = ProtoField.bytes("tablecloth.script_change.script", "script")
F["script_change.enabled"] = ProtoField.uint32("tablecloth.script_change.enabled", "enabled", base.DEC, {[0] = "no", [1] = "yes"})
F["event_answering.runner"] = ProtoField.int32("tablecloth.event_answering.runner", "runner", base.DEC, E.event_runner)
F["event_answering.pid"] = ProtoField.uint32("tablecloth.event_answering.pid", "pid", base.DEC_HEX)
F["frame_header.magic"] = ProtoField.uint32("tablecloth.frame_header.magic", "magic", base.DEC_HEX)
F["frame_header.checksum"] = ProtoField.uint32("tablecloth.frame_header.checksum", "checksum", base.DEC_HEX)
F["frame_header.protocol_version"] = ProtoField.uint32("tablecloth.frame_header.protocol_version", "protocol_version", base.DEC_HEX)
F["frame_header.flags"] = ProtoField.uint32("tablecloth.frame_header.flags", "flags", base.DEC_HEX)
F["frame_header.epoch"] = ProtoField.uint32("tablecloth.frame_header.epoch", "epoch", base.DEC_HEX)
F["frame_header.acknowledged_epoch"] = ProtoField.uint32("tablecloth.frame_header.acknowledged_epoch", "acknowledged_epoch", base.DEC_HEX)
F["frame_header.sequence"] = ProtoField.uint64("tablecloth.frame_header.sequence", "sequence", base.DEC_HEX)
F["frame_header.acknowledged"] = ProtoField.uint64("tablecloth.frame_header.acknowledged", "acknowledged", base.DEC_HEX)
F["frame_header.packet_bytes"] = ProtoField.uint32("tablecloth.frame_header.packet_bytes", "packet_bytes", base.DEC_HEX)
F["frame_header.outcome_count"] = ProtoField.uint32("tablecloth.frame_header.outcome_count", "outcome_count", base.DEC_HEX)
F["outcome.lane"] = ProtoField.uint32("tablecloth.outcome.lane", "lane", base.DEC_HEX)
F["outcome.code"] = ProtoField.int32("tablecloth.outcome.code", "code", base.DEC, E.outcome_code)
F["outcome.packet_id"] = ProtoField.uint64("tablecloth.outcome.packet_id", "packet_id", base.DEC_HEX)
F["outcome.reporter"] = ProtoField.uint32("tablecloth.outcome.reporter", "reporter", base.DEC_HEX)
F["outcome.flags"] = ProtoField.uint32("tablecloth.outcome.flags", "flags", base.DEC_HEX)
F["hello.version_minimum"] = ProtoField.uint32("tablecloth.hello.version_minimum", "version_minimum", base.DEC_HEX)
F["hello.version_maximum"] = ProtoField.uint32("tablecloth.hello.version_maximum", "version_maximum", base.DEC_HEX)
F["hello.features"] = ProtoField.uint64("tablecloth.hello.features", "features", base.DEC_HEX)
F["hello.nonce"] = ProtoField.uint64("tablecloth.hello.nonce", "nonce", base.DEC_HEX)
F["hello.echo"] = ProtoField.uint64("tablecloth.hello.echo", "echo", base.DEC_HEX)
F["hello.frame_limit"] = ProtoField.uint32("tablecloth.hello.frame_limit", "frame_limit", base.DEC_HEX)
F["hello.software"] = ProtoField.string("tablecloth.hello.software", "software")
F["ip_control.opcode"] = ProtoField.uint32("tablecloth.ip_control.opcode", "opcode", base.DEC_HEX)
F["ip_control.flags"] = ProtoField.uint32("tablecloth.ip_control.flags", "flags", base.DEC_HEX)
F["ip_control.srvid"] = ProtoField.uint64("tablecloth.ip_control.srvid", "srvid", base.DEC_HEX)
F["ip_control.term"] = ProtoField.uint64("tablecloth.ip_control.term", "term", base.DEC_HEX)
F["ip_control.holder"] = ProtoField.uint32("tablecloth.ip_control.holder", "holder", base.DEC_HEX)
F["ip_control.reason"] = ProtoField.string("tablecloth.ip_control.reason", "reason")
F["ip_control.data"] = ProtoField.bytes("tablecloth.ip_control.data", "data")
F["ip_control_reply.status"] = ProtoField.int32("tablecloth.ip_control_reply.status", "status", base.DEC)
F["ip_control_reply.error"] = ProtoField.string("tablecloth.ip_control_reply.error", "error")
F["ip_control_reply.data"] = ProtoField.bytes("tablecloth.ip_control_reply.data", "data")
F["ip_control_reply.term"] = ProtoField.uint64("tablecloth.ip_control_reply.term", "term", base.DEC_HEX)
F["ip_status.in_effect"] = ProtoField.int32("tablecloth.ip_status.in_effect", "in_effect", base.DEC, E.stage)
F["ip_status.hosts"] = ProtoField.uint32("tablecloth.ip_status.hosts", "hosts", base.DEC, {[0] = "no", [1] = "yes"})
F["ip_status.coordinator"] = ProtoField.uint32("tablecloth.ip_status.coordinator", "coordinator", base.DEC_HEX)
F["ip_status.term"] = ProtoField.uint64("tablecloth.ip_status.term", "term", base.DEC_HEX)
F["ip_status.held_off_milliseconds"] = ProtoField.uint32("tablecloth.ip_status.held_off_milliseconds", "held_off_milliseconds", base.DEC_HEX)
F["ip_status.configured"] = ProtoField.uint32("tablecloth.ip_status.configured", "configured", base.DEC_HEX)
F["ip_status.hosted"] = ProtoField.uint32("tablecloth.ip_status.hosted", "hosted", base.DEC_HEX)
F["ip_status.connections"] = ProtoField.uint32("tablecloth.ip_status.connections", "connections", base.DEC_HEX)
F["ip_status.runs"] = ProtoField.uint64("tablecloth.ip_status.runs", "runs", base.DEC_HEX)
F["ip_status.problem"] = ProtoField.string("tablecloth.ip_status.problem", "problem")
F["ip_status.later"] = ProtoField.bytes("tablecloth.ip_status.later", "later")
F["ip_reallocate.nodes"] = ProtoField.uint32("tablecloth.ip_reallocate.nodes", "nodes", base.DEC_HEX)
F["ip_reallocate.forwarded"] = ProtoField.uint32("tablecloth.ip_reallocate.forwarded", "forwarded", base.DEC, {[0] = "no", [1] = "yes"})
F["ip_run.good"] = ProtoField.uint32("tablecloth.ip_run.good", "good", base.DEC, {[0] = "no", [1] = "yes"})
F["ip_run.problem"] = ProtoField.string("tablecloth.ip_run.problem", "problem")
F["ip_run.coordinator"] = ProtoField.uint32("tablecloth.ip_run.coordinator", "coordinator", base.DEC_HEX)
F["ip_run.moves"] = ProtoField.uint32("tablecloth.ip_run.moves", "moves", base.DEC_HEX)
F["ip_run.microseconds"] = ProtoField.uint64("tablecloth.ip_run.microseconds", "microseconds", base.DEC_HEX)
F["ip_history_request.count"] = ProtoField.uint32("tablecloth.ip_history_request.count", "count", base.DEC_HEX)
F["ip_history_line.text"] = ProtoField.bytes("tablecloth.ip_history_line.text", "text")
F["ip_connection.server"] = ProtoField.bytes("tablecloth.ip_connection.server", "server")
F["ip_connection.server_port"] = ProtoField.uint32("tablecloth.ip_connection.server_port", "server_port", base.DEC_HEX)
F["ip_connection.client"] = ProtoField.bytes("tablecloth.ip_connection.client", "client")
F["ip_connection.client_port"] = ProtoField.uint32("tablecloth.ip_connection.client_port", "client_port", base.DEC_HEX)
F["ip_connections.complete"] = ProtoField.uint32("tablecloth.ip_connections.complete", "complete", base.DEC, {[0] = "no", [1] = "yes"})
F["ip_coordinator.term"] = ProtoField.uint64("tablecloth.ip_coordinator.term", "term", base.DEC_HEX)
F["ip_coordinator.limited"] = ProtoField.uint32("tablecloth.ip_coordinator.limited", "limited", base.DEC, {[0] = "no", [1] = "yes"})
F["ip_coordinator.nodes"] = ProtoField.uint32("tablecloth.ip_coordinator.nodes", "nodes", base.DEC_HEX)
F["packet_header.magic"] = ProtoField.uint32("tablecloth.packet_header.magic", "magic", base.DEC_HEX)
F["packet_header.checksum"] = ProtoField.uint32("tablecloth.packet_header.checksum", "checksum", base.DEC_HEX)
F["packet_header.protocol_version"] = ProtoField.uint32("tablecloth.packet_header.protocol_version", "protocol_version", base.DEC_HEX)
F["packet_header.kind"] = ProtoField.int32("tablecloth.packet_header.kind", "kind", base.DEC, E.packet_kind)
F["packet_header.flags"] = ProtoField.uint32("tablecloth.packet_header.flags", "flags", base.DEC_HEX)
F["packet_header.procedure"] = ProtoField.uint32("tablecloth.packet_header.procedure", "procedure", base.DEC_HEX)
F["packet_header.packet_id"] = ProtoField.uint64("tablecloth.packet_header.packet_id", "packet_id", base.DEC_HEX)
F["packet_header.reply_to"] = ProtoField.uint64("tablecloth.packet_header.reply_to", "reply_to", base.DEC_HEX)
F["packet_header.deadline_milliseconds"] = ProtoField.uint32("tablecloth.packet_header.deadline_milliseconds", "deadline_milliseconds", base.DEC_HEX)
F["packet_header.payload_length"] = ProtoField.uint32("tablecloth.packet_header.payload_length", "payload_length", base.DEC_HEX)
F["packet_header.fragment_offset"] = ProtoField.uint32("tablecloth.packet_header.fragment_offset", "fragment_offset", base.DEC_HEX)
F["packet_header.message_length"] = ProtoField.uint32("tablecloth.packet_header.message_length", "message_length", base.DEC_HEX)
F["stream_open.name"] = ProtoField.string("tablecloth.stream_open.name", "name")
F["stream_open.credit"] = ProtoField.uint32("tablecloth.stream_open.credit", "credit", base.DEC_HEX)
F["stream_credit.limit"] = ProtoField.uint64("tablecloth.stream_credit.limit", "limit", base.DEC_HEX)
F["stream_place.offset"] = ProtoField.uint64("tablecloth.stream_place.offset", "offset", base.DEC_HEX)
F["stream_end.offset"] = ProtoField.uint64("tablecloth.stream_end.offset", "offset", base.DEC_HEX)
F["stream_end.result"] = ProtoField.int32("tablecloth.stream_end.result", "result", base.DEC, E.stream_result)
F["stream_end.reason"] = ProtoField.string("tablecloth.stream_end.reason", "reason")
F["refusal.code"] = ProtoField.int32("tablecloth.refusal.code", "code", base.DEC, E.refusal_code)
F["refusal.text"] = ProtoField.string("tablecloth.refusal.text", "text")
F["counter.name"] = ProtoField.string("tablecloth.counter.name", "name")
F["counter.value"] = ProtoField.uint64("tablecloth.counter.value", "value", base.DEC_HEX)
F["peer_status.node"] = ProtoField.uint32("tablecloth.peer_status.node", "node", base.DEC_HEX)
F["peer_status.node_flags"] = ProtoField.uint32("tablecloth.peer_status.node_flags", "node_flags", base.DEC_HEX)
F["peer_status.state"] = ProtoField.int32("tablecloth.peer_status.state", "state", base.DEC, E.peer_state)
F["peer_status.protocol_version"] = ProtoField.uint32("tablecloth.peer_status.protocol_version", "protocol_version", base.DEC_HEX)
F["peer_status.features"] = ProtoField.uint64("tablecloth.peer_status.features", "features", base.DEC_HEX)
F["peer_status.software"] = ProtoField.string("tablecloth.peer_status.software", "software")
F["peer_status.queued_bytes"] = ProtoField.uint64("tablecloth.peer_status.queued_bytes", "queued_bytes", base.DEC_HEX)
F["peer_status.unfinished_packets"] = ProtoField.uint64("tablecloth.peer_status.unfinished_packets", "unfinished_packets", base.DEC_HEX)
F["peers_reply.self"] = ProtoField.uint32("tablecloth.peers_reply.self", "self", base.DEC_HEX)
F["peers_reply.generation"] = ProtoField.uint32("tablecloth.peers_reply.generation", "generation", base.DEC_HEX)
F["peers_reply.recovery_mode"] = ProtoField.uint32("tablecloth.peers_reply.recovery_mode", "recovery_mode", base.DEC_HEX)
F["versions_reply.proxy"] = ProtoField.string("tablecloth.versions_reply.proxy", "proxy")
F["versions_reply.ctdbd"] = ProtoField.string("tablecloth.versions_reply.ctdbd", "ctdbd")
F["record_request.name"] = ProtoField.string("tablecloth.record_request.name", "name")
F["record_request.buffer_bytes"] = ProtoField.uint32("tablecloth.record_request.buffer_bytes", "buffer_bytes", base.DEC_HEX)
F["record_front.magic"] = ProtoField.uint32("tablecloth.record_front.magic", "magic", base.DEC_HEX)
F["record_front.kind"] = ProtoField.int32("tablecloth.record_front.kind", "kind", base.DEC, E.record_kind)
F["record_front.length"] = ProtoField.uint32("tablecloth.record_front.length", "length", base.DEC_HEX)
F["record_front.peer_service"] = ProtoField.uint32("tablecloth.record_front.peer_service", "peer_service", base.DEC_HEX)
F["record_front.peer_instance"] = ProtoField.uint64("tablecloth.record_front.peer_instance", "peer_instance", base.DEC_HEX)
F["record_front.time_nanoseconds"] = ProtoField.uint64("tablecloth.record_front.time_nanoseconds", "time_nanoseconds", base.DEC_HEX)
F["record_front.lost_records"] = ProtoField.uint32("tablecloth.record_front.lost_records", "lost_records", base.DEC_HEX)
F["record_front.lost_bytes"] = ProtoField.uint64("tablecloth.record_front.lost_bytes", "lost_bytes", base.DEC_HEX)
F["stage_status.function"] = ProtoField.int32("tablecloth.stage_status.function", "function", base.DEC, E.cluster_function)
F["stage_status.recorded"] = ProtoField.int32("tablecloth.stage_status.recorded", "recorded", base.DEC, E.stage)
F["stage_status.epoch"] = ProtoField.uint64("tablecloth.stage_status.epoch", "epoch", base.DEC_HEX)
F["stage_status.in_effect"] = ProtoField.int32("tablecloth.stage_status.in_effect", "in_effect", base.DEC, E.stage)
F["stage_status.in_effect_since"] = ProtoField.uint64("tablecloth.stage_status.in_effect_since", "in_effect_since", base.DEC_HEX)
F["stage_status.detail"] = ProtoField.string("tablecloth.stage_status.detail", "detail")
F["stage_status.fitness"] = ProtoField.int32("tablecloth.stage_status.fitness", "fitness", base.DEC, E.fitness)
F["stage_status.unfit_reason"] = ProtoField.string("tablecloth.stage_status.unfit_reason", "unfit_reason")
F["stage_status.legacy_ready"] = ProtoField.uint32("tablecloth.stage_status.legacy_ready", "legacy_ready", base.DEC, {[0] = "no", [1] = "yes"})
F["stage_status.hold_off_milliseconds"] = ProtoField.uint32("tablecloth.stage_status.hold_off_milliseconds", "hold_off_milliseconds", base.DEC_HEX)
F["stage_status.version_minimum"] = ProtoField.uint32("tablecloth.stage_status.version_minimum", "version_minimum", base.DEC_HEX)
F["stage_status.version_maximum"] = ProtoField.uint32("tablecloth.stage_status.version_maximum", "version_maximum", base.DEC_HEX)
F["stage_status.features"] = ProtoField.uint64("tablecloth.stage_status.features", "features", base.DEC_HEX)
F["stage_status.features_needed"] = ProtoField.uint64("tablecloth.stage_status.features_needed", "features_needed", base.DEC_HEX)
F["stage_status.software"] = ProtoField.string("tablecloth.stage_status.software", "software")
F["stage_status.pid"] = ProtoField.uint32("tablecloth.stage_status.pid", "pid", base.DEC_HEX)
F["stage_status.started"] = ProtoField.uint64("tablecloth.stage_status.started", "started", base.DEC_HEX)
F["stage_status.compared"] = ProtoField.uint64("tablecloth.stage_status.compared", "compared", base.DEC_HEX)
F["stage_status.different"] = ProtoField.uint64("tablecloth.stage_status.different", "different", base.DEC_HEX)
F["stage_status.watched"] = ProtoField.uint64("tablecloth.stage_status.watched", "watched", base.DEC_HEX)
F["stage_status.watched_errors"] = ProtoField.uint64("tablecloth.stage_status.watched_errors", "watched_errors", base.DEC_HEX)
F["stage_status.watched_mismatches"] = ProtoField.uint64("tablecloth.stage_status.watched_mismatches", "watched_mismatches", base.DEC_HEX)
F["stage_status.watched_latency_microseconds"] = ProtoField.uint64("tablecloth.stage_status.watched_latency_microseconds", "watched_latency_microseconds", base.DEC_HEX)
F["stage_status.later"] = ProtoField.bytes("tablecloth.stage_status.later", "later")
F["report_request.field"] = ProtoField.string("tablecloth.report_request.field", "field")
F["report_request.examples"] = ProtoField.uint32("tablecloth.report_request.examples", "examples", base.DEC_HEX)
F["report_request.inputs"] = ProtoField.uint32("tablecloth.report_request.inputs", "inputs", base.DEC, {[0] = "no", [1] = "yes"})
F["stage_example.number"] = ProtoField.uint64("tablecloth.stage_example.number", "number", base.DEC_HEX)
F["stage_example.time"] = ProtoField.uint64("tablecloth.stage_example.time", "time", base.DEC_HEX)
F["stage_example.subject"] = ProtoField.string("tablecloth.stage_example.subject", "subject")
F["stage_example.legacy"] = ProtoField.string("tablecloth.stage_example.legacy", "legacy")
F["stage_example.own"] = ProtoField.string("tablecloth.stage_example.own", "own")
F["stage_example.replay"] = ProtoField.string("tablecloth.stage_example.replay", "replay")
F["stage_example.input"] = ProtoField.bytes("tablecloth.stage_example.input", "input")
F["stage_field.name"] = ProtoField.string("tablecloth.stage_field.name", "name")
F["stage_field.count"] = ProtoField.uint64("tablecloth.stage_field.count", "count", base.DEC_HEX)
F["stage_report.since"] = ProtoField.uint64("tablecloth.stage_report.since", "since", base.DEC_HEX)
F["stage_report.compared"] = ProtoField.uint64("tablecloth.stage_report.compared", "compared", base.DEC_HEX)
F["stage_report.different"] = ProtoField.uint64("tablecloth.stage_report.different", "different", base.DEC_HEX)
F["stage_report.unlisted"] = ProtoField.uint64("tablecloth.stage_report.unlisted", "unlisted", base.DEC_HEX)
F["stage_report.later"] = ProtoField.bytes("tablecloth.stage_report.later", "later")
F["stage_entry.function"] = ProtoField.int32("tablecloth.stage_entry.function", "function", base.DEC, E.cluster_function)
F["stage_entry.node"] = ProtoField.uint32("tablecloth.stage_entry.node", "node", base.DEC_HEX)
F["stage_entry.stage"] = ProtoField.int32("tablecloth.stage_entry.stage", "stage", base.DEC, E.stage)
F["stage_entry.epoch"] = ProtoField.uint64("tablecloth.stage_entry.epoch", "epoch", base.DEC_HEX)
F["stage_entry.since"] = ProtoField.uint64("tablecloth.stage_entry.since", "since", base.DEC_HEX)
F["stage_entry.verified"] = ProtoField.uint64("tablecloth.stage_entry.verified", "verified", base.DEC_HEX)
F["stage_entry.verified_software"] = ProtoField.string("tablecloth.stage_entry.verified_software", "verified_software")
F["stage_entry.reversal"] = ProtoField.string("tablecloth.stage_entry.reversal", "reversal")
F["stage_entry.later"] = ProtoField.bytes("tablecloth.stage_entry.later", "later")
F["stage_table.magic"] = ProtoField.uint32("tablecloth.stage_table.magic", "magic", base.DEC_HEX)
F["stage_table.version"] = ProtoField.uint32("tablecloth.stage_table.version", "version", base.DEC_HEX)
F["stage_table.minimum_version"] = ProtoField.uint32("tablecloth.stage_table.minimum_version", "minimum_version", base.DEC_HEX)
F["stage_table.epoch"] = ProtoField.uint64("tablecloth.stage_table.epoch", "epoch", base.DEC_HEX)
F["stage_table.later"] = ProtoField.bytes("tablecloth.stage_table.later", "later")
F["stage_log_entry.epoch"] = ProtoField.uint64("tablecloth.stage_log_entry.epoch", "epoch", base.DEC_HEX)
F["stage_log_entry.time"] = ProtoField.uint64("tablecloth.stage_log_entry.time", "time", base.DEC_HEX)
F["stage_log_entry.who"] = ProtoField.string("tablecloth.stage_log_entry.who", "who")
F["stage_log_entry.origin"] = ProtoField.uint32("tablecloth.stage_log_entry.origin", "origin", base.DEC_HEX)
F["stage_log_entry.verb"] = ProtoField.string("tablecloth.stage_log_entry.verb", "verb")
F["stage_log_entry.function"] = ProtoField.int32("tablecloth.stage_log_entry.function", "function", base.DEC, E.cluster_function)
F["stage_log_entry.nodes"] = ProtoField.uint32("tablecloth.stage_log_entry.nodes", "nodes", base.DEC_HEX)
F["stage_log_entry.from"] = ProtoField.int32("tablecloth.stage_log_entry.from", "from", base.DEC, E.stage)
F["stage_log_entry.to"] = ProtoField.int32("tablecloth.stage_log_entry.to", "to", base.DEC, E.stage)
F["stage_log_entry.reason"] = ProtoField.string("tablecloth.stage_log_entry.reason", "reason")
F["stage_log_entry.later"] = ProtoField.bytes("tablecloth.stage_log_entry.later", "later")
F["stage_log.magic"] = ProtoField.uint32("tablecloth.stage_log.magic", "magic", base.DEC_HEX)
F["stage_log.version"] = ProtoField.uint32("tablecloth.stage_log.version", "version", base.DEC_HEX)
F["stage_log.minimum_version"] = ProtoField.uint32("tablecloth.stage_log.minimum_version", "minimum_version", base.DEC_HEX)
F["stage_log.later"] = ProtoField.bytes("tablecloth.stage_log.later", "later")


F.payload = ProtoField.bytes("tablecloth.payload", "payload")
F.failure = ProtoField.string("tablecloth.failure", "unreadable")

local list = {}
for _, field in pairs(F) do list[#list + 1] = field end
tablecloth.fields = list

local payloads = {
    PACKET_REFUSAL = "refusal", PACKET_STREAM_OPEN = "stream_open",
    PACKET_STREAM_CREDIT = "stream_credit", PACKET_STREAM_DATA = "stream_place",
    PACKET_STREAM_END = "stream_end",
}

local function packet(r, tree)
    local header = r:sub(tree, "header", T.packet_header)
    if header.magic ~= C.PACKET_MAGIC then r:fail("the magic number of a packet") end
    local count = header.payload_length
    local start = r.at
    if count > r.stop - start then r:fail(count .. " bytes of payload") end
    local kind = E.packet_kind[header.kind]
    local part = reader(r.tvb, start, count)
    local isWhole = header.fragment_offset == 0 and header.message_length == count
    if isWhole and payloads[kind] then part:sub(tree, payloads[kind], T[payloads[kind]]) end
    if part.at < part.stop then tree:add(F.payload, r.tvb(part.at, part.stop - part.at)) end
    r.at = start + count
    r:pad(count)
    return header, kind
end

local function frame(r, tree)
    local texts = {}
    local header = r:sub(tree, "header", T.frame_header)
    if header.magic ~= C.FRAME_MAGIC then r:fail("the magic number of a frame") end
    if header.flags % (2 * C.FRAME_HELLO) >= C.FRAME_HELLO then
        r:sub(tree, "hello", T.hello)
        texts[1] = "hello"
    else
        for _ = 1, header.outcome_count do r:sub(tree, "outcome", T.outcome) end
        if header.outcome_count > 0 then texts[1] = header.outcome_count .. " outcomes" end
    end
    while r.at < r.stop do
        local start = r.at
        local item = tree:add(tablecloth, r.tvb(start, r.stop - start), "packet")
        local found, kind = packet(r, item)
        item:set_len(r.at - start)
        texts[#texts + 1] = (kind or "packet") .. " " .. found.procedure
    end
    return table.concat(texts, ", ")
end

local function dissect(tvb, info, tree)
    local item = tree:add(tablecloth, tvb())
    local r = reader(tvb, 0, tvb:len())
    local isRead, result = pcall(frame, r, item)
    if isRead then
        item:append_text(": " .. result)
    elseif type(result) == "table" then
        local text = result.what .. " expected at byte " .. result.at
        item:add(F.failure, text):set_generated()
        item:append_text(": unreadable")
        result = "unreadable"
    else
        error(result, 0)
    end
    return result
end

-- A frame that was a datagram.
function tablecloth.dissector(tvb, info, tree)
    info.cols.protocol = "TABLECLOTH"
    info.cols.info = dissect(tvb, info, tree)
    return tvb:len()
end

-- Frames in messages of the old protocol, whose own dissector does not look into messages: it says
-- where there is one.
local tunnel = Proto("tablecloth_tunnel", "Tablecloth in CTDB")
local opcodes = Field.new("ctdb.opcode")
local message, header_bytes, front_bytes = 5, 32, 44
local new_protocol = UInt64.new(0x00000000, 0x8E000000)

-- The frame of a message to the new protocol's srvid; nil for any other packet.
local function tunnelled(tvb, at)
    if at < 0 or at + front_bytes > tvb:len() then return nil end
    -- The packet's magic number shows the order of its bytes.
    local isLittle = tvb(at + 4, 4):le_uint() == 0x43544442
    local srvid, count = tvb(at + header_bytes, 8), tvb(at + header_bytes + 8, 4)
    if (isLittle and srvid:le_uint64() or srvid:uint64()) ~= new_protocol then return nil end
    count = isLittle and count:le_uint() or count:uint()
    if count == 0 or at + front_bytes + count > tvb:len() then return nil end
    return tvb(at + front_bytes, count):tvb()
end

function tunnel.dissector(tvb, info, tree)
    for _, opcode in ipairs({opcodes()}) do
        if opcode.value == message and opcode.source then
            -- It stands 16 bytes behind the beginning of its packet.
            local part = tunnelled(opcode.source, opcode.offset - 16)
            if part then dissect(part, info, tree) end
        end
    end
end

register_postdissector(tunnel)
