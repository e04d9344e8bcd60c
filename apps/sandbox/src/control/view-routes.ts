import type { Hono } from "hono";
import { dispatchHome } from "../dispatch/dispatch-home.ts";
import { dispatchOptions } from "../dispatch/dispatch-options.ts";
import { dispatchClose, dispatchSubmit } from "../dispatch/dispatch-view.ts";
import type { Platform } from "../platform.ts";
import { bodyOf, ControlError, found } from "./control-error.ts";
import { optionsBody, submitBody } from "./decode.ts";

/** Modals, App Home and the menus whose options the bot supplies. */
export function addViewRoutes(app: Hono, platform: Platform): void {
  const { directory, messages, views } = platform.workspace;
  const userOf = (name: string | undefined) => found(directory.user(name ?? ""), `user ${name ?? ""}`);

  app.post("/sandbox/options", async (context) => {
    const body = await bodyOf(context, optionsBody);
    const user = userOf(body.user);
    const message = () => messages.find(found(directory.channel(body.channel ?? ""), "channel").id, body.ts ?? "");
    const shown = body.view_id === undefined ? message() : views.find(body.view_id);
    const outcome = await dispatchOptions(platform, {
      user,
      shown: found(shown, "message or view"),
      actionId: body.action_id,
      query: body.query,
    });
    if (outcome === undefined) throw new ControlError(409, "CONFLICT", `${body.action_id} is no longer shown`);
    return context.json(outcome);
  });

  app.get("/sandbox/views", (context) => context.json(views.stack(userOf(context.req.query("user")).id)));

  app.post("/sandbox/views/:id/submit", async (context) => {
    const { values } = await bodyOf(context, submitBody);
    return context.json(await dispatchSubmit(platform, open(context.req.param("id")), values));
  });

  app.post("/sandbox/views/:id/close", async (context) =>
    context.json(await dispatchClose(platform, open(context.req.param("id")))),
  );

  app.get("/sandbox/home", async (context) =>
    context.json((await dispatchHome(platform, userOf(context.req.query("user")), context.req.raw.signal)) ?? null),
  );

  function open(id: string) {
    const user = directory.user(views.ownerOf(id) ?? "");
    const view = user && views.stack(user.id).find((candidate) => candidate.id === id);
    if (user === undefined || view === undefined)
      throw new ControlError(409, "CONFLICT", `view ${id} is no longer open`);
    return { user, view };
  }
}
