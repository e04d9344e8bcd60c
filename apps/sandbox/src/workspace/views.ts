import type { Bus } from "./bus.ts";
import { IDENTITY } from "./identity.ts";
import type { Ids } from "./ids.ts";
import { isJson, type Json, objectsOf, textOf } from "./json.ts";
import type { WorkspaceEvent } from "./workspace-event.ts";

/** A view as Slack shows it, and whose it is. `hash` changes with every update. */
export type View = Json & { readonly id: string; readonly hash: string; readonly type: string };

/** Slack stacks at most three modals. */
const DEEPEST = 3;

/** The modal stacks and App Homes of all users. */
export class Views {
  readonly #views = new Map<string, View>();
  readonly #owners = new Map<string, string>();
  readonly #stacks = new Map<string, readonly string[]>();
  readonly #homes = new Map<string, View>();
  readonly #ids: Ids;
  readonly #bus: Bus<WorkspaceEvent>;

  constructor(ids: Ids, bus: Bus<WorkspaceEvent>) {
    this.#ids = ids;
    this.#bus = bus;
  }

  /** The open modals of a user, the topmost last. */
  stack(user: string): readonly View[] {
    return (this.#stacks.get(user) ?? []).flatMap((id) => this.#views.get(id) ?? []);
  }

  find(id: string): View | undefined {
    return this.#views.get(id);
  }

  findExternal(externalId: string): View | undefined {
    return [...this.#views.values()].find((view) => view["external_id"] === externalId);
  }

  ownerOf(id: string): string | undefined {
    return this.#owners.get(id);
  }

  /** Opens a stack anew. */
  open(user: string, definition: Json): View {
    this.#stacks.set(user, []);
    return this.#place(user, definition, undefined);
  }

  /** Puts a view on top of the stack; undefined when three lie there already. */
  push(user: string, definition: Json): View | undefined {
    const below = this.stack(user).at(-1);
    return this.stack(user).length >= DEEPEST ? undefined : this.#place(user, definition, below?.id);
  }

  update(old: View, definition: Json): View {
    const view = this.#shape(definition, old.id, textOf(old, "previous_view_id"));
    this.#views.set(old.id, view);
    this.#changed(this.#owners.get(old.id));
    return view;
  }

  /** Takes a view off the stack. */
  close(id: string): void {
    const user = this.#owners.get(id);
    if (user === undefined) return;
    this.#stacks.set(
      user,
      (this.#stacks.get(user) ?? []).filter((open) => open !== id),
    );
    this.#changed(user);
  }

  /** Takes every view off a user's stack. */
  clear(user: string): void {
    this.#stacks.set(user, []);
    this.#changed(user);
  }

  home(user: string): View | undefined {
    return this.#homes.get(user);
  }

  publish(user: string, definition: Json): View {
    const view = this.#shape(definition, this.#homes.get(user)?.id ?? this.#ids.next("VHOME"), undefined);
    this.#homes.set(user, view);
    this.#views.set(view.id, view);
    this.#owners.set(view.id, user);
    this.#bus.publish({ type: "home", user });
    return view;
  }

  #place(user: string, definition: Json, previous: string | undefined): View {
    const view = this.#shape(definition, this.#ids.next("V"), previous);
    this.#views.set(view.id, view);
    this.#owners.set(view.id, user);
    this.#stacks.set(user, [...(this.#stacks.get(user) ?? []), view.id]);
    this.#changed(user);
    return view;
  }

  #shape(definition: Json, id: string, previous: string | undefined): View {
    return {
      private_metadata: "",
      callback_id: "",
      clear_on_close: false,
      notify_on_close: false,
      close: null,
      submit: null,
      external_id: "",
      state: { values: {} },
      ...definition,
      type: textOf(definition, "type") ?? "modal",
      blocks: objectsOf(definition, "blocks").map((block) => withIds(block, this.#ids)),
      id,
      hash: this.#ids.ts(),
      team_id: IDENTITY.team,
      app_id: IDENTITY.app,
      bot_id: IDENTITY.bot,
      root_view_id: id,
      previous_view_id: previous ?? null,
    };
  }

  #changed(user: string | undefined): void {
    if (user !== undefined) this.#bus.publish({ type: "views", user });
  }
}

function withIds(block: Json, ids: Ids): Json {
  const named = block["block_id"] === undefined ? { ...block, block_id: ids.next("b") } : block;
  const element = named["element"];
  if (!isJson(element) || element["action_id"] !== undefined) return named;
  return { ...named, element: { ...element, action_id: ids.next("a") } };
}
