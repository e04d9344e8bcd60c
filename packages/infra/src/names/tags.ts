import { TAG_KEYS } from "@quarterdeck/model";

/** What is tagged. */
export interface Tagged {
  readonly cluster: string;
  readonly part: string;
  readonly member?: string;
  /** What the console shows: the rest of the name behind the cluster's. */
  readonly name: string;
}

/** The tags of one resource, `Name` first. */
export function renderTags({ cluster, part, member, name }: Tagged): Readonly<Record<string, string>> {
  return {
    Name: `${cluster}-${name}`,
    [TAG_KEYS.cluster]: cluster,
    [TAG_KEYS.part]: part,
    ...(member === undefined ? {} : { [TAG_KEYS.member]: member }),
  };
}
