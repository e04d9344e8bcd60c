// With libc.ts the only file that touches node:ffi, which is experimental: Node has no datagram sockets of the unix family
// (nodejs/node#31414), and the other way, a `systemd-notify` child, loses messages (systemd/systemd#21897).
import { dlopen } from "node:ffi";

type Send = (state: string) => void;

/** `sd_notify(3)`, or a function that does nothing where no service manager asked to be told. */
export function openNotifySocket(): Send {
  if (process.env["NOTIFY_SOCKET"] === undefined) return () => undefined;
  const library = dlopen("libsystemd.so.0", { sd_notify: { arguments: ["i32", "string"], return: "i32" } });
  return (state) => {
    library.functions.sd_notify(0, state);
  };
}
