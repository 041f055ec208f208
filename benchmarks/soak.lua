-- Asks for the paths of BENCH_PATHS in turn.
local paths = {}
for path in string.gmatch(os.getenv("BENCH_PATHS"), "%S+") do
  paths[#paths + 1] = path
end
local count = 0

request = function()
  count = count + 1
  return wrk.format("GET", paths[count % #paths + 1])
end
