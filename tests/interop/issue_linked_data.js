// Prints credentials of the Linked Data suites, as [{suite, did, documents, credential}], all under did:web.
import * as vc from '@digitalbazaar/vc';
import {badge, published} from './badge.js';
import {jsigs, suites} from './linked_data.js';
import {documentLoader} from './documents.js';

const DID = 'did:web:interop.example:issuers:one';
const SUITE_2018 = 'https://w3id.org/security/suites/ed25519-2018/v1';

const answers = [];
for(const [name, {old, Suite, Key}] of Object.entries(suites)) {
  const key = await Key.generate({id: `${DID}#key-1`, controller: DID});
  const {id, type, controller, publicKeyPem, publicKeyBase58} = old ? key.publicNode() : key.export({publicKey: true});
  const documents = {
    'https://interop.example/issuers/one/did.json':
      published(DID, {id, type, controller, ...(publicKeyPem ? {publicKeyPem} : {publicKeyBase58})}),
  };
  const suite = new Suite({verificationMethod: id, key, date: '2026-01-01T00:00:00Z'});
  for(const vcdm of ['1.1', '2.0']) {
    // Neither of the older two signs a document of VCDM 2.0, whose contexts do not define their proofs.
    if(vcdm === '2.0' && old) {
      continue;
    }
    const unsecured = badge(DID, vcdm, vcdm === '2.0' ? [SUITE_2018] : []);
    const purpose = new jsigs.purposes.AssertionProofPurpose();
    const credential = old ?
      await jsigs.sign(unsecured, {suite, purpose, documentLoader, compactProof: false}) :
      await vc.issue({credential: unsecured, suite, documentLoader});
    answers.push({suite: `${name} VCDM ${vcdm}`, did: 'did:web', documents, credential});
  }
}

process.stdout.write(JSON.stringify(answers));
