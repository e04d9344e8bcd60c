import type { LabControl } from "./lab-control.ts";

/** A running lab; disposing it powers the machines off and leaves nothing of it on the host but its home. */
export type RunningLab = AsyncDisposable & { readonly lab: LabControl; readonly endpoints: readonly string[] };
