#!/usr/bin/env bash
# attack.sh: starts proofkey dev on free ports and runs `proofkey attack` against it over plain HTTP and over TLS.
# Needs PROOFKEY_BIN.
set -euo pipefail
line=$(mktemp)
"$PROOFKEY_BIN" dev --http 127.0.0.1:0 --https 127.0.0.1:0 --json >"$line" &
pid=$!
trap 'kill "$pid" 2>/dev/null || true; rm -f "$line"' EXIT
for _ in $(seq 100); do
  [ -s "$line" ] && break
  sleep 0.1
done
of() { node -e 'const d = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")); console.log(eval("d." + process.argv[2]))' "$line" "$1"; }
for issuer in "$(of issuer)" "$(of https_issuer)"; do
  PROOFKEY_ATTACK_PASSWORD=$(of user.password) PROOFKEY_ATTACK_SECRET=$(of web.client_secret) "$PROOFKEY_BIN" attack "$issuer" \
    --ca-file "$(of ca_file)" --client-id "$(of native.client_id)" --redirect-uri "$(of native.callbacks[0])" \
    --web-client-id "$(of web.client_id)" --web-redirect-uri "$(of web.callbacks[0])" \
    --username "$(of user.email)" --audience "$(of api.identifier)"
done
