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

-- types --

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
