import { describe, expect, test } from "vitest";
import { createIds } from "./ids.ts";
import { ResponseUrls } from "./response-urls.ts";
import { Triggers } from "./triggers.ts";

describe("what Slack hands out for a while", () => {
  let now = 1_000;
  const ids = createIds(() => now);

  test("a trigger opens one view, within three seconds", () => {
    const triggers = new Triggers(ids, () => now);
    const [fresh, late] = [triggers.issue("cmd1", "U1", false), triggers.issue("cmd1", "U1", false)];
    expect(triggers.use(fresh)).toEqual({ ok: true, interaction: "cmd1", user: "U1" });
    expect(triggers.use(fresh)).toEqual({ ok: false, error: "exchanged_trigger_id" });
    expect(triggers.use("made up")).toEqual({ ok: false, error: "invalid_trigger_id" });
    expect(triggers.use(triggers.issue("cmd1", "U1", true))).toEqual({ ok: false, error: "expired_trigger_id" });
    now += 3_001;
    expect(triggers.use(late)).toEqual({ ok: false, error: "expired_trigger_id" });
    expect(triggers.interactionOf(late)).toBe("cmd1");
  });

  test("a response_url is good for five uses within thirty minutes", () => {
    const urls = new ResponseUrls(ids, () => now);
    const about = { interaction: "cmd1", channel: "C1", user: "U1", original: undefined };
    const { token } = urls.mint(about);
    for (let use = 0; use < 5; use += 1) expect(urls.use(token).ok).toBe(true);
    expect(urls.use(token)).toEqual({ ok: false, error: "used_url" });
    const { token: old } = urls.mint(about);
    now += 30 * 60_000 + 1;
    expect(urls.use(old)).toEqual({ ok: false, error: "expired_url" });
    expect(urls.use("made up")).toEqual({ ok: false, error: "expired_url" });
  });

  test("timestamps rise even while the clock stands", () => {
    const stamps = Array.from({ length: 50 }, () => ids.ts());
    expect(stamps.toSorted((a, b) => Number(a) - Number(b))).toEqual(stamps);
    expect(new Set(stamps).size).toBe(50);
    expect(stamps[0]).toMatch(/^\d+\.\d{6}$/);
  });
});
