// Verifies credentials, for the benchmarks. Arguments: a file of [{name, by: the library, credentials}], with
// {suite, documents: {url: document}} for @digitalbazaar/vc and {jwk} for jose; and for how many seconds to verify
// each before anybody asks, so that the compiler knows the way. Each line on standard input, {name, by, seconds},
// is answered by {verified, ms: [milliseconds from one verification to the next]}; it ends with its input.
import * as vc from '@digitalbazaar/vc';
import {importJWK, jwtVerify} from 'jose';
import {JsonLdDocumentLoader} from 'jsonld-document-loader';
import {Resolver} from 'did-resolver';
import {createInterface} from 'node:readline';
import {documents} from './documents.js';
import {getResolver} from 'key-did-resolver';
import {readFileSync} from 'node:fs';
import {suites} from './suites.js';
import {verifyCredential} from 'did-jwt-vc';

const [file, warmUp] = process.argv.slice(2);

// Each library as its users have it, and as fast as it goes: from a loader of static documents jsonld remembers the
// contexts that it has processed, and so does a resolver with a cache the DID documents.
const peers = {
  async '@digitalbazaar/vc'(item) {
    const suite = suites[item.suite].verify();
    const loader = new JsonLdDocumentLoader();
    loader.addDocuments({documents: [...documents, ...Object.entries(item.documents)]});
    const documentLoader = loader.build();
    return async credential => {
      const result = await vc.verifyCredential({credential, suite, documentLoader});
      if(!result.verified) {
        throw result.error?.errors?.[0] ?? result.error;
      }
    };
  },
  async 'did-jwt-vc'() {
    const resolver = new Resolver(getResolver(), {cache: true});
    return async credential => verifyCredential(credential, resolver);
  },
  async jose(item) {
    const key = await importJWK(item.jwk, 'EdDSA');
    return async credential => jwtVerify(credential, key);
  },
};

async function verification(item) {
  const verify = await peers[item.by](item);
  let next = 0;
  return async () => {
    try {
      await verify(item.credentials[next]);
    } catch(error) {
      console.error(error);
      return false;
    }
    next = (next + 1) % item.credentials.length;
    return true;
  };
}

const verifications = new Map();
for(const item of JSON.parse(readFileSync(file, 'utf8'))) {
  verifications.set(`${item.name} by ${item.by}`, await verification(item));
}

for(const verify of verifications.values()) {
  const end = performance.now() + warmUp * 1000;
  while(performance.now() < end && await verify()) {
    // once more
  }
}

for await (const line of createInterface({input: process.stdin})) {
  const {name, by, seconds} = JSON.parse(line);
  const verify = verifications.get(`${name} by ${by}`);
  const ms = [];
  let verified = true;
  let started = performance.now();
  const end = started + seconds * 1000;
  do {
    verified = await verify();
    const ended = performance.now();
    ms.push(ended - started);
    started = ended;
  } while(verified && started < end);
  console.log(JSON.stringify({verified, ms}));
}
