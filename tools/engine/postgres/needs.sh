# shellcheck shell=bash
# What postgres.sh needs, and how the server is built: its functions, in its variables.

find_postgres() {
  local newest
  newest=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)
  [[ -x $newest ]] || newest=$(readlink -f "$(command -v initdb)" 2>/dev/null) || return 1
  dirname "$newest"
}

is_built() { [[ -x $server_binary && -x $sql_binary && -x $cli_binary ]]; }

missing() {
  local tool
  for tool in flock setsid setpriv; do
    command -v "$tool" >/dev/null || say "$tool is missing: it comes with util-linux"
  done
  is_built || command -v go >/dev/null || say 'Go is missing: a Temporal server on PostgreSQL is built with it, once'
  find_postgres >/dev/null || { ((EUID == 0)) && command -v apt-get >/dev/null; } ||
    say 'PostgreSQL is missing, and only root can get it with apt-get: apt-get install postgresql'
}

# Complete or not at all, and one build for all that need it at once. Its folder has another name than those of the engine's builds,
# which remove what a killed one left.
build() (
  one() {
    mkdir -p "$(dirname "$1")" && { [[ -x $1 ]] || { go build -ldflags '-s -w' -o "$1.unfinished" "$2" && mv "$1.unfinished" "$1"; }; }
  }
  mkdir -p "$cache"
  exec 8>"$cache/temporal-server.lock"
  flock 8
  say 'building a Temporal server on PostgreSQL with Go, once: 3 to 6 minutes on 2 cores'
  cd "$tools"
  export CGO_ENABLED=0 GOWORK=off GOFLAGS=-mod=readonly
  one "$server_binary" go.temporal.io/server/cmd/server &&
    one "$sql_binary" go.temporal.io/server/cmd/tools/sql &&
    one "$cli_binary" github.com/temporalio/cli/cmd/temporal
)
