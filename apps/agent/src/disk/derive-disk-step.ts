const STEP_PERCENT = 5;

/**
 * Free space as it is told to the cluster: in steps of 5 %, so that a disk that fills slowly costs a write an hour and an idle one none. Less is told at
 * once; more only from one percent above the step, so that a disk at the edge of one does not flap.
 */
export function deriveDiskStep(freePercent: number, former: number | null): number {
  const step = stepOf(freePercent);
  if (former === null || step <= former) return step;
  return Math.max(former, stepOf(freePercent - 1));
}

function stepOf(percent: number): number {
  return Math.max(0, Math.min(100, Math.floor(percent / STEP_PERCENT) * STEP_PERCENT));
}
