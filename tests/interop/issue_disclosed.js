// Prints credentials of which part is shown, as [{suite, did, documents, credential, base}], where `base` has the
// base proof: ecdsa-sd-2023 and bbs-2023, each under both data models and with did:key and did:web issuers.
import * as Bls12381Multikey from '@digitalbazaar/bls12-381-multikey';
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import * as bbs2023 from '@digitalbazaar/bbs-2023-cryptosuite';
import * as ecdsaSd2023 from '@digitalbazaar/ecdsa-sd-2023-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import {badge, published} from './badge.js';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {documentLoader} from './documents.js';

const MANDATORY = {'1.1': ['/issuer', '/issuanceDate'], '2.0': ['/issuer', '/validFrom']};
const SHOWN = ['/credentialSubject/achievement/name', '/credentialSubject/achievement/criteria', '/name'];
const SUITES = {
  'ecdsa-sd-2023': {library: ecdsaSd2023, generate: () => EcdsaMultikey.generate({curve: 'P-256'})},
  'bbs-2023': {
    library: bbs2023,
    generate: () => Bls12381Multikey.generateBbsKeyPair({algorithm: Bls12381Multikey.ALGORITHMS.BBS_BLS12381_SHA256}),
  },
};

const answers = [];
for(const [name, {library, generate}] of Object.entries(SUITES)) {
  for(const kind of ['did:key', 'did:web']) {
    const key = await generate();
    const {publicKeyMultibase} = await key.export({publicKey: true});
    const did = kind === 'did:key' ? `did:key:${publicKeyMultibase}` : 'did:web:interop.example:issuers:one';
    key.controller = did;
    key.id = kind === 'did:key' ? `${did}#${publicKeyMultibase}` : `${did}#key-1`;
    const method = {id: key.id, type: 'Multikey', controller: did, publicKeyMultibase};
    const documents = kind === 'did:key' ? {} :
      {'https://interop.example/issuers/one/did.json': published(did, method)};
    for(const vcdm of ['1.1', '2.0']) {
      const sign = new DataIntegrityProof({
        signer: key.signer(),
        cryptosuite: library.createSignCryptosuite({mandatoryPointers: MANDATORY[vcdm]}),
        date: '2026-01-01T00:00:00Z',
      });
      const extra = vcdm === '1.1' ? ['https://w3id.org/security/data-integrity/v2'] : [];
      const base = await vc.issue({credential: badge(did, vcdm, extra), suite: sign, documentLoader});
      const derive = new DataIntegrityProof({
        cryptosuite: library.createDiscloseCryptosuite({selectivePointers: SHOWN}),
      });
      const credential = await vc.derive({verifiableCredential: base, suite: derive, documentLoader});
      answers.push({suite: `${name} VCDM ${vcdm}`, did: kind, documents, credential, base});
    }
  }
}

process.stdout.write(JSON.stringify(answers));
