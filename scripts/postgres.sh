# shellcheck shell=bash
# A private PostgreSQL in a folder, on a unix socket. Needs lib.sh.

# pg_bin [DIR]: the programs of the version DIR was made with, else of the newest version that has PostGIS.
pg_bin() {
  local version control newest=
  if [ -n "${1:-}" ] && version=$(cat "$1/data/PG_VERSION" 2>/dev/null); then
    [ -x "/usr/lib/postgresql/$version/bin/postgres" ] ||
      die "$1 holds data of PostgreSQL $version: install postgresql-$version-postgis-3, or move that folder away."
    newest=$version
  else
    for control in /usr/share/postgresql/*/extension/postgis.control; do
      version=$(cut -d/ -f5 <<<"$control")
      [ -x "/usr/lib/postgresql/$version/bin/postgres" ] && [ "$version" -gt "${newest:-0}" ] && newest=$version
    done
  fi
  [ -n "$newest" ] && echo "/usr/lib/postgresql/$newest/bin"
}

# as_pg DIR COMMAND...: as the owner of DIR, because PostgreSQL refuses to be root; without our locks (7, 8, 9) and mark.
as_pg() {
  local owner
  owner=$(stat -c %U "$1")
  shift
  (
    cd /
    if [ "$(id -un)" != "$owner" ]; then
      exec setpriv --reuid="$owner" --regid="$owner" --init-groups --reset-env -- "$@" 7>&- 8>&- 9>&-
    fi
    exec env -u GRIDMAP_SERVED_FROM "$@" 7>&- 8>&- 9>&-
  )
}

# pg_running DIR: whether its server lives. A process of that number is not enough: after a restart it may be another's.
pg_running() {
  local pid
  pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) && [ "$(readlink "/proc/$pid/cwd")" = "$1/data" ]
}

# pg_create DIR: makes the cluster; one that was interrupted is made again.
pg_create() {
  local dir=$1 bin new=$1/data.new
  bin=$(pg_bin)
  rm -rf "$new"
  as_pg "$dir" "$bin/initdb" -D "$new" -U app --auth=peer -E UTF8 --locale=C.UTF-8 --data-checksums
  mv "$new" "$dir/data"
}

# pg_socket DIR: the folder of its socket. The path may have 107 bytes: a deep checkout gets a folder in /tmp.
pg_socket() {
  local dir=$1 short
  if [ ! -d "$dir/sock" ]; then
    rm -f "$dir/sock"
    if [ "$(printf %s "$dir/sock/.s.PGSQL.5432" | wc -c)" -le 107 ]; then
      mkdir -m 700 "$dir/sock"
    else
      short=$(mktemp -d /tmp/gridmap.XXXXXX)
      ln -s "$short" "$dir/sock"
    fi
    chown "$(stat -c %U:%G "$dir")" "$(readlink -f "$dir/sock")"
  fi
  readlink -f "$dir/sock"
}

# pg_configure DIR: who may connect, and all settings, sized by the machine's memory. fsync stays on: what was
# acknowledged must survive.
pg_configure() {
  local megabytes name compression=lz4
  echo 'local all all peer map=owner' >"$1/data/pg_hba.conf"
  for name in "$(id -un)" "$(stat -c %U "$1")"; do echo "owner $name app"; done | sort -u >"$1/data/pg_ident.conf"
  megabytes=$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
  [ "$(cat "$1/data/PG_VERSION")" -ge 15 ] || compression=on
  cat >"$1/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$(pg_socket "$1" | sed "s/'/''/g")'
max_connections = 200
shared_preload_libraries = 'postgis-3'
shared_buffers = $((megabytes / 8 > 1024 ? 1024 : megabytes / 8 + 16))MB
effective_cache_size = $((megabytes / 2))MB
work_mem = 32MB
maintenance_work_mem = $((megabytes / 16 + 16))MB
random_page_cost = 1.1
jit = off
fsync = on
synchronous_commit = on
full_page_writes = on
wal_compression = $compression
max_wal_size = 2GB
timezone = UTC
log_timezone = UTC
log_line_prefix = '%m [%p] '
CONF
}

# pg_start DIR: makes the cluster if there is none, starts it if it does not run, waits until it answers. A server that was
# killed holds its files for some seconds more: starting is tried for 15; recovery may take as long as it takes.
pg_start() {
  local dir=$1 bin socket deadline=$((SECONDS + 15))
  if [ ! -d "$dir" ]; then
    mkdir -m 700 "$dir"
    if [ "$(id -u)" = 0 ]; then chown postgres:postgres "$dir"; fi
  fi
  [ "$(id -u)" = 0 ] || [ -O "$dir" ] || die "$dir belongs to $(stat -c %U "$dir"): start it as that user, or as root."
  [ -d "$dir/data" ] || pg_create "$dir"
  bin=$(pg_bin "$dir")
  pg_running "$dir" || pg_configure "$dir"
  socket=$(pg_socket "$dir")
  until "$bin/pg_isready" -q -h "$socket" -U app -d postgres; do
    if ! pg_running "$dir"; then
      [ "$SECONDS" -lt "$deadline" ] || die "PostgreSQL in $dir does not start: see $dir/log"
      as_pg "$dir" "$bin/pg_ctl" -D "$dir/data" -W -s -l "$dir/log" start >/dev/null 2>&1 || true
    fi
    sleep 0.1
  done
}

# pg_stop DIR: stops it if it runs; its clients are sent away.
pg_stop() {
  if pg_running "$1"; then as_pg "$1" "$(pg_bin "$1")/pg_ctl" -D "$1/data" -s -m fast -w stop; fi
}

# pg_database DIR NAME: makes the database if there is none.
pg_database() {
  local bin socket
  bin=$(pg_bin "$1")
  socket=$(pg_socket "$1")
  [ -n "$("$bin/psql" -h "$socket" -U app -d postgres -tAc "select 1 from pg_database where datname = '$2'")" ] ||
    "$bin/createdb" -h "$socket" -U app "$2"
}

# pg_url DIR NAME: its address for DATABASE_URL.
pg_url() {
  python - "$(pg_socket "$1")" "$2" <<'PY'
import sys
from urllib.parse import quote

print(f"postgres://app@{quote(sys.argv[1], safe='')}/{sys.argv[2]}")
PY
}

# pg_for_tests: sets DATABASE_URL to a cluster made for tests, and a name that no other run uses. Several runs may share the
# cluster: each holds a lock; it is made anew by a run that finds nobody there, and stopped by the last.
pg_for_tests() {
  local dir=$VAR/pg-test
  exec 7>"$dir.lock"
  if flock -n -x 7; then
    if [ -d "$dir" ]; then pg_stop "$dir"; fi
    rm -rf "$dir"
    step "Starting PostgreSQL for tests" "mend what the log names and run it again" pg_start "$dir"
  fi
  flock -s 7
  trap 'if flock -n -x 7; then pg_stop "$VAR/pg-test"; fi' EXIT
  DATABASE_URL=$(pg_url "$dir" "run$$")
  export DATABASE_URL GRIDMAP_ENV=test
}
