// What the JavaScript peers issue, and the controller document of who issues it.
const CREDENTIALS = {'1.1': 'https://www.w3.org/2018/credentials/v1', '2.0': 'https://www.w3.org/ns/credentials/v2'};
const OPEN_BADGES = {
  '1.1': 'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json',
  '2.0': 'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json',
};

export function badge(issuer, vcdm, extra = []) {
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
export function published(did, method) {
  return {
    '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
    id: did,
    verificationMethod: [method],
    assertionMethod: [method.id],
  };
}
