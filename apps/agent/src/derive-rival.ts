import type { Presence } from "@quarterdeck/model";

/**
 * Whether the presence that was found may be of another machine with the same machine-id, as against this machine's own from before. Its own has the
 * same instance id, and the same boot id unless it was rebooted; a rebooted machine is known by its name and address, which a clone that runs beside
 * the original cannot both have. A doubtful one is waited for: a machine that is gone renews nothing, a live one renews for ever.
 */
export function isRival(held: Presence, own: Presence): boolean {
  if (held.instanceId !== own.instanceId) return true;
  if (held.bootId === own.bootId) return false;
  return held.hostname !== own.hostname || held.address !== own.address;
}
