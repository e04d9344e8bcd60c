import { problemOf } from "@quarterdeck/model";
import { connectEtcd } from "../connection/connect-etcd.ts";

// A process of its own, for tests that stop or kill it: takes a lock and acts (says "act") for as long as it believes that it may.
const [endpoint = "", scope = ""] = process.argv.slice(2);
const signal = AbortSignal.timeout(60_000);
const client = await connectEtcd({ endpoints: [endpoint], tls: null, prefix: "/quarterdeck/" }, signal);
const lock = await client.locks.acquire({ scope, holder: "the process", reason: "a test", ttlSeconds: 2 }, signal);

const acting = setInterval(() => void act(), 2);

async function act(): Promise<void> {
  if (mayAct()) return say("act");
  clearInterval(acting);
  const refused = await lock.transact({ when: [], then: [] }, signal).then(() => "not refused", problemOf);
  say(JSON.stringify({ lost: lock.lost.aborted, refused }));
  await client[Symbol.asyncDispose]();
}

function mayAct(): boolean {
  try {
    lock.check();
    return true;
  } catch (error) {
    say(problemOf(error).code);
    return false;
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
