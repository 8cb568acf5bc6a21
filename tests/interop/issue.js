// Prints fresh credentials of every suite, with did:key and did:web issuers, as
// [{suite, did, documents: {url: controller document}, credential: object or compact token}].
import * as vc from '@digitalbazaar/vc';
import {badge, published} from './badge.js';
import {documentLoader} from './documents.js';
import {suites} from './suites.js';
import {SignJWT, exportJWK, generateKeyPair} from 'jose';

const answers = [];
for(const [name, suite] of Object.entries(suites)) {
  for(const kind of ['did:key', 'did:web']) {
    const key = await suite.generate(undefined);
    const fingerprint = key.publicKeyMultibase ?? (await key.export({publicKey: true})).publicKeyMultibase;
    const did = kind === 'did:key' ? `did:key:${fingerprint}` : 'did:web:interop.example:issuers:one';
    key.controller = did;
    key.id = kind === 'did:key' ? `${did}#${fingerprint}` : `${did}#key-1`;
    const documents = {};
    if(kind === 'did:web') {
      const {id, type, controller, publicKeyMultibase} = {...await key.export({publicKey: true}), id: key.id, controller: did};
      documents['https://interop.example/issuers/one/did.json'] = published(did, {id, type, controller, publicKeyMultibase});
    }
    const legacy = name === 'Ed25519Signature2020';
    for(const vcdm of ['1.1', '2.0']) {
      const extra = legacy ? ['https://w3id.org/security/suites/ed25519-2020/v1'] :
        vcdm === '1.1' ? ['https://w3id.org/security/data-integrity/v2'] : [];
      const credential = await vc.issue({credential: badge(did, vcdm, extra), suite: await suite.sign(key), documentLoader});
      answers.push({suite: `${name} VCDM ${vcdm}`, did: kind, documents, credential});
    }
  }
}

for(const alg of ['EdDSA', 'ES256', 'ES384', 'RS256']) {
  const {publicKey, privateKey} = await generateKeyPair(alg, {extractable: true});
  const did = 'did:web:interop.example:issuers:jose';
  const method = {id: `${did}#key-1`, type: 'JsonWebKey', controller: did, publicKeyJwk: await exportJWK(publicKey)};
  const documents = {'https://interop.example/issuers/jose/did.json': published(did, method)};
  const token = await new SignJWT(badge(did, '2.0')).setProtectedHeader({alg, kid: method.id, typ: 'vc+jwt'}).sign(privateKey);
  answers.push({suite: `vc+jwt ${alg}`, did: 'did:web', documents, credential: token});
  const credential = badge(did, '1.1');
  const legacy = await new SignJWT({vc: credential, iss: did, sub: credential.credentialSubject.id, jti: credential.id, nbf: 1767225600})
    .setProtectedHeader({alg, kid: method.id, typ: 'JWT'}).sign(privateKey);
  answers.push({suite: `VC-JWT ${alg}`, did: 'did:web', documents, credential: legacy});
}

process.stdout.write(JSON.stringify(answers));
