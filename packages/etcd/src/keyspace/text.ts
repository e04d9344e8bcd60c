import { z } from "zod";

/** The schema of a value that is text as it stands, not JSON: of keys that are shared with other tools, such as etcdctl. */
export const text: z.ZodType<string> = z.string();
