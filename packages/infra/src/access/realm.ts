/** What a cluster's policies are about: every ARN in them is made from this. */
export interface Realm {
  readonly cluster: string;
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  readonly partition: string;
  readonly bucket: string;
  /** ARN of the key that signs for the cluster's CA. */
  readonly caKeyArn: string;
}

/** ARN of a thing of a service in the cluster's account and region, such as `volume/*` of `ec2`. */
export function regionalArn({ partition, region, account }: Realm, service: string, resource: string): string {
  return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}

/** ARN of what lies in a folder of the cluster's bucket. */
export function objectArn({ partition, bucket }: Realm, path: string): string {
  return `arn:${partition}:s3:::${bucket}/${path}`;
}

export function bucketArn({ partition, bucket }: Realm): string {
  return `arn:${partition}:s3:::${bucket}`;
}
