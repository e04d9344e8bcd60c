const ANNOUNCE_AFTER_MS = 2000;
const REPEAT_EVERY_MS = 10_000;

/** Where the lab tells a person what it does; one line a call, without a line break. */
export type Say = (line: string) => void;

/**
 * Tells about steps that take long: silent under two seconds, then a line at once, one every ten seconds and one at the end.
 * Steps may overlap.
 */
export type Progress = { readonly say: Say; step<Value>(title: string, work: () => Promise<Value>): Promise<Value> };

export function createProgress(say: Say): Progress {
  return {
    say,
    async step(title, work) {
      const started = performance.now();
      const seconds = (): string => `${((performance.now() - started) / 1000).toFixed(0)} s`;
      let announced = false;
      const first = setTimeout(() => {
        announced = true;
        say(`${title} …`);
      }, ANNOUNCE_AFTER_MS);
      const repeat = setInterval(() => say(`${title} … ${seconds()}`), REPEAT_EVERY_MS);
      try {
        const value = await work();
        if (announced) say(`${title}: done in ${seconds()}`);
        return value;
      } finally {
        clearTimeout(first);
        clearInterval(repeat);
      }
    },
  };
}
