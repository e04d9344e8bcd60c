// What Pulumi runs. Plain JavaScript, so that a Node that cannot run the program itself can still say what to type.
const TYPE = "npm run pulumi -- up";

const major = Number(process.versions.node.split(".")[0]);
if (major < 26) {
  process.stderr.write(`Quarterdeck's program needs Node 26, and this is ${process.versions.node}; type: ${TYPE}\n`);
  process.exit(1);
}

export const { cluster, region, zones, bucket, caKeyArn, operatorRoleArn, etcd, shell } = await load();

async function load() {
  try {
    return await import("./src/program.ts");
  } catch (error) {
    if (error instanceof Error && error.code === "ERR_MODULE_NOT_FOUND") {
      process.stderr.write(
        `Quarterdeck's packages are not installed (${error.message.split("\n")[0]}); type: ${TYPE}\n`,
      );
      process.exit(1);
    }
    throw error;
  }
}
