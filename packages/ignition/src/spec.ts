import { z } from "zod";
import { parseDataUrl } from "./data-url.ts";

/** The one version that every supported channel takes, Flatcar's oldest LTS and Debian's Ignition included. */
export const SPEC_VERSION = "3.3.0";

const list = <Item extends z.ZodType>(item: Item) => z.array(item).readonly();

// A path is compared as text for uniqueness, so it must have one spelling: no `//`, no `.`, no `..`, no slash at the end.
const path = z
  .string()
  .regex(/^(\/[^/\0]+)+$/, "must be absolute, without // and without a slash at its end")
  .refine((text) => !text.split("/").some((part) => part === "." || part === ".."), "must not contain . or ..");

// 3.3.0 has no special bits: setuid, setgid and sticky are 3.4.0's.
const mode = z.int().min(0).max(0o777);
const unitName = z
  .string()
  .regex(
    /^[A-Za-z0-9:_.\\@-]{1,255}\.(service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/,
    "must be a unit name",
  );
const accountName = z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/, "must be a user or group name");

const source = z.string().superRefine((text, context) => {
  if (/^(https?|s3):\/\//.test(text)) return;
  if (parseDataUrl(text) === null)
    context.addIssue({ code: "custom", message: "must be a data:, s3:, http: or https: URL" });
});

const resource = z.strictObject({
  source,
  compression: z.enum(["", "gzip"]).optional(),
  verification: z
    .strictObject({
      hash: z.string().regex(/^sha(256-[0-9a-f]{64}|512-[0-9a-f]{128})$/, "must be sha256- or sha512- and hex digits"),
    })
    .optional(),
});

const owner = z.strictObject({ name: accountName.optional(), id: z.int().min(0).optional() });
const placed = { path, overwrite: z.boolean().optional(), user: owner.optional(), group: owner.optional() };

const file = z.strictObject({
  ...placed,
  mode: mode.optional(),
  contents: resource.optional(),
  append: list(resource).optional(),
});
const directory = z.strictObject({ ...placed, mode: mode.optional() });
const link = z.strictObject({ ...placed, target: z.string().min(1), hard: z.boolean().optional() });

const dropin = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9_.-]+\.conf$/, "must be a name that ends in .conf"),
  contents: z.string().optional(),
});
const unit = z.strictObject({
  name: unitName,
  enabled: z.boolean().optional(),
  mask: z.boolean().optional(),
  contents: z.string().optional(),
  dropins: list(dropin).optional(),
});

const user = z.strictObject({
  name: accountName,
  sshAuthorizedKeys: list(z.string().min(1)).optional(),
  groups: list(accountName).optional(),
  shell: z.string().optional(),
  homeDir: path.optional(),
  noCreateHome: z.boolean().optional(),
  system: z.boolean().optional(),
  uid: z.int().min(0).optional(),
});
const group = z.strictObject({ name: accountName, gid: z.int().min(0).optional(), system: z.boolean().optional() });

/**
 * The part of Ignition's configuration that Quarterdeck writes; an unknown key is an error.
 * Rules that reach over several entries are in {@link decodeIgnition}.
 * @see https://coreos.github.io/ignition/configuration-v3_3/
 */
export const ignitionSchema = z.strictObject({
  ignition: z.strictObject({
    version: z.literal(SPEC_VERSION),
    config: z.strictObject({ replace: resource.optional(), merge: list(resource).optional() }).optional(),
    timeouts: z
      .strictObject({ httpResponseHeaders: z.int().min(0).optional(), httpTotal: z.int().min(0).optional() })
      .optional(),
    security: z
      .strictObject({ tls: z.strictObject({ certificateAuthorities: list(resource).optional() }).optional() })
      .optional(),
  }),
  passwd: z.strictObject({ users: list(user).optional(), groups: list(group).optional() }).optional(),
  storage: z
    .strictObject({
      files: list(file).optional(),
      directories: list(directory).optional(),
      links: list(link).optional(),
    })
    .optional(),
  systemd: z.strictObject({ units: list(unit).optional() }).optional(),
});

export type IgnitionConfig = z.infer<typeof ignitionSchema>;
export type IgnitionFile = z.infer<typeof file>;
export type IgnitionLink = z.infer<typeof link>;
export type IgnitionUnit = z.infer<typeof unit>;
