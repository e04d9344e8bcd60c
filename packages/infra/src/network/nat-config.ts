import { renderIgnition, SPEC_VERSION } from "@quarterdeck/ignition";

/** The Ignition config of a machine that only forwards what the network's own machines send out. It fits user data: there is nothing else on it. */
export function renderNatConfig(vpcCidr: string): string {
  const iptables = "/usr/sbin/iptables --wait";
  const contents = `[Unit]
Description=NAT of Quarterdeck
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/bin/sysctl --write net.ipv4.ip_forward=1
ExecStart=${iptables} --policy FORWARD ACCEPT
ExecStart=${iptables} --table nat --append POSTROUTING --source ${vpcCidr} ! --destination ${vpcCidr} --jump MASQUERADE

[Install]
WantedBy=multi-user.target
`;
  return renderIgnition({
    ignition: { version: SPEC_VERSION },
    systemd: { units: [{ name: "quarterdeck-nat.service", enabled: true, contents }] },
  });
}
