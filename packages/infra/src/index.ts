import { CodedError } from "@quarterdeck/model";

/**
 * The Pulumi program's entry. It declares where the program will stand; until its own issue is built it refuses, so that `pulumi up`
 * makes nothing half done.
 * @throws {CodedError} NOT_YET always
 */
export function program(): never {
  throw new CodedError("NOT_YET", {
    message: "`pulumi up` does not make a cluster yet",
    why: "the EC2 components are not built; the machines' Ignition configs are, and the local lab boots from them",
    try: "npm start",
  });
}
