/** Says before anything else what is not real in a lab on plain processes; `why` is why there is no better one. */
export function plainBanner(why: string): readonly string[] {
  return [
    "==============================================================================",
    "PLAIN PROCESSES: this lab has no machines of its own.",
    `  why: ${why}`,
    "  real:     etcd (three members), engines, agents, leases, failover, the bot",
    "  not real: no systemd: the agents themselves start and stop units",
    "            no containers, no image registry: deploy cannot come true",
    "            no network of their own: cut and slow are refused",
    "            no kernel namespaces, no limits, no protection: units are processes of",
    "            your user on this computer; kill and freeze end or stop those processes",
    "  services: Type=simple, exec and oneshot; what needs more is refused with a reason",
    "            (Quarterdeck's own Type=notify bot is started as exec)",
    "  for all of it: run as root on a Debian 12 host, virtual machine or a container",
    "            started with --privileged --cgroupns=host",
    "==============================================================================",
  ];
}
