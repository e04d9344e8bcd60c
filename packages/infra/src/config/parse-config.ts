import { nearest, refuse, succeed, type Problem, type Result } from "@quarterdeck/model";
import { findConflict } from "./find-conflict.ts";
import { CONFIG_KEY_NAMES, CONFIG_KEYS, LEGACY_KEYS, type ConfigKeyName } from "./keys.ts";
import { infraConfigSchema, type InfraConfig } from "./schema.ts";

/** What a stack says, besides the region: every value is a text, lists are JSON, as Pulumi hands them over. */
export type RawConfig = Readonly<Record<string, string>>;

/**
 * Reads the stack's config: defaults filled in, the cluster named after the stack where it has no name of its own. The first fault is
 * refused with `INVALID_CONFIG` that names the field, its value (never a secret one), the rule, and what to type.
 */
export function parseInfraConfig(raw: RawConfig, stack: string): Result<InfraConfig> {
  const stranger = Object.keys(raw).find((name) => !isKnown(name));
  if (stranger !== undefined) return refuse(unknownKey(stranger));
  const values: Record<string, unknown> = {};
  for (const name of CONFIG_KEY_NAMES) {
    const text = raw[name];
    const value = text === undefined ? CONFIG_KEYS[name].default : decode(name, text);
    if (value === undefined) return refuse(problem(name, text, `must be ${KINDS[CONFIG_KEYS[name].type]}`));
    values[name] = value;
  }
  if (values["cluster"] === "") values["cluster"] = defaultCluster(stack);
  const parsed = infraConfigSchema.safeParse(values);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const name = String(issue?.path[0]) as ConfigKeyName;
    return refuse(problem(name, raw[name] || String(values[name]), issue?.message ?? "is invalid"));
  }
  const conflict = findConflict(parsed.data);
  return conflict === null ? succeed(parsed.data) : refuse(conflict);
}

const KINDS = {
  string: "a text",
  integer: "a whole number",
  boolean: "true or false",
  array: "a list of texts in JSON",
} as const;

const isKnown = (name: string): name is ConfigKeyName => Object.hasOwn(CONFIG_KEYS, name);

/** The value in a text of Pulumi's; `undefined` for what is not of the key's type. */
function decode(name: ConfigKeyName, text: string): unknown {
  const { type } = CONFIG_KEYS[name];
  switch (type) {
    case "string":
      return text;
    case "integer":
      return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "array":
      return decodeList(text);
  }
}

function decodeList(text: string): readonly string[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A stack's name may hold what no resource of AWS takes. It is not cut short: two stacks must not make one cluster. */
const defaultCluster = (stack: string): string =>
  `quarterdeck-${stack}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/-$/, "");

function problem(name: ConfigKeyName, value: string | undefined, rule: string): Problem {
  const key: { readonly secret?: true; readonly type: string } = CONFIG_KEYS[name];
  const shown = key.secret ? "[secret]" : JSON.stringify(value);
  return {
    code: "INVALID_CONFIG",
    message: `${name}: ${shown} ${rule}`,
    try: exampleOf(name),
  };
}

/** A line that would be taken. */
function exampleOf(name: ConfigKeyName): string {
  const key: (typeof CONFIG_KEYS)[ConfigKeyName] = CONFIG_KEYS[name];
  const good = EXAMPLES[name] ?? String(key.default);
  if (key.type === "array") return `pulumi config set --path '${name}[0]' '${good}'`;
  return `pulumi config set ${"secret" in key ? "--secret " : ""}${name} ${good}`;
}

const EXAMPLES: Partial<Record<ConfigKeyName, string>> = {
  cluster: "quarterdeck-dev",
  imageId: "ami-0123456789abcdef0",
  kmsKeyId: "alias/quarterdeck",
  vpcId: "vpc-0123456789abcdef0",
  subnetIds: "subnet-0123456789abcdef0",
  zones: "us-east-1a",
  interfaceEndpoints: "sts",
  imageMirror: "registry.example:5000",
  allowSshFrom: "203.0.113.7/32",
  sshAuthorizedKeys: "ssh-ed25519 AAAA…",
  operatorArns: "arn:aws:iam::123456789012:role/operators",
  alarmEmail: "ops@example.com",
  slackBotToken: "xoxb-…",
  slackAppToken: "xapp-…",
};

function unknownKey(name: string): Problem {
  const renamed = LEGACY_KEYS.get(name);
  const close = renamed ?? nearest(name, CONFIG_KEY_NAMES);
  return {
    code: "INVALID_CONFIG",
    message: `${name}: there is no such key`,
    ...(renamed === null ? { why: "the members know each other from the start; no discovery service is asked" } : {}),
    try:
      close === null || renamed === null
        ? `pulumi config rm ${name}`
        : `pulumi config rm ${name}, then ${exampleOf(close as ConfigKeyName)}`,
  };
}
