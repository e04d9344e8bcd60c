import { SPEC_VERSION, type IgnitionConfig } from "./spec.ts";

/** Where a machine's real config is. */
export interface StubTarget {
  /** `s3://<bucket>/<key>`; the bucket in the machine's own region, where the gateway endpoint alone leads to it. */
  readonly source: string;
  /** 128 hex digits, of the config's bytes. */
  readonly sha512: string;
}

/**
 * The config that only says where the machine's real one is, which replaces it: what EC2 is given as user data, that holds 16 KiB at most,
 * is read by every process of the machine, and stays readable for as long as it lives.
 */
export function stubConfig({ source, sha512 }: StubTarget): IgnitionConfig {
  return {
    ignition: {
      version: SPEC_VERSION,
      config: { replace: { source, verification: { hash: `sha512-${sha512}` } } },
    },
  };
}
