// Verifies the credentials of a file as often as asked; prints {name: {verified, ms}}, the median of the runs.
// Arguments: a file of [{name, suite, runs, documents: {url: document}, credential}].
import * as vc from '@digitalbazaar/vc';
import {readFileSync} from 'node:fs';
import {documentLoader, documents} from './documents.js';
import {suites} from './suites.js';
import {importJWK, jwtVerify} from 'jose';

const median = values => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

const answers = {};
for(const item of JSON.parse(readFileSync(process.argv[2], 'utf8'))) {
  for(const [url, document] of Object.entries(item.documents)) {
    documents.set(url, document);
  }
  let verify;
  if(item.jwk) {
    const key = await importJWK(item.jwk, item.alg);
    verify = async () => (await jwtVerify(item.credential, key)).payload !== undefined;
  } else {
    const suite = suites[item.suite].verify();
    verify = async () => {
      const result = await vc.verifyCredential({credential: structuredClone(item.credential), suite, documentLoader});
      if(!result.verified) {
        console.error(result.error?.errors?.[0] ?? result.error);
      }
      return result.verified;
    };
  }
  const times = [];
  let verified = true;
  for(let run = 0; run < item.runs + Math.min(50, item.runs); run++) {
    const started = performance.now();
    verified = await verify() && verified;
    times.push(performance.now() - started);
  }
  answers[item.name] = {verified, ms: median(times.slice(Math.min(50, item.runs)))};
}
process.stdout.write(JSON.stringify(answers));
