import { inject } from "vitest";
import { createLabHandle } from "./create-lab-handle.ts";

declare module "vitest" {
  // eslint-disable-next-line typescript/consistent-type-definitions -- vitest asks for a merged interface here
  interface ProvidedContext {
    labHome: string;
    labPort: number;
  }
}

/** The lab that the suite's set-up started. */
export const theLab = createLabHandle(() => ({ home: inject("labHome"), port: inject("labPort") }));
