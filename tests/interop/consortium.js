// Issues and verifies by `@digitalcredentials/vc`, the library of the Digital Credentials Consortium. On standard
// input {issue: [{suite, vcdm, revoked}], verify: [{suite, methods, controllers, credential or presentation, list,
// challenge, domain}]}, answered by {issued: [{documents, credential, presentation, list}], verified: [true or false]}.
import * as Ed25519Multikey from '@digitalcredentials/ed25519-multikey';
import * as statusList from '@digitalcredentials/vc-bitstring-status-list';
import * as vc from '@digitalcredentials/vc';
import {badge, published} from './badge.js';
import {documentLoader, documents} from './documents.js';
import {DataIntegrityProof} from '@digitalcredentials/data-integrity';
import {Ed25519Signature2020} from '@digitalcredentials/ed25519-signature-2020';
import {Ed25519VerificationKey2020} from '@digitalcredentials/ed25519-verification-key-2020';
import {cryptosuite as eddsaRdfc2022} from '@digitalcredentials/eddsa-rdfc-2022-cryptosuite';
import {readFileSync} from 'node:fs';

const DATE = '2026-01-01T00:00:00Z';
const LIST = 'https://interop.example/status/1';
const SUITES = {
  'eddsa-rdfc-2022': {
    generate: () => Ed25519Multikey.generate({}),
    sign: key => new DataIntegrityProof({signer: key.signer(), cryptosuite: eddsaRdfc2022, date: DATE}),
    verify: () => new DataIntegrityProof({cryptosuite: eddsaRdfc2022}),
    contexts: vcdm => vcdm === '1.1' ? ['https://w3id.org/security/data-integrity/v2'] : [],
  },
  Ed25519Signature2020: {
    generate: () => Ed25519VerificationKey2020.generate({}),
    sign: key => new Ed25519Signature2020({key, date: DATE}),
    verify: () => new Ed25519Signature2020(),
    contexts: () => ['https://w3id.org/security/suites/ed25519-2020/v1'],
  },
};

async function keyOf(suite, did) {
  const key = await SUITES[suite].generate();
  key.controller = did;
  key.id = `${did}#key-1`;
  const {type, publicKeyMultibase} = await key.export({publicKey: true});
  const method = {id: key.id, type, controller: did, publicKeyMultibase};
  return {key, document: {...published(did, method), authentication: [key.id]}};
}

const issued = [];
const {issue, verify} = JSON.parse(readFileSync(0, 'utf8'));
for(const {suite, vcdm, revoked} of issue) {
  const {contexts, sign} = SUITES[suite];
  const issuer = await keyOf(suite, 'did:web:interop.example:issuers:dcc');
  const holder = await keyOf(suite, 'did:web:interop.example:holders:one');
  const extra = contexts(vcdm);
  const proof = () => ({suite: sign(issuer.key), documentLoader});
  const bits = await statusList.createList({length: 131072});
  bits.setStatus(7, revoked);
  const unsigned = await statusList.createCredential({
    id: LIST, list: bits, statusPurpose: 'revocation', context: ['https://www.w3.org/ns/credentials/v2'],
  });
  const own = {'@context': [...unsigned['@context'], ...contexts('2.0')], issuer: issuer.key.controller, validFrom: DATE};
  const list = await vc.issue({credential: {...unsigned, ...own}, ...proof()});
  const status = {
    id: `${LIST}#7`, type: 'BitstringStatusListEntry', statusPurpose: 'revocation', statusListIndex: '7', statusListCredential: LIST,
  };
  const credential = badge(issuer.key.controller, vcdm, extra);
  credential.credentialSubject.id = holder.key.controller;
  const signed = await vc.issue({credential: vcdm === '2.0' ? {...credential, credentialStatus: status} : credential, ...proof()});
  const presentation = await vc.signPresentation({
    presentation: {
      '@context': [credential['@context'][0], ...extra],
      type: ['VerifiablePresentation'], holder: holder.key.controller, verifiableCredential: [signed],
    },
    suite: sign(holder.key), challenge: 'c-1', domain: 'employer.example', documentLoader,
  });
  issued.push({
    credential: signed, presentation, list: vcdm === '2.0' ? list : null,
    documents: {
      'https://interop.example/issuers/dcc/did.json': issuer.document,
      'https://interop.example/holders/one/did.json': holder.document,
    },
  });
}

const verified = [];
for(const {suite, methods, controllers, credential, list, presentation, challenge, domain} of verify) {
  for(const document of [...methods, ...controllers]) {
    documents.set(document.id, document);
  }
  if(list) {
    documents.set(list.id, list);
  }
  const options = {suite: SUITES[suite].verify(), documentLoader, checkStatus: list ? statusList.checkStatus : undefined};
  const answer = presentation ?
    await vc.verify({presentation, challenge, domain, ...options}) : await vc.verifyCredential({credential, ...options});
  if(!answer.verified) {
    console.error(JSON.stringify(answer.error?.errors?.map(String) ?? String(answer.error)));
  }
  verified.push(answer.verified);
}

process.stdout.write(JSON.stringify({issued, verified}));
