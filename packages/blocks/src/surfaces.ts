import type { KnownBlock } from "@slack/types";

/** Where blocks can be shown. `update` is a message again, with the tighter text limit of chat.update. */
export type Surface = "message" | "update" | "modal" | "home";

type Place = "message" | "modal" | "home";
type BlockType = KnownBlock["type"];

/**
 * Which block may stand where. Where Slack lists a block that reportedly does not render there, it counts as refused:
 * a message nobody can read is no message.
 * @see https://docs.slack.dev/reference/block-kit/blocks
 */
const PLACES: Readonly<Record<BlockType, readonly Place[]>> = {
  actions: ["message", "modal", "home"],
  alert: ["modal"],
  card: ["message", "home"],
  carousel: ["message", "home"],
  container: ["message"],
  context: ["message", "modal", "home"],
  context_actions: ["message"],
  data_table: ["message"],
  divider: ["message", "modal", "home"],
  file: [],
  header: ["message", "modal", "home"],
  image: ["message", "modal", "home"],
  input: ["message", "modal", "home"],
  markdown: ["message"],
  plan: ["message"],
  rich_text: ["message", "modal", "home"],
  section: ["message", "modal", "home"],
  table: ["message"],
  task_card: ["message"],
  video: ["message", "modal", "home"],
};

/** True for a type of the matrix; anything else is a misspelling or a block Slack added later. */
export function isBlockType(type: string): type is BlockType {
  return Object.hasOwn(PLACES, type);
}

/** Whether Slack shows a block of this type on this surface. */
export function isAllowedOn(type: BlockType, surface: Surface): boolean {
  return PLACES[type].includes(surface === "update" ? "message" : surface);
}
