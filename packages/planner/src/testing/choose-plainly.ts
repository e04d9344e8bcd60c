import { preferLast, searchList, type ChooseMachine } from "../choose-machine.ts";

/** The choice written down as plainly as can be: asks every machine. */
export const choosePlainly: ChooseMachine = (draft, units, judge) => {
  const found = searchList(draft, units, { machines: draft.index.machines, judge });
  return found === null ? null : preferLast(draft, units, { found, judge });
};
