#!/usr/bin/env bash
# with-postgres.sh COMMAND [ARG…]: runs COMMAND beside a private PostgreSQL server and stops the server afterwards.
#
# PROOFKEY_TEST_POSTGRES names the server to the command. It is a new cluster in a folder of its own, listening on
# 127.0.0.1 at a free port, with a password that only this run knows, and as durable as in production (fsync stays on).
# PostgreSQL refuses to run as root, so root hands it to the account postgres, or to nobody.
set -euo pipefail
[ $# -gt 0 ] || { echo "usage: with-postgres.sh COMMAND [ARG…]" >&2 && exit 2; }

bin=$("$(dirname "$0")/postgres-bin.sh")
dir=$(mktemp -d /tmp/proofkey-pg.XXXXXX) # short: the path of a socket has 107 bytes
server=

stop() {
  trap - EXIT INT TERM HUP
  if [ -n "$server" ] && kill -INT "$server" 2>/dev/null; then # INT is PostgreSQL's fast shutdown
    wait "$server" || true
  fi
  rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# as COMMAND…: becomes it, under an account that PostgreSQL accepts, and dies with this script even if that is killed.
as() {
  local drop=()
  if command -v setpriv >/dev/null; then
    drop=(setpriv --pdeathsig INT)
  fi
  if [ "$(id -u)" -eq 0 ]; then
    drop+=("--reuid=$account" "--regid=$(id -g "$account")" --clear-groups)
  fi
  cd "$dir"
  exec ${drop[@]+"${drop[@]}"} "$@"
}

# say MESSAGE: stops with it and the end of the server's log.
say() {
  echo "with-postgres.sh: $1" >&2
  tail -n 20 "$dir/log" >&2
  exit 1
}

if [ "$(id -u)" -eq 0 ]; then
  account=nobody
  ! id -u postgres >/dev/null 2>&1 || account=postgres
  command -v setpriv >/dev/null || { echo "with-postgres.sh: root needs setpriv (util-linux)" >&2 && exit 1; }
  chown "$account" "$dir"
fi

password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
(umask 077 && printf '%s\n' "$password" >"$dir/password" && : >"$dir/log")
[ "$(id -u)" -ne 0 ] || chown "$account" "$dir/password" "$dir/log"
(as "$bin/initdb" -D "$dir/data" -U proofkey --auth=scram-sha-256 --pwfile="$dir/password" \
  -E UTF8 --locale=C >>"$dir/log" 2>&1) || say "initdb failed"

# ready: the server itself writes this line into its pid file, so another server on the port cannot answer for it.
ready() { sed -n 8p "$dir/data/postmaster.pid" 2>/dev/null | grep -q '^ready'; }

for try in 1 2 3 4 5; do
  port=$((20000 + RANDOM % 12000)) # below the ports that systems hand out by themselves
  (as "$bin/postgres" -D "$dir/data" -p "$port" -c listen_addresses=127.0.0.1 -c "unix_socket_directories=$dir" \
    -c max_connections=300 -c timezone=UTC >>"$dir/log" 2>&1) &
  server=$!
  for _ in $(seq 600); do
    ! ready || break 2
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  kill -0 "$server" 2>/dev/null && say "PostgreSQL did not answer within a minute"
  server=
  [ "$try" -lt 5 ] || say "PostgreSQL does not start"
done

PROOFKEY_TEST_POSTGRES="postgres://proofkey:$password@127.0.0.1:$port/postgres?sslmode=disable" "$@"
