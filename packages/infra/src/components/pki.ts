import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { renderTags } from "../names/tags.ts";

/** What the cluster's authority is made from. */
export interface PkiArgs {
  readonly cluster: string;
}

/** The key of the cluster's CA: on P-256, for signing alone, and nobody ever sees its private half. */
export class Pki extends pulumi.ComponentResource {
  readonly caKeyArn: pulumi.Output<string>;

  constructor(name: string, { cluster }: PkiArgs, options?: pulumi.ComponentResourceOptions) {
    super("quarterdeck:aws:Pki", name, {}, options);
    const key = new aws.kms.Key(
      name,
      {
        description: `CA of the Quarterdeck cluster ${cluster}`,
        keyUsage: "SIGN_VERIFY",
        customerMasterKeySpec: "ECC_NIST_P256",
        // The longest time there is to find out that somebody still needs it.
        deletionWindowInDays: 30,
        tags: { ...renderTags({ cluster, part: "pki", name: "ca" }) },
      },
      { parent: this },
    );
    this.caKeyArn = key.arn;
    this.registerOutputs({ caKeyArn: this.caKeyArn });
  }
}
