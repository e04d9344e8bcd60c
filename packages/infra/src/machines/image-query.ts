import type { InfraConfig } from "../config/schema.ts";

/** What EC2's list of images is asked for; the newest answer is taken. */
export interface ImageQuery {
  /** The account that publishes them. */
  readonly owner: string;
  readonly filters: readonly { readonly name: string; readonly values: readonly string[] }[];
}

/**
 * Asks for a channel's images by their publisher, their name and the architecture. Without the latter `Flatcar-stable-*` names both.
 * @see https://www.flatcar.org/docs/latest/installing/cloud/aws-ec2/
 */
export function imageQuery({
  os,
  channel,
  architecture,
}: Pick<InfraConfig, "os" | "channel" | "architecture">): ImageQuery {
  const filter = (name: string, value: string) => ({ name, values: [value] });
  const common = [
    filter("architecture", architecture),
    filter("virtualization-type", "hvm"),
    filter("root-device-type", "ebs"),
  ];
  switch (os) {
    case "flatcar":
      return { owner: "075585003325", filters: [filter("name", `Flatcar-${channel}-*`), ...common] };
    case "fedora-coreos":
      return { owner: "125523088429", filters: [filter("description", `Fedora CoreOS ${channel} *`), ...common] };
  }
}
