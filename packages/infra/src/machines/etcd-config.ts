import { renderIgnition, SPEC_VERSION } from "@quarterdeck/ignition";
import type { MemberPlace } from "../names/members.ts";
import { memberHost, memberPeerUrl } from "../names/private-names.ts";

/** What an etcd machine's config says. */
export interface EtcdConfigOptions {
  readonly cluster: string;
  readonly member: MemberPlace;
  /** All, this one included. */
  readonly members: readonly MemberPlace[];
  readonly bucket: string;
  readonly region: string;
  readonly sshAuthorizedKeys: readonly string[];
}

/**
 * The Ignition config of an etcd machine as far as it is built: its name, who may log in, and in `/etc/quarterdeck/boot.json` what
 * `planBoot` and `chooseVolume` ask for. No daemon is in it yet: they need certificates, which the machine must first be able to get.
 */
export function renderEtcdConfig({
  cluster,
  member,
  members,
  bucket,
  region,
  sshAuthorizedKeys,
}: EtcdConfigOptions): string {
  const boot = {
    cluster,
    member: member.id,
    zone: member.zone,
    region,
    bucket,
    members: members.map((each) => ({ name: memberHost(cluster, each), peerUrl: memberPeerUrl(cluster, each) })),
  };
  return renderIgnition({
    ignition: { version: SPEC_VERSION },
    passwd: { users: [{ name: "core", sshAuthorizedKeys }] },
    storage: {
      files: [
        textFile("/etc/hostname", `${memberHost(cluster, member)}\n`),
        textFile("/etc/quarterdeck/boot.json", `${JSON.stringify(boot, null, 2)}\n`),
      ],
    },
  });
}

const textFile = (path: string, text: string) => ({
  path,
  mode: 0o644,
  overwrite: true,
  contents: { source: `data:,${encodeURIComponent(text)}` },
});
