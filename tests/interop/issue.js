// Prints fresh credentials of every suite, with did:key and did:web issuers, as
// [{suite, did, documents: {url: controller document}, credential: object or compact token}].
import * as vc from '@digitalbazaar/vc';
import {documentLoader} from './documents.js';
import {suites} from './suites.js';
import {SignJWT, exportJWK, generateKeyPair} from 'jose';

const CREDENTIALS = {'1.1': 'https://www.w3.org/2018/credentials/v1', '2.0': 'https://www.w3.org/ns/credentials/v2'};
const OPEN_BADGES = {
  '1.1': 'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json',
  '2.0': 'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json',
};

function badge(issuer, vcdm, extra = []) {
  return {
    '@context': [CREDENTIALS[vcdm], OPEN_BADGES[vcdm], ...extra],
    id: `urn:uuid:${crypto.randomUUID()}`,
    type: ['VerifiableCredential', 'OpenBadgeCredential'],
    issuer: {id: issuer, type: ['Profile'], name: 'Interop University'},
    ...(vcdm === '2.0' ? {validFrom: '2026-01-01T00:00:00Z'} : {issuanceDate: '2026-01-01T00:00:00Z'}),
    name: 'Welding',
    credentialSubject: {
      id: 'did:example:learner',
      type: ['AchievementSubject'],
      achievement: {
        id: 'https://university.example/achievements/welding',
        type: ['Achievement'],
        achievementType: 'Certificate',
        name: 'Welding',
        description: 'Joins steel.',
        criteria: {narrative: 'Passed the test.'},
      },
    },
  };
}

// A controller document in which `method` may assert; did:web is addressed as the specification says.
function published(did, method) {
  return {
    '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
    id: did,
    verificationMethod: [method],
    assertionMethod: [method.id],
  };
}

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
