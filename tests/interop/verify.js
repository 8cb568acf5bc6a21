// Verifies credentials, for the benchmarks. Arguments: a file of
// [{name, suite, documents: {url: document}, credential}], where a token has {jwk, alg} in place of the suite;
// and for how many seconds to verify each before anybody asks, so that the compiler knows the way.
// Each line on standard input, {name, seconds}, is answered by {verified, ms: [each verification's milliseconds]};
// it ends with its input.
import * as vc from '@digitalbazaar/vc';
import {createInterface} from 'node:readline';
import {readFileSync} from 'node:fs';
import {documentLoader, documents} from './documents.js';
import {suites} from './suites.js';
import {importJWK, jwtVerify} from 'jose';

const [file, warmUp] = process.argv.slice(2);

async function verification(item) {
  if(item.jwk) {
    const key = await importJWK(item.jwk, item.alg);
    return async () => (await jwtVerify(item.credential, key)).payload !== undefined;
  }
  const suite = suites[item.suite].verify();
  return async () => {
    const result = await vc.verifyCredential({credential: structuredClone(item.credential), suite, documentLoader});
    if(!result.verified) {
      console.error(result.error?.errors?.[0] ?? result.error);
    }
    return result.verified;
  };
}

const verifications = new Map();
for(const item of JSON.parse(readFileSync(file, 'utf8'))) {
  for(const [url, document] of Object.entries(item.documents)) {
    documents.set(url, document);
  }
  verifications.set(item.name, await verification(item));
}

for(const verify of verifications.values()) {
  const end = performance.now() + warmUp * 1000;
  while(performance.now() < end && await verify()) {
    // once more
  }
}

for await (const line of createInterface({input: process.stdin})) {
  const {name, seconds} = JSON.parse(line);
  const verify = verifications.get(name);
  const end = performance.now() + seconds * 1000;
  const ms = [];
  let verified = true;
  let started;
  do {
    started = performance.now();
    verified = await verify() && verified;
    ms.push(performance.now() - started);
  } while(verified && started < end);
  console.log(JSON.stringify({verified, ms}));
}
