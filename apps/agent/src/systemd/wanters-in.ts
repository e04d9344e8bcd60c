import { unitNameSchema, type UnitName } from "@quarterdeck/model";
import { z } from "zod";

/** `(ba(sss))`: whether the file has an [Install], and what was made of it: kind, path, what a link points to. @see org.freedesktop.systemd1(5) */
const replySchema = z.tuple([z.boolean(), z.array(z.tuple([z.string(), z.string(), z.string()]))]);

/** The units that a reply of EnableUnitFiles made others a dependency of: those with a new link in their `.wants/` or `.requires/`. */
export function wantersIn(reply: unknown): readonly UnitName[] {
  const [, changes] = replySchema.parse(reply);
  const wanters = changes.flatMap(([kind, path]) => {
    const name = kind === "symlink" ? /\/([^/]+)\.(?:wants|requires|upholds)\/[^/]+$/.exec(path)?.[1] : undefined;
    const unit = unitNameSchema.safeParse(name);
    return unit.success ? [unit.data] : [];
  });
  return [...new Set(wanters)];
}
