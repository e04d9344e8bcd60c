import { createDice, pick } from "../chaos/draw-fault.ts";

/** Lines that systemd reads, skips or refuses the unit for; programs are such as every machine has. */
const SERVICE = linesOf(String.raw`
Type=oneshot¦Type=simple¦Type=dbus¦Type=onshot¦Type=notify¦BusName=org.example.A
ExecStart=/bin/true¦ExecStart=/bin/echo¦ExecStart=/bin/false¦ExecStart=¦ExecStart=/bin/true ; /bin/false¦ExecStart=/bin/true \; a
ExecStart=bin/true¦ExecStart=-bin/true¦ExecStart=true¦ExecStart=@/bin/true a¦ExecStart=@/bin/true¦ExecStart=-¦ExecStart=+!/bin/true
ExecStart=!!/bin/true¦ExecStart=-@:/bin/true a b¦ExecStart="/bin/true¦ExecStart="/bin/true" 'a b'¦ExecStart=/bin/echo \q
ExecStart=/bin/echo \x41\101\n¦ExecStart=/bin/date +%F¦ExecStart=-/bin/date +%F¦ExecStart=/bin/date +%%F¦ExecStart=/bin/echo 5% of %i
ExecStart=/bin/¦ExecStart=/bin/echo $$ $A $A{B}¦ExecStartPre=bin/a¦ExecStartPre=-/bin/true "¦ExecStartPost=/bin/echo ;¦ExecStop=/bin/true
ExecStop=-bin/true¦ExecStopPost=/bin/echo %O¦ExecReload=/bin/true 'a¦RemainAfterExit=yes¦RemainAfterExit=maybe¦RemainAfterExit=ON
Restart=always¦Restart=on-failure¦Restart=Always¦Restart=no¦Restart=¦RestartSec=5¦RestartSec=1min 30s¦RestartSec=ten
TimeoutStopSec=infinity¦TimeoutStopSec=5 s¦TimeoutStopSec=5x¦TimeoutSec=-1¦WatchdogSec=1.5h¦MemoryMax=512M¦MemoryMax=lots
MemoryMax=50%¦MemoryMax=infinity¦MemoryHigh=1.5G¦MemoryHigh=10k¦MemoryMax=0¦OOMPolicy=continue¦OOMPolicy=panic
KillMode=mixed¦KillMode=none¦KillMode=all¦NotifyAccess=all¦NotifyAccess=both¦SendSIGKILL=no¦NoNewPrivileges=perhaps¦DynamicUser=1
WorkingDirectory=/tmp¦WorkingDirectory=tmp¦WorkingDirectory=-tmp¦WorkingDirectory=~¦WorkingDirectory=-/nowhere
ExecSotp=/bin/true¦MachineOf=a.service¦X-Owner=me¦no equals sign¦=value¦Environment=A=b "C=d e"¦# a comment¦; another`);
const UNIT = linesOf(`
Description=A unit¦DefaultDependencies=no¦DefaultDependencies=neither¦StartLimitIntervalSec=5min¦StartLimitIntervalSec=soon
SuccessAction=none¦After=network.target¦JobTimeoutSec=1h¦JobTimeoutSec=whenever¦StopWhenUnneeded=off¦Wnats=network.target`);

/** Services of such lines, by name, always the same: first one of each line, beside a good `ExecStart=` where it is none itself, then `count` mixtures. */
export function drawUnits(count: number): Readonly<Record<string, string>> {
  const dice = createDice(1);
  const some = (lines: readonly string[], least: number, most: number): string =>
    Array.from({ length: dice(least, most) }, () => `${pick(dice, lines)}\n`).join("");
  const alone = SERVICE.map((line) =>
    line.startsWith("ExecStart=") ? `[Service]\n${line}\n` : `[Service]\nExecStart=/bin/true\n${line}\n`,
  );
  const mixed = Array.from({ length: count }, () => `[Unit]\n${some(UNIT, 0, 2)}[Service]\n${some(SERVICE, 1, 5)}`);
  // A bus name may be had once.
  return Object.fromEntries(
    [...alone, ...mixed].map((text, index) => [
      `drawn-${index}.service`,
      text.replaceAll("org.example.A", `org.example.A${index}`),
    ]),
  );
}

function linesOf(table: string): readonly string[] {
  return table
    .split(/[¦\n]/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
