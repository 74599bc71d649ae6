#!/usr/bin/env bash
# postgres-bin.sh: prints the folder of the newest PostgreSQL server programs. Debian keeps them off the PATH.
set -euo pipefail
shopt -s nullglob

newest=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb | sort -V | tail -n 1)
[ -n "$newest" ] || newest=$(command -v initdb) || {
  echo "postgres-bin.sh: no PostgreSQL server programs on this machine" >&2
  exit 1
}
newest=$(readlink -f "$newest")
[ -x "${newest%/*}/postgres" ]
echo "${newest%/*}"
