# shellcheck shell=bash
# What all scripts share: where things are, steps with their elapsed time, and ending what this checkout started.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
GRIDMAP_VAR=${GRIDMAP_VAR:-$ROOT/var}
install -d -m 755 "$GRIDMAP_VAR" "$GRIDMAP_VAR/log" || exit 1
VAR=$(cd "$GRIDMAP_VAR" && pwd -P)
SYSTEM_PATH=${PATH//"$ROOT/.venv/bin:"/}
export GRIDMAP_VAR=$VAR PATH="$ROOT/.venv/bin:$SYSTEM_PATH"
# Sockets that programs make in TMPDIR must fit into 107 bytes.
if [ "$(printf %s "${TMPDIR:-}" | wc -c)" -gt 60 ]; then export TMPDIR=/tmp; fi
cd "$ROOT"

# die SENTENCE: says what to do, and gives up.
die() {
  printf '%s\n' "$*" >&2
  exit 1
}

# step WHAT ADVICE COMMAND...: one line with the elapsed time; a failure says its reason, what to do, and where the log is.
step() {
  local what=$1 advice=$2 log ticker status start=$EPOCHREALTIME
  log="$VAR/log/${what//[^A-Za-z]/-}.log"
  shift 2
  progress "$what" "$log" &
  ticker=$!
  set +e # not "|| status=$?", which would switch -e off inside the command, too
  (
    set -e
    "$@"
  ) >"$log" 2>&1 </dev/null
  status=$?
  set -e
  kill "$ticker" 2>/dev/null
  wait "$ticker" 2>/dev/null || true
  [ -t 1 ] && printf '\r\033[K'
  if [ "$status" != 0 ]; then
    die "$what failed ($(reason "$log")): $advice. Log: $log"
  fi
  awk -v what="$what" -v start="$start" -v end="$EPOCHREALTIME" 'BEGIN { printf "%-44s %6.1f s\n", what, end - start }'
}

# reason LOG: the last line that begins like an error, else the last line.
reason() {
  { grep -E '^(\S*(Error|Exception|Configured|Denied)\b|\S*: (error|fatal)|error: |E:|FATAL|\[[A-Z_]+\] )' "$1" || grep -v '^[[:space:]}]*$' "$1" ||
    echo 'it said nothing'; } | tail -n 1 | cut -c1-300
}

# progress WHAT LOG: shows that a long step lives, until it is killed.
progress() {
  local second=0
  while kill -0 $$ 2>/dev/null && sleep 1 >/dev/null 2>&1; do
    second=$((second + 1))
    if [ -t 1 ]; then
      printf '\r\033[K%s ... %d s  %s' "$what" "$second" "$(tail -n 1 "$log" | tr -d '\r\033' | cut -c1-60)"
    elif ((second % 15 == 0)); then
      printf '%s ... %d s\n' "$what" "$second"
    fi
  done
}

# digest PATH...: one checksum of the contents of these files and folders, without tests and what is installed or built in them.
digest() {
  find "$@" \( -name node_modules -o -name dist -o -name .vite -o -name tests -o -name '*.tsbuildinfo' \) -prune -o -type f -print0 |
    sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

# find_chromium: a browser that the tests can drive; Ubuntu's chromium-browser only points to a snap, which they cannot.
find_chromium() {
  command -v "${CHROMIUM:-chromium}" || command -v google-chrome-stable || command -v google-chrome
}

# Every server process carries GRIDMAP_SERVED_FROM=<its var folder> in its environment. So a later start finds what an
# earlier one left behind, whatever was killed, and touches nothing else.
ours() {
  grep -lzFx "GRIDMAP_SERVED_FROM=$VAR" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3 || true
}

# end_ours: ends these processes, by force after 5 seconds.
end_ours() {
  local pids deadline=$((SECONDS + 5))
  pids=$(ours)
  [ -z "$pids" ] || xargs kill -TERM <<<"$pids" 2>/dev/null || true
  while pids=$(ours) && [ -n "$pids" ]; do
    if ((SECONDS >= deadline)); then xargs kill -KILL <<<"$pids" 2>/dev/null || true; fi
    sleep 0.1
  done
}
