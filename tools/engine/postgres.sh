#!/usr/bin/env bash
# A Temporal server on PostgreSQL for one machine: see --help.
set -euo pipefail

usage() {
  cat <<'HELP'
Usage: tools/engine/postgres.sh [--folder DIR] [--port N] [--namespace NAME]
       tools/engine/postgres.sh --check

Runs a Temporal server, its four services in one process, on a PostgreSQL of its own: on 127.0.0.1, until Ctrl-C or SIGTERM. It is the
version that the engine of Trainyard carries, with the same tuning. Once it is ready it prints one line:

  {"address":"127.0.0.1:21230","namespace":"default","folder":"…"}

  --folder DIR      data, logs and ports; another start with the same folder goes on with its runs (default: ./.trainyard/postgres)
  --port N          the first of nine ports in a row; N is the server's (default: those of last time, else free ones)
  --namespace NAME  made unless it is there, and keeps closed runs for 30 days (default: default)
  --check           only say what is missing here, and end with 1 if something is

A server or PostgreSQL that dies is started again; kill -9 of either, or of all, loses no run. Needed: util-linux; Go and a Go
proxy for the first start, which builds for 3 to 6 minutes; PostgreSQL 12 or later, which root gets by apt-get where it is missing. As
root, PostgreSQL runs as the user "postgres", who must be able to reach the folder.
HELP
}

say() { printf '%s\n' "$*" >&2; }
die() { say "postgres.sh: $*"; exit 1; }

tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/trainyard/engine
pinned() { sed -n "s|^[[:space:]]*$1 v\([^ ]*\).*|\1|p" "$tools/go.mod"; }
server_binary=$cache/temporal-server-$(pinned go.temporal.io/server)/temporal-server
sql_binary=$(dirname "$server_binary")/temporal-sql-tool
cli_binary=$cache/temporal-cli-$(pinned github.com/temporalio/cli)/temporal

folder=.trainyard/postgres port='' namespace=default check=''
while (($#)); do
  case $1 in
    --folder | --port | --namespace)
      (($# > 1)) || die "$1 needs a value; see --help"
      printf -v "${1#--}" %s "$2"
      shift 2
      ;;
    --check) check=yes && shift ;;
    -h | --help) usage && exit ;;
    *) die "unknown argument $1; see --help" ;;
  esac
done
[[ -z $port || ($port =~ ^[1-9][0-9]{2,4}$ && $port -le 65527) ]] || die "--port must be a number up to 65527, not $port"
[[ $namespace =~ ^[A-Za-z0-9][A-Za-z0-9_.-]+$ ]] || die "--namespace must be a name of letters, digits, '-', '_' and '.', not $namespace"

# --- what is needed ---------------------------------------------------------------------------------------------------------------

# shellcheck source=postgres/needs.sh
source "$tools/postgres/needs.sh"

complaints=$(missing 2>&1)
[[ -z $complaints ]] || die "$complaints"
[[ -z $check ]] || exit 0

find_postgres >/dev/null || {
  say 'installing PostgreSQL with apt-get'
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql; } >&2 ||
    die 'apt-get could not install PostgreSQL'
}
pg=$(find_postgres)

is_built || build >&2 || die 'go build failed'

# --- the folder -------------------------------------------------------------------------------------------------------------------

mkdir -p "$folder"
folder=$(cd "$folder" && pwd -P)
# Server and PostgreSQL inherit the lock: it is free when all of them are gone, however they ended.
exec 9>"$folder/lock"
flock -w 10 9 || die "$folder is in use: by another postgres.sh, or by what one that was killed has left ($(cat "$folder/pids" || true))"

as_owner=()
if ((EUID == 0)); then
  id postgres >/dev/null 2>&1 || die 'there is no user "postgres", as whom PostgreSQL would run: it refuses to run as root'
  as_owner=(setpriv --reuid=postgres --regid=postgres --init-groups)
  "${as_owner[@]}" test -x "$folder" ||
    die "the user postgres cannot reach $folder: choose a folder whose parents everybody may enter (chmod o+x)"
fi

is_free() { ! (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
all_free() {
  local each
  for ((each = $1; each < $1 + 9; each++)); do is_free "$each" || return 1; done
}
choose_port() {
  local tries candidate
  [[ -z $port && -e $folder/port ]] && port=$(<"$folder/port")
  if [[ -n $port ]]; then
    all_free "$port" || die "one of the ports $port to $((port + 8)) is taken: --port names others"
    return
  fi
  # Below the ports that the system hands out for outgoing connections.
  for ((tries = 0; tries < 50; tries++)); do
    candidate=$((20000 + RANDOM % 1200 * 10))
    if all_free $candidate; then port=$candidate && return; fi
  done
  die 'found no nine free ports in a row: --port names them'
}
choose_port
printf '%s\n' "$port" >"$folder/port"
address=127.0.0.1:$port

[[ -s $folder/password ]] || (umask 077 && od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$folder/password")
PGPASSWORD=$(<"$folder/password")
export PGPASSWORD PGUSER=temporal PGHOST=127.0.0.1 PGPORT=$((port + 8))

# --- PostgreSQL and the server ----------------------------------------------------------------------------------------------------

postgres='' server=''

# Sessions of their own: Ctrl-C is for this script, which ends them in order. Disowned: bash has no words of its own for their end.
start_postgres() {
  setsid "${as_owner[@]}" "$pg/postgres" -D "$folder/postgres" -p "$PGPORT" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
    -c max_connections=200 >>"$folder/postgres.log" 2>&1 &
  postgres=$!
  disown
}

start_server() {
  FRONTEND_PORT=$port POSTGRES_PORT=$PGPORT TUNING_FILE=$tools/postgres/tuning.yaml setsid \
    "$server_binary" --root "$tools" --config postgres --env base --allow-no-auth start >>"$folder/server.log" 2>&1 &
  server=$!
  disown
}

note_pids() {
  printf '{"script":%s,"server":%s,"postgres":%s}\n' $$ "${server:-null}" "$postgres" >"$folder/pids.new"
  mv "$folder/pids.new" "$folder/pids"
}
lives() { kill -0 "$1" 2>/dev/null; }
answers() { "$pg/pg_isready" --quiet; }

# end PID SIGNAL: asks it to end, and kills it after ten seconds.
end() {
  local tenths
  [[ -n $1 ]] && lives "$1" || return 0
  kill "-$2" "$1" 2>/dev/null || true
  for ((tenths = 0; tenths < 100; tenths++)); do
    lives "$1" || return 0
    sleep 0.1
  done
  kill -KILL "$1" 2>/dev/null || true
}

# SIGINT is PostgreSQL's fast shutdown: it waits for no client.
finish() {
  trap '' INT TERM HUP
  end "$server" TERM
  end "$postgres" INT
  rm -f "$folder/pids"
}
trap 'finish' EXIT
trap 'exit 0' INT TERM HUP

# Starts again what has ended, and gives up on what does so again and again: PostgreSQL cannot start before its own orphans are gone.
last_end=$SECONDS quick_ends=0
revive() {
  ((SECONDS - last_end < 5)) && ((++quick_ends)) || quick_ends=0
  ((quick_ends < 30)) || give_up "$1 ends as soon as it starts" "$2"
  last_end=$SECONDS
  say "$1 has ended: started again"
  "start_$2"
  note_pids
}
tend() {
  sleep 0.5
  lives "$postgres" || revive PostgreSQL postgres
  [[ -z $server ]] || lives "$server" || ! answers || revive 'the Temporal server' server
}
give_up() { tail -n 5 "$folder/$2.log" >&2 && die "$1; its log is $folder/$2.log"; }

# await WHAT NAME PROBE…: until the probe succeeds.
await() {
  local deadline=$((SECONDS + 60))
  until "${@:3}" >/dev/null 2>&1; do
    tend
    ((SECONDS <= deadline)) || give_up "$1 does not answer within a minute" "$2"
  done
}

sql() { "$sql_binary" --plugin postgres12 --endpoint 127.0.0.1 --port "$PGPORT" --user temporal --password "$PGPASSWORD" "$@"; }
# The user's settings for other servers are not for this one.
temporal() { "$cli_binary" --disable-config-env --disable-config-file --command-timeout 5s --address "$address" "$@"; }

# Without the mark that is written last, an earlier try was killed half-way: nobody has used what it made.
make_databases() {
  local name
  for name in temporal temporal_visibility; do
    [[ -e $folder/schema ]] ||
      { "$pg/dropdb" --if-exists --maintenance-db=postgres "$name" &&
        "$pg/createdb" --maintenance-db=postgres "$name" &&
        sql --database "$name" setup-schema --version 0.0; } || return
    sql --database "$name" update-schema --schema-name "postgresql/v12/${name/temporal_/}" || return
  done
  touch "$folder/schema"
}

make_namespace() {
  temporal operator namespace describe --namespace "$namespace" ||
    temporal operator namespace create --namespace "$namespace" --retention 30d
  # The server remembers for about a second that it did not know the name.
  temporal workflow count --namespace "$namespace"
}

: >"$folder/postgres.log"
: >"$folder/server.log"
if [[ ! -e $folder/postgres ]]; then
  rm -rf "$folder/postgres.unfinished"
  mkdir -m 700 "$folder/postgres.unfinished"
  ((EUID != 0)) || chown postgres: "$folder/postgres.unfinished" "$folder/password"
  "${as_owner[@]}" "$pg/initdb" -D "$folder/postgres.unfinished" --username=temporal --pwfile="$folder/password" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C >"$folder/postgres.log" 2>&1 ||
    give_up 'initdb failed' postgres
  mv "$folder/postgres.unfinished" "$folder/postgres"
fi
start_postgres
note_pids
await PostgreSQL postgres answers
make_databases >"$folder/schema.log" 2>&1 || give_up "Temporal's tables could not be made" schema
start_server
note_pids
await 'the Temporal server' server make_namespace
printf '{"address":"%s","namespace":"%s","folder":"%s"}\n' "$address" "$namespace" "$folder"

# --- until it is told to end ------------------------------------------------------------------------------------------------------

while tend; do :; done
