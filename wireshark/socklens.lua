-- Socklens' flow records in Wireshark: gives every packet the process, container and names that the recording holds for its
-- flow, as fields that can be filtered: socklens.process.name == "curl".
--
-- Format: docs/FORMAT.md. Records are custom blocks (private enterprise number 32473, magic "SOCKLENS", kind 1): one JSON
-- object a line. A packet's flow is found by its addresses, ports and protocol, and the record's times.

local magic = "SOCKLENS"
local longest_line = 65536
local deepest = 8
-- Seconds by which a record's times may differ from those of its packets.
local tolerance = 2

local socklens = Proto("socklens", "Socklens flow record")

local function text_field(name, title)
  return ProtoField.string("socklens." .. name, title)
end

-- Fields by path in the record; the value is added once for each side of a flow that is known.
local fields = {
  { "flow_id", ProtoField.uint32("socklens.flow_id", "Flow") },
  { "process.name", text_field("process.name", "Process") },
  { "process.pid", ProtoField.uint32("socklens.process.pid", "Process ID") },
  { "process.executable", text_field("process.executable", "Executable") },
  { "process.command_line", text_field("process.command_line", "Command line") },
  { "process.parent.name", text_field("process.parent.name", "Parent process") },
  { "process.parent.pid", ProtoField.uint32("socklens.process.parent.pid", "Parent process ID") },
  { "process.user.name", text_field("user.name", "User") },
  { "process.user.id", ProtoField.uint32("socklens.user.id", "User ID") },
  { "process.container.name", text_field("container.name", "Container") },
  { "process.container.id", text_field("container.id", "Container ID") },
  { "process.service", text_field("service", "Service") },
  { "attribution", text_field("attribution", "Attribution") },
  { "direction", text_field("direction", "Direction") },
  { "app_proto", text_field("app_proto", "Application protocol") },
  { "app_family.name", text_field("app_family", "Family of services") },
  { "hostname", text_field("hostname", "Host name") },
}
local proto_fields = {}
for index, field in ipairs(fields) do
  proto_fields[index] = field[2]
end
local records_field = ProtoField.uint32("socklens.records", "Flow records")
proto_fields[#proto_fields + 1] = records_field
socklens.fields = proto_fields

-- A reader of JSON for what Socklens writes: nothing is executed, nothing recurses deeper than the bound; nil and a position
-- behind the end for what is no JSON.

local escapes = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/" }

local function utf8_of(code)
  if code < 0x80 then
    return string.char(code)
  elseif code < 0x800 then
    return string.char(0xc0 + math.floor(code / 0x40), 0x80 + code % 0x40)
  end
  return string.char(0xe0 + math.floor(code / 0x1000), 0x80 + math.floor(code / 0x40) % 0x40, 0x80 + code % 0x40)
end

local function read_string(text, at)
  local parts = {}
  local from = at + 1
  while true do
    local stop = text:find('["\\]', from)
    if stop == nil then
      return nil, #text + 1
    end
    parts[#parts + 1] = text:sub(from, stop - 1)
    if text:sub(stop, stop) == '"' then
      return table.concat(parts), stop + 1
    end
    local kind = text:sub(stop + 1, stop + 1)
    if kind == "u" then
      local code = tonumber(text:sub(stop + 2, stop + 5), 16)
      if code == nil then
        return nil, #text + 1
      end
      parts[#parts + 1] = utf8_of(code)
      from = stop + 6
    else
      if escapes[kind] == nil then
        return nil, #text + 1
      end
      parts[#parts + 1] = escapes[kind]
      from = stop + 2
    end
  end
end

local read_value

local function skip(text, at)
  return text:find("[^ \t\r\n]", at) or #text + 1
end

local function read_members(text, at, depth)
  local object = {}
  at = skip(text, at + 1)
  if text:sub(at, at) == "}" then
    return object, at + 1
  end
  while at <= #text do
    local name, value
    if text:sub(at, at) ~= '"' then
      return nil, #text + 1
    end
    name, at = read_string(text, at)
    at = skip(text, at)
    if name == nil or text:sub(at, at) ~= ":" then
      return nil, #text + 1
    end
    value, at = read_value(text, skip(text, at + 1), depth)
    if value ~= nil then
      object[name] = value
    end
    at = skip(text, at)
    local mark = text:sub(at, at)
    if mark == "}" then
      return object, at + 1
    elseif mark ~= "," then
      return nil, #text + 1
    end
    at = skip(text, at + 1)
  end
  return nil, #text + 1
end

local function read_items(text, at, depth)
  local list = {}
  at = skip(text, at + 1)
  if text:sub(at, at) == "]" then
    return list, at + 1
  end
  while at <= #text do
    list[#list + 1], at = read_value(text, at, depth)
    at = skip(text, at)
    local mark = text:sub(at, at)
    if mark == "]" then
      return list, at + 1
    elseif mark ~= "," then
      return nil, #text + 1
    end
    at = skip(text, at + 1)
  end
  return nil, #text + 1
end

read_value = function(text, at, depth)
  local mark = text:sub(at, at)
  if depth > deepest then
    return nil, #text + 1
  elseif mark == "{" then
    return read_members(text, at, depth + 1)
  elseif mark == "[" then
    return read_items(text, at, depth + 1)
  elseif mark == '"' then
    return read_string(text, at)
  end
  for word, value in pairs({ ["true"] = true, ["false"] = false }) do
    if text:sub(at, at + #word - 1) == word then
      return value, at + #word
    end
  end
  local number = text:match("^-?%d+%.?%d*[eE]?[+-]?%d*", at)
  if number == nil then
    return nil, #text + 1
  end
  return tonumber(number), at + #number
end

-- Records of this file by tuple; several where ports were used again, or both ends are on this machine.
local by_tuple = {}

local function key_of(protocol, one, one_port, other, other_port)
  local first, second = one .. " " .. one_port, other .. " " .. other_port
  if first > second then
    first, second = second, first
  end
  return protocol .. " " .. first .. " " .. second
end

-- "2026-11-21T04:32:53.793000+0000" as seconds since the epoch (UTC).
local function seconds_of(text)
  if type(text) ~= "string" then
    return nil
  end
  local year, month, day, hour, minute, second = text:match("^(%d%d%d%d)-(%d%d)-(%d%d)T(%d%d):(%d%d):(%d%d%.%d+)")
  if year == nil then
    return nil
  end
  -- Days since the epoch of the Gregorian calendar, March first.
  local y, m = tonumber(year), tonumber(month)
  if m <= 2 then
    y = y - 1
    m = m + 12
  end
  local days = 365 * y + math.floor(y / 4) - math.floor(y / 100) + math.floor(y / 400)
    + math.floor((153 * (m - 3) + 2) / 5) + tonumber(day) - 719469
  return ((days * 24 + tonumber(hour)) * 60 + tonumber(minute)) * 60 + tonumber(second)
end

local function remember(record)
  if type(record) ~= "table" or record.event_type ~= "flow" or type(record.flow) ~= "table" then
    return
  end
  local from, to = record.src_ip, record.dest_ip
  if type(record.proto) ~= "string" or type(from) ~= "string" or type(to) ~= "string" then
    return
  end
  record.first = seconds_of(record.flow.start)
  record.last = seconds_of(record.flow["end"])
  if record.first == nil or record.last == nil then
    return
  end
  local key = key_of(record.proto, from, tonumber(record.src_port) or 0, to, tonumber(record.dest_port) or 0)
  local list = by_tuple[key] or {}
  by_tuple[key] = list
  -- A later record of the same flow knows more.
  for index, known in ipairs(list) do
    if known.flow_id == record.flow_id then
      list[index] = record
      return
    end
  end
  list[#list + 1] = record
end

-- Remembers the records of a custom block; returns how many, or nil when the data are none of ours.
local function read_block(data)
  if #data < 12 or data:sub(1, 8) ~= magic then
    return nil
  end
  local count = 0
  if data:byte(9) == 1 and data:byte(10) == 0 then
    for line in data:sub(13):gmatch("[^\n]+") do
      local record = #line <= longest_line and read_value(line, 1, 0) or nil
      if record ~= nil then
        count = count + 1
        remember(record)
      end
    end
  end
  return count
end

-- Wireshark shows a custom block as a packet of data.
local block_data = Field.new("data.data")

local function show_block(pinfo, tree)
  local data = block_data()
  local count = data ~= nil and read_block(data.value:raw()) or nil
  if count == nil then
    return
  end
  pinfo.cols.protocol = "Socklens"
  pinfo.cols.info = count .. " flow records"
  tree:add(socklens):add(records_field, count):set_generated()
end

local ip_source, ip_destination = Field.new("ip.src"), Field.new("ip.dst")
local ipv6_source, ipv6_destination = Field.new("ipv6.src"), Field.new("ipv6.dst")
local tcp_source, tcp_destination = Field.new("tcp.srcport"), Field.new("tcp.dstport")
local udp_source, udp_destination = Field.new("udp.srcport"), Field.new("udp.dstport")
local icmp, icmpv6 = Field.new("icmp.type"), Field.new("icmpv6.type")

-- The outermost tuple of the packet: protocol, addresses and ports; nil where there is none.
local function tuple_of()
  local from, to = ip_source(), ip_destination()
  if from == nil then
    from, to = ipv6_source(), ipv6_destination()
  end
  if from == nil or to == nil then
    return nil
  end
  local one, other = tcp_source(), tcp_destination()
  if one ~= nil and other ~= nil then
    return "TCP", tostring(from.value), one.value, tostring(to.value), other.value
  end
  one, other = udp_source(), udp_destination()
  if one ~= nil and other ~= nil then
    return "UDP", tostring(from.value), one.value, tostring(to.value), other.value
  end
  if icmp() ~= nil then
    return "ICMP", tostring(from.value), 0, tostring(to.value), 0
  elseif icmpv6() ~= nil then
    return "IPv6-ICMP", tostring(from.value), 0, tostring(to.value), 0
  end
  return nil
end

local function value_at(record, path)
  local value = record
  for name in path:gmatch("[^.]+") do
    if type(value) ~= "table" then
      return nil
    end
    value = value[name]
  end
  return value
end

-- Records whose time the packet falls into; on loopback there are two, one for each end.
local function records_at(list, time)
  local found, latest = {}, nil
  for _, record in ipairs(list) do
    if record.first <= time + tolerance and (latest == nil or record.first > latest) then
      latest = record.first
    end
  end
  for _, record in ipairs(list) do
    if latest ~= nil and math.abs(record.first - latest) <= tolerance and record.first <= time + tolerance then
      found[#found + 1] = record
    end
  end
  return found
end

function socklens.init()
  by_tuple = {}
end

function socklens.dissector(_, pinfo, tree)
  local protocol, from, from_port, to, to_port = tuple_of()
  if protocol == nil then
    show_block(pinfo, tree)
    return
  end
  local list = by_tuple[key_of(protocol, from, from_port, to, to_port)]
  if list == nil then
    return
  end
  for _, record in ipairs(records_at(list, pinfo.abs_ts)) do
    local subtree = tree:add(socklens)
    for _, field in ipairs(fields) do
      local value = value_at(record, field[1])
      if type(value) == "string" or type(value) == "number" then
        subtree:add(field[2], value):set_generated()
      end
    end
  end
end

register_postdissector(socklens)
