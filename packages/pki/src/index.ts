export { createAuthority, loadAuthority, type Authority } from "./authority.ts";
export type { IssueOptions } from "./issue-leaf.ts";
export type { Credential } from "./credential.ts";
export { profiles, type Profile, type Purpose } from "./profiles.ts";
export type { SubjectAlternativeNames } from "./subject-alternative-names.ts";
