#!/usr/bin/env bash
# need.sh THING…: makes sure that this machine has what a target needs.
#
# As root, what is missing is installed through apt-get. Anybody else gets one line that names the packages, and the
# target stops: nothing is skipped silently. Things: go node npm make git openssl gcc postgres chromium certutil ca.
set -euo pipefail

found() { command -v "$1" >/dev/null 2>&1; }

# go_new_enough: from 1.21 on, go fetches the version that go.mod names by itself.
go_new_enough() {
  local minor
  minor=$(cd / && GOTOOLCHAIN=local go env GOVERSION 2>/dev/null | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
  [ "${minor:-0}" -ge 21 ]
}

node_new_enough() {
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null
}

# look THING…: fills packages (apt has them) and tools (it has not, or too old).
look() {
  packages=() tools=()
  local thing
  for thing in "$@"; do
    case $thing in
      go) go_new_enough || tools+=("Go 1.26 or newer") ;;
      node) node_new_enough || tools+=("Node 20.19 or newer") ;;
      npm) found npm || tools+=("npm") ;;
      make | git | openssl) found "$thing" || packages+=("$thing") ;;
      gcc) found gcc || packages+=(gcc libc6-dev) ;;
      postgres) "$(dirname "$0")/postgres-bin.sh" >/dev/null 2>&1 || packages+=(postgresql) ;;
      chromium) [ -x "${CHROMIUM:-/usr/bin/chromium}" ] || packages+=(chromium) ;;
      certutil) found certutil || packages+=(libnss3-tools) ;;
      ca) [ -s /etc/ssl/certs/ca-certificates.crt ] || [ "$(uname)" = Darwin ] || packages+=(ca-certificates) ;;
      *) echo "need.sh: $thing is not on its list" >&2 && exit 2 ;;
    esac
  done
}

# install PACKAGE…: quiet when it works, apt's own words when it does not.
install() {
  local log
  log=$(mktemp)
  echo "need.sh: installing ${*} through apt-get" >&2
  if ! { apt-get update -q && apt-get install -qy --no-install-recommends "$@"; } >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

look "$@"
if [ ${#tools[@]} -eq 0 ] && [ ${#packages[@]} -gt 0 ] && [ "$(id -u)" -eq 0 ] && found apt-get; then
  export DEBIAN_FRONTEND=noninteractive
  install "${packages[@]}" || true
  look "$@"
fi

if [ ${#tools[@]} -gt 0 ] || [ ${#packages[@]} -gt 0 ]; then
  line=""
  [ ${#tools[@]} -eq 0 ] || line="install $(printf '%s, ' "${tools[@]}" | sed 's/, $//') first"
  [ ${#packages[@]} -eq 0 ] || line="${line:+$line; }missing Debian packages: ${packages[*]} (as root: apt-get install ${packages[*]})"
  echo "need.sh: $line" >&2
  exit 1
fi
