// Verifies derived proofs. On standard input [{suite, credential}], answered by [true or false] in the same order.
import * as bbs2023 from '@digitalbazaar/bbs-2023-cryptosuite';
import * as ecdsaSd2023 from '@digitalbazaar/ecdsa-sd-2023-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {documentLoader, documents} from './documents.js';
import {published} from './badge.js';
import {readFileSync} from 'node:fs';

const LIBRARIES = {'ecdsa-sd-2023': ecdsaSd2023, 'bbs-2023': bbs2023};

// The loader is asked for the method and for the DID by themselves.
function serve(url) {
  const [did, fragment] = url.split('#');
  const method = {
    '@context': 'https://w3id.org/security/multikey/v1',
    id: url, type: 'Multikey', controller: did, publicKeyMultibase: fragment,
  };
  documents.set(url, method);
  documents.set(did, published(did, method));
}

const answers = [];
for(const {suite, credential} of JSON.parse(readFileSync(0, 'utf8'))) {
  serve(credential.proof.verificationMethod);
  const proof = new DataIntegrityProof({cryptosuite: LIBRARIES[suite].createVerifyCryptosuite()});
  const result = await vc.verifyCredential({credential, suite: proof, documentLoader});
  if(!result.verified) {
    console.error(JSON.stringify(result.error?.errors?.map(String) ?? String(result.error)));
  }
  answers.push(result.verified);
}

process.stdout.write(JSON.stringify(answers));
