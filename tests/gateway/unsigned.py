"""Records that nothing here verifies: one of each kind."""

from __future__ import annotations

from typing import Any, Final

LER_RS: Final = "http://schema.hropenstandards.org/4.4/recruiting/json/ler-rs/LER-RSType.json"

PESC: Final = """<?xml version="1.0" encoding="UTF-8"?>
<ct:CollegeTranscript xmlns:ct="urn:org:pesc:message:CollegeTranscript:v1.8.0">
  <TransmissionData>
    <DocumentID>D-1</DocumentID><CreatedDateTime>2024-05-02T10:00:00Z</CreatedDateTime>
    <Source><Organization><OrganizationName>State University</OrganizationName></Organization></Source>
  </TransmissionData>
  <Student>
    <Person>
      <SchoolAssignedPersonID>S-1</SchoolAssignedPersonID>
      <Name><FirstName>Alex</FirstName><LastName>Learner</LastName></Name>
      <Birth><BirthDate>2000-01-01</BirthDate></Birth>
    </Person>
    <AcademicRecord>
      <School><OrganizationName>State University</OrganizationName></School>
      <AcademicAward>
        <AcademicAwardTitle>Bachelor of Science</AcademicAwardTitle><AcademicAwardDate>2024-05-01</AcademicAwardDate>
        <AcademicAwardProgram><AcademicProgramName>Welding</AcademicProgramName></AcademicAwardProgram>
      </AcademicAward>
      <AcademicSession>
        <Course>
          <CourseTitle>Metals</CourseTitle><OriginalCourseID>ME101</OriginalCourseID>
          <CourseCreditValue>3.0</CourseCreditValue><CourseCreditEarned>3.0</CourseCreditEarned>
          <CourseCreditUnits>Semester</CourseCreditUnits><CourseAcademicGrade>A</CourseAcademicGrade>
        </Course>
        <Course><CourseTitle>Plans</CourseTitle><OriginalCourseID>javascript:alert(1)</OriginalCourseID></Course>
      </AcademicSession>
    </AcademicRecord>
  </Student>
</ct:CollegeTranscript>"""

ELMO: Final = """<elmo xmlns="https://github.com/emrex-eu/elmo-schemas/tree/v1">
  <generatedDate>2024-01-01T00:00:00+01:00</generatedDate>
  <learner><givenNames>Ana</givenNames><familyName>Andromeda</familyName>
    <identifier type="nationalIdentifier">X-1</identifier><bday>2000-01-01</bday></learner>
  <report>
    <issuer><identifier type="schac">uni.example</identifier><title xml:lang="en">University</title>
      <url>https://uni.example/</url></issuer>
    <learningOpportunitySpecification>
      <identifier type="local">P1</identifier><title xml:lang="en">Bachelor</title><title xml:lang="no">Grad</title>
      <type>Degree Programme</type>
      <hasPart>
        <learningOpportunitySpecification>
          <identifier type="local">C1</identifier><title>Metals</title><type>Course</type>
          <specifies><learningOpportunityInstance>
            <status>passed</status><resultLabel>B</resultLabel>
            <credit><scheme>ects</scheme><value>7.5</value></credit>
          </learningOpportunityInstance></specifies>
        </learningOpportunitySpecification>
      </hasPart>
    </learningOpportunitySpecification>
  </report>
</elmo>"""


def blockcerts(**members: Any) -> dict[str, Any]:
    """Return a Blockcerts 3 certificate."""
    return {
        "@context": ["https://www.w3.org/2018/credentials/v1", "https://w3id.org/blockcerts/v3"],
        "id": "urn:uuid:bbba8553-8ec1-445f-82c9-a57251dd731c",
        "type": ["VerifiableCredential", "BlockcertsCredential"],
        "issuer": "https://blockcerts.example/issuer.json",
        "issuanceDate": "2024-01-01T00:00:00Z",
        "credentialSubject": {
            "id": "did:example:23adb1f712ebc6f1c276eba4dfa",
            "claim": {"type": "Certificate", "name": "Welder", "description": "Welds"},
        },
        "proof": {"type": "MerkleProof2019", "proofValue": "z7veGu1qoKR3AS5"},
        **members,
    }


def velocity(**members: Any) -> dict[str, Any]:
    """Return a Velocity credential, taken out of its token."""
    return {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "id": "https://velocity.example/credentials/1",
        "type": ["VerifiableCredential", "EducationDegreeGraduationV1.1"],
        "issuer": {"id": "did:velocity:0x1234"},
        "issuanceDate": "2024-05-02T00:00:00Z",
        "credentialStatus": {"id": "ethereum:0x1", "type": "VelocityRevocationListJan2021"},
        "credentialSubject": {
            "type": "EducationDegree",
            "degreeName": "Bachelor of Science",
            "degreeMajor": ["Welding", "Metals"],
            "institution": {"type": "Organization", "name": "State University", "did": "did:ion:1"},
            "grade": {"type": "Score", "score": "3.9"},
            "startDate": "2020-09-01",
            "endDate": "2024-04-30",
            "conferredDate": "2024-05-01",
            "alignment": [],
        },
        **members,
    }


def resume(**members: Any) -> dict[str, Any]:
    """Return an LER-RS that nobody has signed."""
    return {
        "type": LER_RS,
        "documentId": {"value": "71202e91-a760-4173-a595-97bdfb514a63"},
        "person": {"name": {"given": "Lia", "family": "Andrews"}},
        "communication": {"email": [{"address": "lia@mail.example"}], "phone": [{"formattedNumber": "1"}]},
        "skills": [{"name": "Welding", "definitionReference": "https://skills.example/1", "schemeReference": "ESCO"}],
        "educationAndLearnings": [
            {
                "institution": {"name": "State University"},
                "educationDegrees": [
                    {
                        "name": "Bachelor of Science",
                        "specializations": [{"name": "Welding"}, {"name": "Metals"}],
                        "score": {"scoresText": [{"value": "3.5"}]},
                        "iscedEducationLevelCode": "6",
                    }
                ],
            }
        ],
        "certifications": [{"name": "Welder", "issuingAuthority": {"tradeName": "Guild"}, "status": "Active"}],
        "licenses": [{"name": "Crane", "issuingAuthority": "State", "identifiers": [{"value": "L-1"}]}],
        "employmentHistories": [{"organization": {"tradeName": "Yard"}, "positionHistories": [{"title": "Welder"}]}],
        **members,
    }
