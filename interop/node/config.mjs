// Where everything is, as run.mjs wrote it. Tests never guess: without the file they fail.
import { readFileSync } from 'node:fs';

const path = process.env.PROOFKEY_INTEROP;
if (!path) throw new Error('PROOFKEY_INTEROP is not set: start the tests with interop/run.sh');

export const config = JSON.parse(readFileSync(path, 'utf8'));
export const { dev, ports } = config;
export const person = { username: dev.user.email, password: dev.user.password };

// The server answers on 127.0.0.1 and on localhost with the same ports; each name is an issuer of its own.
export function issuerOn(scheme, host) {
  const { port } = new URL(scheme === 'https' ? dev.https_issuer : dev.issuer);
  return `${scheme}://${host}:${port}/`;
}

export function nativeCallback(prefix) {
  const found = dev.native.callbacks.find((callback) => callback.startsWith(prefix));
  if (!found) throw new Error(`no callback of the native application begins with ${prefix}: ${dev.native.callbacks.join(' ')}`);
  return found;
}
