import { IDENTITY } from "./identity.ts";

/** A person. `name` is the handle without `@`. */
export type User = { readonly id: string; readonly name: string; readonly realName: string; readonly tz: string };

/** A user group; `users` are user ids. */
export type Group = { readonly id: string; readonly name: string; readonly users: readonly string[] };

/** A channel; a direct message with the bot is one whose `im` is the user's id. */
export type Channel = {
  readonly id: string;
  readonly name: string;
  readonly topic: string;
  /** Whether the bot was invited; it cannot post where it was not. */
  readonly botMember: boolean;
  readonly im?: string;
};

/** Who and what there is in the workspace. Everything is found by id or by name, `@` and `#` being optional. */
export class Directory {
  #users: readonly User[] = [
    { id: "U0DEV", name: "dev", realName: "Dee Veloper", tz: "Europe/Berlin" },
    { id: "U0REVIEWER", name: "reviewer", realName: "Rae Viewer", tz: "Europe/London" },
    { id: "U0ONCALL", name: "oncall", realName: "Ona Call", tz: "America/New_York" },
    { id: "U0GUEST", name: "guest", realName: "Gus Guest", tz: "Asia/Tokyo" },
  ];
  #groups: readonly Group[] = [
    { id: "S0SRE", name: "sre", users: ["U0ONCALL", "U0REVIEWER"] },
    { id: "S0DEVELOPERS", name: "developers", users: ["U0DEV", "U0REVIEWER"] },
  ];
  #channels: readonly Channel[] = [
    { id: "C0OPS", name: "ops", topic: "Run the fleet", botMember: true },
    { id: "C0DEPLOYS", name: "deploys", topic: "What goes out, and when", botMember: true },
    { id: "C0GENERAL", name: "general", topic: "Everybody", botMember: true },
  ];

  get users(): readonly User[] {
    return this.#users;
  }

  get groups(): readonly Group[] {
    return this.#groups;
  }

  /** Public channels only. */
  get channels(): readonly Channel[] {
    return this.#channels;
  }

  user(idOrName: string): User | undefined {
    return byIdOrName(this.#users, idOrName.replace(/^@/, ""));
  }

  /** A channel, or the direct message with a user: `D…`, the user's id, or `@name`. */
  channel(idOrName: string): Channel | undefined {
    const found = byIdOrName(this.#channels, idOrName.replace(/^#/, ""));
    if (found !== undefined) return found;
    const user = /^[U@]/.test(idOrName) ? this.user(idOrName) : this.#users.find(({ id }) => imOf(id) === idOrName);
    return user && { id: imOf(user.id), name: `@${user.name}`, topic: "", botMember: true, im: user.id };
  }

  /** Replaces the people; whoever keeps the name keeps the id. */
  putUsers(users: readonly (Omit<User, "id"> & { readonly id?: string | undefined })[]): void {
    this.#users = users.map(({ id, ...rest }) => ({
      id: id ?? this.user(rest.name)?.id ?? idFor("U0", rest.name),
      ...rest,
    }));
  }

  /** Replaces the groups; members are given by id or name, unknown ones are left out. */
  putGroups(
    groups: readonly { readonly id?: string | undefined; readonly name: string; readonly users: readonly string[] }[],
  ): void {
    this.#groups = groups.map(({ id, name, users }) => ({
      id: id ?? byIdOrName(this.#groups, name)?.id ?? idFor("S0", name),
      name,
      users: users.flatMap((member) => this.user(member)?.id ?? []),
    }));
  }

  /** Replaces the channels; messages of a channel that goes stay stored and come back with it. */
  putChannels(channels: readonly (Omit<Channel, "id" | "im"> & { readonly id?: string | undefined })[]): void {
    this.#channels = channels.map(({ id, ...rest }) => ({
      id: id ?? byIdOrName(this.#channels, rest.name)?.id ?? idFor("C0", rest.name),
      ...rest,
    }));
  }

  /** The name of anybody who may write, the bot included. */
  nameOf(id: string): string {
    return id === IDENTITY.botUser ? IDENTITY.botName : (this.user(id)?.name ?? id);
  }
}

function byIdOrName<Entry extends { readonly id: string; readonly name: string }>(
  entries: readonly Entry[],
  key: string,
): Entry | undefined {
  return entries.find(({ id, name }) => id === key || name === key);
}

function idFor(prefix: string, name: string): string {
  return prefix + name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "");
}

function imOf(user: string): string {
  return `D${user.slice(1)}`;
}
