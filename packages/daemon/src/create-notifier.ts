import { openNotifySocket } from "./libsystemd.ts";

/** What systemd is told of a `Type=notify` service. */
export type Notifier = Disposable & {
  /** Start-up is over; starts the watchdog's pings at half of `WatchdogSec=`. */
  ready(status: string): void;
  /** One line for `systemctl status`. */
  status(text: string): void;
  stopping(): void;
};

/**
 * `isAlive` is asked before each ping: a process whose loop hangs although its event loop turns is restarted by systemd.
 * @see sd_watchdog_enabled(3)
 */
export function createNotifier(isAlive: () => boolean = () => true): Notifier {
  const send = openNotifySocket();
  const intervalMs = Number(process.env["WATCHDOG_USEC"] ?? "0") / 2000;
  let timer: NodeJS.Timeout | undefined;
  const oneLine = (text: string) => text.replaceAll(/[\r\n]+/g, " ");
  return {
    ready(status) {
      send(`READY=1\nSTATUS=${oneLine(status)}`);
      if (intervalMs > 0 && timer === undefined) {
        timer = setInterval(() => {
          if (isAlive()) send("WATCHDOG=1");
        }, intervalMs);
        timer.unref();
      }
    },
    status: (text) => send(`STATUS=${oneLine(text)}`),
    stopping: () => send("STOPPING=1"),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
