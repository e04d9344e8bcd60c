import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { CodedError } from "@quarterdeck/model";
import type { Plugin } from "esbuild";

const LOAD_CALL = /\(0, proto_loader_1\.loadSync\)\(`\$\{__dirname\}\/\.\.\/proto\/rpc\.proto`, /;

type ProtobufLibrary = { readonly Root: new () => { loadSync(path: string, options: unknown): { toJSON(): unknown } } };

/**
 * etcd3 reads its .proto files from disk while it is imported, which no bundle survives (microsoft/etcd3#179): this parses them
 * now and puts the descriptor where the call was. Fails the build when etcd3 no longer has that call.
 */
export function inlineEtcdProtos(): Plugin {
  return {
    name: "inline-etcd-protos",
    setup(build) {
      build.onLoad({ filter: /[\\/]etcd3[\\/]lib[\\/]connection-pool\.js$/ }, async ({ path }) => {
        const source = await readFile(path, "utf8");
        if (!LOAD_CALL.test(source)) throw new CodedError("SETUP_FAILED", { message: "etcd3 no longer loads rpc.proto as apps/binary expects", try: "compare etcd3/lib/connection-pool.js with apps/binary/src/inline-etcd-protos.ts" });
        const descriptor = JSON.stringify(parseProto(path, join(dirname(path), "../proto/rpc.proto")));
        return { contents: source.replace(LOAD_CALL, () => `(0, proto_loader_1.fromJSON)(${descriptor}, `), loader: "js" };
      });
    },
  };
}

/** With the protobufjs that etcd3's own loader uses, so that both read the same grammar. */
function parseProto(importer: string, proto: string): unknown {
  const loader = createRequire(importer).resolve("@grpc/proto-loader");
  const protobuf = createRequire(loader)("protobufjs") as ProtobufLibrary;
  return new protobuf.Root().loadSync(proto, { keepCase: true }).toJSON();
}
