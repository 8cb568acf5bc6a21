// Verifies proofs of RsaSignature2018 and Ed25519Signature2018 by jsonld-signatures 5. On standard input
// [{method, credential}], answered by [true or false] in the same order.
import {documentLoader, documents} from './documents.js';
import {jsigs} from './linked_data.js';
import {readFileSync} from 'node:fs';

const SECURITY_V2 = 'https://w3id.org/security/v2';

const answers = [];
for(const {method, credential} of JSON.parse(readFileSync(0, 'utf8'))) {
  documents.set(method.id, {'@context': SECURITY_V2, ...method});
  documents.set(method.controller, {'@context': SECURITY_V2, id: method.controller, assertionMethod: [method.id]});
  const suite = new jsigs.suites[credential.proof.type]();
  const purpose = new jsigs.purposes.AssertionProofPurpose();
  const result = await jsigs.verify(credential, {suite, purpose, documentLoader, compactProof: false});
  if(!result.verified) {
    console.error(JSON.stringify(result.error?.errors?.map(String) ?? String(result.error)));
  }
  answers.push(result.verified);
}

process.stdout.write(JSON.stringify(answers));
