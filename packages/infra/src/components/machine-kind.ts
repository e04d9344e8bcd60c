import type * as pulumi from "@pulumi/pulumi";

/** What machines of one kind boot from and are given. */
export interface MachineKind {
  readonly imageId: pulumi.Input<string>;
  /** Whether a newer image is taken over: only where a person has named one. */
  readonly followsImage: boolean;
  readonly instanceType: string;
  readonly rootVolumeGiB: number;
  /** Empty for AWS's own key. */
  readonly kmsKeyId: string;
  readonly instanceProfileArn: pulumi.Input<string>;
  /** In base64. */
  readonly userData: pulumi.Input<string>;
}
