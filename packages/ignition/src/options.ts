import {
  metadataSchema,
  policySchema,
  rebootGroupNameSchema,
  slackChannelSchema,
  unitNameSchema,
} from "@quarterdeck/model";
import { z } from "zod";
import { invalidConfig, fromIssues } from "./diagnostic.ts";

const list = <Item extends z.ZodType>(item: Item) => z.array(item).readonly();
const nonEmpty = <Item extends z.ZodType>(item: Item) => z.array(item).min(1).readonly();

const LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
const address = z.union([z.ipv4(), z.ipv6()], { error: "must be an IPv4 or IPv6 address" });
const hostname = z.string().regex(new RegExp(`^${LABEL}$`), "must be one label of a-z 0-9 and -");
const domainName = z.string().regex(new RegExp(`^(?=.{1,253}$)${LABEL}(\\.${LABEL})*$`), "must be a host name");
const httpsUrl = z.string().regex(/^https:\/\/(\[[0-9a-f:]+\]|[a-z0-9.-]+):\d{1,5}$/, "must be https://<host>:<port>");
const duration = z.string().regex(/^[1-9]\d{0,5}[smh]$/, "must be a whole number with s, m or h");

const pem = (kind: string) => {
  const block = `-----BEGIN ${kind}-----\\n[A-Za-z0-9+/=\\n]+-----END ${kind}-----\\n?`;
  return z.string().regex(new RegExp(`^(${block})+$`), `must be ${kind} in PEM`);
};
const certificate = pem("CERTIFICATE");
const credential = z.strictObject({ cert: certificate, key: pem("(?:EC )?PRIVATE KEY") });

const INTERFACE = z
  .string()
  .regex(/^[A-Za-z0-9*?._-]{1,15}$/, "must be an interface's name or a glob of one")
  .default("host0");

const network = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("static"),
    /** As in `[Match] Name=`; default `host0`, which is what systemd-nspawn calls it. */
    interface: INTERFACE,
    address,
    prefixLength: z.int().min(1).max(128),
    gateway: address.optional(),
    dns: list(address).default([]),
  }),
  z.strictObject({
    kind: z.literal("dhcp"),
    interface: INTERFACE,
    /** Where it is known beforehand; else `QUARTERDECK_MACHINE_ADDRESS` must tell the agent. */
    address: address.optional(),
  }),
]);

const identities = z.strictObject({
  machine: credential,
  etcd: credential.optional(),
  peer: credential.optional(),
  engine: credential.optional(),
  /** `operator:api-<machine>`: what `fleet` and the fleet API act with on a machine. */
  api: credential.optional(),
  bot: credential.optional(),
});

const memory = z.strictObject({
  /** `MemoryMax=` of each daemon in MiB. */
  agentMiB: z.int().min(64).default(256),
  engineMiB: z.int().min(64).default(512),
  etcdMiB: z.int().min(128).default(2048),
});

const slackToken = z.string().regex(/^[A-Za-z0-9._-]{1,255}$/, "must be a Slack token");

const common = {
  hostname,
  network,
  /** Lines of `/etc/hosts` besides localhost and the machine itself. */
  hosts: list(z.strictObject({ address, names: nonEmpty(domainName) })).default([]),
  metadata: metadataSchema.default({}),
  zone: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,64}$/, "must be 1 to 64 of A-Z a-z 0-9 _ . -")
    .default("local"),
  /** Of the binary: the directory below `/opt/quarterdeck`. */
  version: z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.+-]{0,63}$/, "must be a version"),
  etcdEndpoints: nonEmpty(httpsUrl),
  etcdPrefix: z
    .string()
    .regex(/^\/([A-Za-z0-9_.-]+\/)+$/, "must begin and end with /")
    .optional(),
  agent: z
    .strictObject({
      port: z.int().min(1).max(65535).default(7443),
      leaseTtlSeconds: z.int().min(5).max(3600).default(10),
      fleetApi: z.boolean().default(false),
    })
    .prefault({}),
  /** Of Fedora CoreOS: before an update reboots the machine it asks an engine; see docs/machines.md. Elsewhere nobody reads it. */
  zincati: z
    .strictObject({
      /** `https://<host>:<port>/` of an engine with `fleetLock`, by a name or an address that its certificate has. */
      fleetLockUrl: z
        .string()
        .regex(/^https:\/\/(\[[0-9a-f:]+\]|[a-z0-9.-]+):\d{1,5}\/$/, "must be https://<host>:<port>/"),
      /** Machines of a group take turns. */
      group: rebootGroupNameSchema.default("default"),
    })
    .optional(),
  bot: z
    .strictObject({
      /** Where the bot, if a bot runs on the machine, tells what nobody asked for; its own default when left out. */
      channel: slackChannelSchema.optional(),
    })
    .prefault({}),
  /** Certificates and keys in PEM. The role decides which identities must be there. */
  pki: z.strictObject({ ca: certificate, peerCa: certificate.optional(), identities }),
  /** An image registry, as Docker names it (`registry.lab:5000`), and the CA that vouches for it. */
  registryCa: z
    .strictObject({ host: z.string().regex(/^[a-z0-9.-]+(:\d{1,5})?$/, "must be <host>[:<port>]"), ca: certificate })
    .optional(),
  /** Of user `core`; lines as in `authorized_keys`, without options. */
  sshAuthorizedKeys: list(
    z
      .string()
      .regex(
        /^(sk-)?(ssh|ecdsa)-[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,3}( [^\p{Cc}]{0,200})?$/u,
        "must be an OpenSSH public key",
      ),
  ).default([]),
  slack: z
    .strictObject({
      botToken: slackToken,
      appToken: slackToken,
      /** Where the Web API is, with a slash at its end; Slack itself when left out. */
      apiUrl: z
        .string()
        .regex(/^https?:\/\/[A-Za-z0-9.:[\]-]+(\/[A-Za-z0-9._~-]+)*\/$/, "must be an http(s) URL that ends in /")
        .optional(),
    })
    .optional(),
  memory: memory.prefault({}),
  journal: z
    .strictObject({
      /** What the journal may take of the disk; the oldest goes first. It outlives a reboot. */
      maxMiB: z.int().min(16).max(1_048_576).default(1024),
    })
    .prefault({}),
};

const seed = z.strictObject({
  policy: policySchema,
  units: list(
    z.strictObject({ name: unitNameSchema, file: unitNameSchema, target: z.enum(["inactive", "loaded", "launched"]) }),
  ),
  /** Text by file name. */
  files: z.record(unitNameSchema, z.string()),
});

const MEMBER_NAME = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, "must be 1 to 64 of A-Z a-z 0-9 . _ -");

const member = z.strictObject({
  name: MEMBER_NAME,
  /** Every member, this one included; peer URLs such as `https://10.78.0.11:2380`. */
  initialCluster: nonEmpty(z.strictObject({ name: MEMBER_NAME, peerUrl: httpsUrl })),
  /** `new` when all members start together for the first time, `existing` when this one joins. */
  state: z.enum(["new", "existing"]),
  token: MEMBER_NAME.default("quarterdeck"),
});

const etcd = z.strictObject({
  heartbeatMs: z.int().min(10).max(5000).default(100),
  /** At least five heartbeats, as etcd itself demands. */
  electionMs: z.int().min(50).max(50_000).default(1000),
  /** How long history is kept for watchers that fell behind. */
  compactionRetention: duration.default("1h"),
  quotaBytes: z
    .int()
    .min(16 * 1024 * 1024)
    .default(2 * 1024 * 1024 * 1024),
});

export const workerMachineSchema = z.strictObject(common);

export const etcdMachineSchema = z
  .strictObject({
    ...common,
    /** Whether units may be scheduled here; where not, no agent runs. */
    schedulable: z.boolean(),
    member,
    etcd: etcd.prefault({}),
    engine: z
      .strictObject({
        port: z.int().min(1).max(65535).default(7444),
        graceSeconds: z.number().min(0).max(3600).default(1),
        /** Answers machines that want to reboot, on `port`. */
        fleetLock: z.boolean().default(false),
        /** How many machines of a group may be away at once. */
        fleetLockSlots: z.int().min(1).max(100).default(1),
        /** How long one is waited for, before it is said that it is not back. */
        fleetLockOverdueMinutes: z.int().min(1).max(1440).default(30),
      })
      .prefault({}),
    seed: seed.optional(),
  })
  .superRefine((options, context) => {
    const say = (path: readonly PropertyKey[], message: string) =>
      context.addIssue({ code: "custom", path: [...path], message });
    for (const role of ["etcd", "peer", "engine"] as const) {
      if (options.pki.identities[role] === undefined)
        say(["pki", "identities", role], "an etcd machine needs this identity");
    }
    if (options.pki.peerCa === undefined) say(["pki", "peerCa"], "an etcd machine needs the CA of its peers");
    if (options.network.address === undefined)
      say(["network", "address"], "an etcd machine's address must be known beforehand");
    if (!options.member.initialCluster.some(({ name }) => name === options.member.name))
      say(["member", "initialCluster"], `must contain ${options.member.name} itself`);
    if (options.etcd.electionMs < 5 * options.etcd.heartbeatMs)
      say(["etcd", "electionMs"], "must be at least five times heartbeatMs");
    for (const [index, unit] of (options.seed?.units ?? []).entries()) {
      if (options.seed?.files[unit.file] === undefined)
        say(["seed", "units", index, "file"], `there is no file ${unit.file}`);
    }
  });

/** What a worker is made from. */
export type WorkerMachineOptions = z.input<typeof workerMachineSchema>;
/** What an etcd machine is made from; it may run units too. */
export type EtcdMachineOptions = z.input<typeof etcdMachineSchema>;

/** Options after checking, with every default filled in. */
export type WorkerMachine = z.output<typeof workerMachineSchema>;
export type EtcdMachine = z.output<typeof etcdMachineSchema>;

/** @throws {CodedError} INVALID_CONFIG that names every fault with its path. */
export function checkOptions<Output>(schema: z.ZodType<Output>, what: string, options: unknown): Output {
  const parsed = schema.safeParse(options);
  if (!parsed.success) throw invalidConfig(what, fromIssues(parsed.error.issues));
  return parsed.data;
}
