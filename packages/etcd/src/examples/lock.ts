import { connectEtcd } from "@quarterdeck/etcd";

const signal = AbortSignal.timeout(20_000);
await using etcd = await connectEtcd(
  { endpoints: [process.env["ETCD"] ?? "http://127.0.0.1:2379"], tls: null, prefix: "/example/" },
  signal,
);

// The same keys as `etcdctl lock /example/locks/deploy`.
const lock = await etcd.locks.acquire(
  { scope: "deploy", holder: "anna", reason: "shipping 1.9.0", ttlSeconds: 10 },
  signal,
);

const bert = { scope: "deploy", holder: "bert", reason: "rolling back", ttlSeconds: 10 };
console.log(`bert at once: ${(await etcd.locks.attempt(bert, signal)) === null ? "no" : "yes"}`);
const { claims } = await etcd.locks.read("deploy", signal);
for (const { position, holder, reason } of claims) console.log(`${position}: ${holder}, ${reason}`);

// In an emergency it is taken, and whoever had it learns from whom.
await using taken = await etcd.locks.steal(bert, signal);
try {
  lock.check();
} catch (error) {
  console.log(
    String(error)
      .replace(/ at \S+:/, ":")
      .replace(/revision \d+/, "a revision"),
  );
}
console.log(`bert's fence is higher: ${taken.fence > lock.fence}`);
