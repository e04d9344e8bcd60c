/** What the agent has done since it started; those who do it count it. */
export class AgentCounts {
  passes = 0;
  failedPasses = 0;
  passSeconds = 0;
  reloads = 0;
  readonly acts = { start: 0, restart: 0, stop: 0 };
  /** States put or deleted in etcd, and the transactions that it took. */
  stateWrites = 0;
  stateTransactions = 0;
}
