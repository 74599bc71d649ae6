#!/usr/bin/env bash
# quiet.sh LOG COMMAND [ARG…]: keeps what COMMAND says in LOG; shows its last lines, and many more of them if it fails.
set -euo pipefail
log=$1
shift
mkdir -p "$(dirname "$log")"
status=0
"$@" >"$log" 2>&1 </dev/null || status=$?
if [ "$status" -eq 0 ]; then
  tail -n 15 "$log"
else
  tail -n 300 "$log"
fi
echo "quiet.sh: $* ended with $status; all of it is in $log"
exit "$status"
