import { sha256Schema } from "@quarterdeck/model";
import { z } from "zod";
import type { Key } from "../keyspace/key.ts";

/** `engine/audit-head`: what engines that did not sign kept; the first act of one that signs takes its place. */
type UnsignedHead = { readonly v: 1; readonly sequence: number; readonly hash: string };

const schema: z.ZodType<UnsignedHead> = z.object({ v: z.literal(1), sequence: z.int().min(1), hash: sha256Schema });

export const unsignedHeadKey: Key<UnsignedHead> = { path: "engine/audit-head", schema };
