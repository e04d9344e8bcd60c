/** Who may reach a port: machines of the cluster, its etcd machines, or blocks of addresses. */
export type IngressSource = "machines" | "etcd" | readonly string[];

/** What may come in. */
export interface IngressRule {
  readonly description: string;
  /** `-1` is every protocol, for which the ports are 0. */
  readonly protocol: "tcp" | "udp" | "icmp" | "-1";
  /** Of icmp the type, -1 for all. */
  readonly fromPort: number;
  readonly toPort: number;
  readonly from: IngressSource;
}

/** What reaches every machine: its neighbours, on all ports but etcd's, and SSH from where it was opened. */
export function machineIngress(allowSshFrom: readonly string[]): readonly IngressRule[] {
  return [
    rule("machines, below etcd", "tcp", [1, 2378], "machines"),
    rule("machines, above etcd", "tcp", [2381, 65_535], "machines"),
    rule("machines", "udp", [1, 65_535], "machines"),
    rule("machines", "icmp", [-1, -1], "machines"),
    ...(allowSshFrom.length === 0 ? [] : [rule("SSH", "tcp", [22, 22], allowSshFrom)]),
  ];
}

/** What reaches an etcd machine besides: clients from the machines, peers from the etcd machines alone. */
export function etcdIngress(): readonly IngressRule[] {
  return [rule("etcd clients", "tcp", [2379, 2379], "machines"), rule("etcd peers", "tcp", [2380, 2380], "etcd")];
}

function rule(
  description: string,
  protocol: IngressRule["protocol"],
  [fromPort, toPort]: readonly [number, number],
  from: IngressSource,
): IngressRule {
  return { description, protocol, fromPort, toPort, from };
}
