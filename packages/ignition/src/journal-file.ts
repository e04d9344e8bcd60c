import type { WorkerMachine } from "./options.ts";
import type { IgnitionFile } from "./spec.ts";
import { textFile } from "./text-file.ts";
import { renderUnit } from "./unit-text.ts";

/** The journal is kept over reboots, and never more of it than may be: it must not be what fills a disk. @see journald.conf(5) */
export function journalFile({ journal }: Pick<WorkerMachine, "journal">): IgnitionFile {
  return textFile(
    "/etc/systemd/journald.conf.d/50-quarterdeck.conf",
    renderUnit([
      [
        "Journal",
        [
          ["Storage", "persistent"],
          ["SystemMaxUse", `${journal.maxMiB}M`],
        ],
      ],
    ]),
  );
}
