import type { ClusterWatch } from "./cluster-watch.ts";
import type { LabEvents } from "./lab-events.ts";

/** Tells the page what runs where, as it changes. */
export function publishUnits(cluster: ClusterWatch, events: LabEvents): AsyncDisposable {
  const stop = new AbortController();
  const following = (async () => {
    for await (const units of cluster.followUnits(stop.signal)) events.publish({ type: "units", units });
  })();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await following;
    },
  };
}
