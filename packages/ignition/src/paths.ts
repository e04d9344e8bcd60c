/** Where things are inside a machine. @see docs/reference/machine.md */
export const PATHS = {
  bin: "/opt/bin",
  binaries: "/opt/quarterdeck",
  etcd: "/opt/etcd",
  config: "/etc/quarterdeck/quarterdeck.toml",
  pki: "/etc/quarterdeck/pki",
  seed: "/etc/quarterdeck/seed",
  slack: "/etc/quarterdeck/slack.env",
  state: "/var/lib/quarterdeck",
  etcdData: "/var/lib/quarterdeck/etcd",
  dockerCertificates: "/etc/docker/certs.d",
} as const;
