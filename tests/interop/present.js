// Standard input: {challenge, domain, theirs: [{name, documents: {url: document}, presentation}]}.
// Prints {ours: fresh presentations of every suite, as [{suite, presentation}], each of a credential and bound to the
// challenge and the domain; theirs: whether each of those given verifies, as {name: {verified, error}}}.
import * as vc from '@digitalbazaar/vc';
import {badge} from './badge.js';
import {documentLoader, documents} from './documents.js';
import {suites} from './suites.js';
import {SignJWT, exportJWK, generateKeyPair} from 'jose';

async function read() {
  let text = '';
  for await (const chunk of process.stdin) {
    text += chunk;
  }
  return JSON.parse(text);
}

const {challenge, domain, theirs} = await read();
const ours = [];
for(const [name, suite] of Object.entries(suites)) {
  for(const vcdm of ['1.1', '2.0']) {
    const extra = name === 'Ed25519Signature2020' ? ['https://w3id.org/security/suites/ed25519-2020/v1'] :
      vcdm === '1.1' ? ['https://w3id.org/security/data-integrity/v2'] : [];
    const key = await suite.generate(undefined);
    const fingerprint = key.publicKeyMultibase ?? (await key.export({publicKey: true})).publicKeyMultibase;
    key.controller = `did:key:${fingerprint}`;
    key.id = `${key.controller}#${fingerprint}`;
    const held = badge(key.controller, vcdm, extra);
    held.credentialSubject.id = key.controller;
    const credential = await vc.issue({credential: held, suite: await suite.sign(key), documentLoader});
    const presentation = vc.createPresentation({verifiableCredential: [credential], holder: key.controller,
      version: vcdm === '2.0' ? 2.0 : 1.0});
    presentation['@context'].push(...extra);
    ours.push({
      suite: `${name} VCDM ${vcdm}`,
      presentation: await vc.signPresentation({
        presentation, suite: await suite.sign(key), challenge, domain, documentLoader,
      }),
    });
  }
}

for(const alg of ['EdDSA', 'ES256']) {
  const {publicKey, privateKey} = await generateKeyPair(alg, {extractable: true});
  const jwk = await exportJWK(publicKey);
  const did = `did:jwk:${Buffer.from(JSON.stringify(jwk)).toString('base64url')}`;
  const sign = (payload, typ) => new SignJWT(payload).setProtectedHeader({alg, kid: `${did}#0`, typ}).sign(privateKey);
  const held = badge(did, '2.0');
  held.credentialSubject.id = did;
  const context = 'https://www.w3.org/ns/credentials/v2';
  const enveloped = (type, kind, token) => ({'@context': context, type, id: `data:application/${kind},${token}`});
  const inside = enveloped('EnvelopedVerifiableCredential', 'vc+jwt', await sign(held, 'vc+jwt'));
  const payload = {'@context': [context], type: ['VerifiablePresentation'], holder: did, verifiableCredential: [inside]};
  const token = await sign({...payload, nonce: challenge, aud: domain}, 'vp+jwt');
  ours.push({suite: `vp+jwt ${alg}`, presentation: token});
  ours.push({suite: `enveloped ${alg}`, presentation: enveloped('EnvelopedVerifiablePresentation', 'vp+jwt', token)});
  const older = badge(did, '1.1');
  older.credentialSubject.id = did;
  const credential = await new SignJWT({vc: older, iss: did, sub: did, jti: older.id, nbf: 1767225600})
    .setProtectedHeader({alg, kid: `${did}#0`, typ: 'JWT'}).sign(privateKey);
  const vp = {'@context': ['https://www.w3.org/2018/credentials/v1'], type: ['VerifiablePresentation'],
    verifiableCredential: [credential]};
  ours.push({suite: `JWT VP ${alg}`, presentation: await sign({vp, iss: did, nonce: challenge, aud: domain}, 'JWT')});
}

const verdicts = {};
for(const {name, documents: served, presentation, suite} of theirs) {
  for(const [url, document] of Object.entries(served)) {
    documents.set(url, document);
  }
  const result = await vc.verify({presentation, challenge, domain, suite: suites[suite].verify(), documentLoader});
  verdicts[name] = {verified: result.verified, error: result.verified ? null : String(result.error?.errors?.[0] ?? result.error)};
}

process.stdout.write(JSON.stringify({ours, theirs: verdicts}));
