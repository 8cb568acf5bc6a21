// Verifies SD-JWT VCs. On standard input [{presented, alg, key: the issuer's public JWK, holder: its algorithm,
// nonce, list, now}], answered by [the claims, or false] in the same order.
import {instance, verifier} from './tokens.js';
import {readFileSync} from 'node:fs';

const answers = [];
for(const {presented, alg, key, holder, nonce, list, now} of JSON.parse(readFileSync(0, 'utf8'))) {
  const issuer = {alg, publicKey: key};
  const sdJwt = instance(issuer, holder && {alg: holder}, {
    statusListFetcher: async () => list,
    statusVerifier: verifier(issuer),
  });
  try {
    const {payload} = await sdJwt.verify(presented, {currentDate: now, keyBindingNonce: nonce});
    answers.push(payload);
  } catch(error) {
    console.error(String(error));
    answers.push(false);
  }
}

process.stdout.write(JSON.stringify(answers));
