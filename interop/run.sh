#!/usr/bin/env bash
# Drives the real server with clients that nobody here wrote. Needs PROOFKEY_BIN; words after it choose test files by name.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

missing=()
for tool in node npm go openssl certutil; do
  command -v "$tool" >/dev/null || missing+=("$tool")
done
chromium=${CHROMIUM:-/usr/bin/chromium}
[ -x "$chromium" ] || missing+=("$chromium")
if [ "${#missing[@]}" -gt 0 ]; then
  echo "interop: missing ${missing[*]} (Debian: apt install nodejs npm golang openssl libnss3-tools chromium)" >&2
  exit 1
fi
if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; then
  echo "interop: Node 20.19 or newer is needed (express-openid-connect asks for it), this is $(node --version)" >&2
  exit 1
fi
if [ -z "${PROOFKEY_BIN:-}" ] || [ ! -x "$PROOFKEY_BIN" ]; then
  echo "interop: PROOFKEY_BIN must name the proofkey binary (go build -o bin/proofkey ./cmd/proofkey)" >&2
  exit 1
fi
PROOFKEY_BIN=$(realpath "$PROOFKEY_BIN")
export PROOFKEY_BIN

for package in node deploy-cli; do
  (cd "$package" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
done
exec node node/run.mjs "$@"
