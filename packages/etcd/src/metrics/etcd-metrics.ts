import type { Channel } from "node:diagnostics_channel";
import { ERROR_CODES } from "@quarterdeck/model";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { SERVICE_OF } from "../connection/rpcs.ts";
import { telemetry } from "../telemetry.ts";
import { resetCauseOf } from "../watch/reset-cause.ts";

const CALLS = new Set([...Object.keys(SERVICE_OF), "leaseKeepAlive"]);
const OUTCOMES = new Set(["ok", "aborted", ...Object.keys(ERROR_CODES)]);
const CALL_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
/** What is not above zero was lost. */
const MARGIN_SECONDS = [0, 1, 2, 5, 10, 20, 30, 60, 300];
/** An idle follower hears from etcd every two seconds. */
const LAG_SECONDS = [0.1, 0.5, 1, 2, 3, 5, 10, 30, 60, 300];

/**
 * Counts into `registry` what all etcd clients of this process do, until it is disposed; twice in one registry is an error of prom-client's.
 * Labels have closed sets of values (names of calls, error codes, causes), whatever etcd or a key says.
 *
 * `quarterdeck_etcd_` … `calls_total{call,outcome}` · `call_duration_seconds{call}`: one call, its repetitions included · `retries_total{call}` ·
 * `resets_total{cause}`: a follower started over · `lease_margin_seconds`: what was left of a lease's time when a keep-alive was acknowledged, 0
 * or less when it was lost · `follower_lag_seconds`: how long a mirror had not heard from etcd when it did · `follower_confirmed_timestamp_seconds`:
 * when any mirror last did, for the lag that has no end yet · `certificate_changes_total{outcome}` · `certificate_expiry_timestamp_seconds`: of the
 * last renewed one.
 */
export function etcdMetrics(registry: Registry): Disposable {
  const stack = new DisposableStack();
  const base = (name: string, help: string) => {
    const full = `quarterdeck_etcd_${name}`;
    stack.defer(() => registry.removeSingleMetric(full));
    return { name: full, help, registers: [registry] };
  };
  const calls = new Counter({ ...base("calls_total", "Calls to etcd."), labelNames: ["call", "outcome"] });
  const durations = new Histogram({
    ...base("call_duration_seconds", "Time of a call to etcd, its repetitions included."),
    labelNames: ["call"],
    buckets: CALL_SECONDS,
  });
  const retries = new Counter({
    ...base("retries_total", "Calls and keep-alive streams that went out again."),
    labelNames: ["call"],
  });
  const resets = new Counter({
    ...base("resets_total", "Followers that started over from a snapshot."),
    labelNames: ["cause"],
  });
  const margins = new Histogram({
    ...base(
      "lease_margin_seconds",
      "Time that was left of a lease when a keep-alive was acknowledged; 0 when it was lost.",
    ),
    buckets: MARGIN_SECONDS,
  });
  const lags = new Histogram({
    ...base("follower_lag_seconds", "Time that a mirror had not heard from etcd when it was confirmed to be current."),
    buckets: LAG_SECONDS,
  });
  const confirmed = new Gauge(
    base("follower_confirmed_timestamp_seconds", "When a mirror was last confirmed to be current."),
  );
  const certificates = new Counter({
    ...base("certificate_changes_total", "Changed certificate files, by whether they could be used."),
    labelNames: ["outcome"],
  });
  const expiry = new Gauge(
    base("certificate_expiry_timestamp_seconds", "When the certificate that was last renewed expires."),
  );

  listen(stack, telemetry.call, ({ name, outcome, ms }) => {
    const call = within(CALLS, name);
    calls.inc({ call, outcome: within(OUTCOMES, outcome) });
    durations.observe({ call }, ms / 1_000);
  });
  listen(stack, telemetry.retry, ({ name }) => retries.inc({ call: within(CALLS, name) }));
  listen(stack, telemetry.reset, ({ why }) => resets.inc({ cause: resetCauseOf(why) }));
  listen(stack, telemetry.lease, ({ leftMs }) => margins.observe(leftMs / 1_000));
  listen(stack, telemetry.lag, ({ ageMs }) => {
    lags.observe(ageMs / 1_000);
    confirmed.setToCurrentTime();
  });
  listen(stack, telemetry.certificate, (message) => {
    certificates.inc({ outcome: message.outcome });
    if (message.outcome === "renewed") expiry.set(message.validTo / 1_000);
  });
  return stack;
}

const within = (known: ReadonlySet<string>, value: string): string => (known.has(value) ? value : "other");

/** What a subscriber of a channel throws is thrown as an uncaught error of the process: nothing here may throw. */
function listen<Message>(
  stack: DisposableStack,
  channel: Channel<unknown, Message>,
  count: (message: Message) => void,
): void {
  const subscriber = (message: unknown): void => count(message as Message);
  channel.subscribe(subscriber);
  stack.defer(() => channel.unsubscribe(subscriber));
}
