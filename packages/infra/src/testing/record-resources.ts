import * as pulumi from "@pulumi/pulumi";

/** A resource as a program asked for it. */
export interface RecordedResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** Collects what components ask for from then on; nothing is made. Ids are `<name>-id`, unknown while `preview`. */
export async function recordResources(preview = false): Promise<RecordedResources> {
  const recorded: RecordedResource[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        recorded.push({ type, name, inputs });
        return { id: preview ? undefined : `${name}-id`, state: { ...inputs, ...invented(name) } };
      },
      call: ({ inputs }) => inputs,
    },
    "quarterdeck",
    "test",
    preview,
  );
  return new RecordedResources(recorded);
}

export class RecordedResources {
  readonly #all: readonly RecordedResource[];

  constructor(all: readonly RecordedResource[]) {
    this.#all = all;
  }

  /** Everything of a type, by a part of its token such as `ec2/subnet`, in order of their names. */
  async of(type: string): Promise<readonly RecordedResource[]> {
    await pulumi.runtime.disconnect();
    return this.#all
      .filter((resource) => resource.type.includes(`:${type}:`))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The only one of a type. */
  async one(type: string): Promise<RecordedResource> {
    const [found, ...more] = await this.of(type);
    if (found === undefined || more.length > 0) throw new Error(`${more.length + (found ? 1 : 0)} of ${type}, not 1`);
    return found;
  }

  /** How many there are of each type. */
  async counts(): Promise<Readonly<Record<string, number>>> {
    await pulumi.runtime.disconnect();
    const counts: Record<string, number> = {};
    for (const { type } of this.#all) counts[type] = (counts[type] ?? 0) + 1;
    return counts;
  }
}

/** What AWS would make up. */
const invented = (name: string) => ({
  arn: `arn:aws:test:::${name}`,
  name,
  privateIp: "10.78.0.20",
  latestVersion: 1,
  primaryNetworkInterfaceId: `${name}-eni`,
});
