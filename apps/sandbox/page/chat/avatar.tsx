/** A tile with a letter; the bot has an anchor. Decoration: the name stands beside it. */
export function Avatar({ name, bot = false }: { readonly name: string; readonly bot?: boolean }) {
  if (bot)
    return (
      <span class="avatar bot" aria-hidden="true">
        <svg viewBox="0 0 24 24">
          <circle cx="12" cy="5.5" r="2.200" />
          <path d="M12 7.700V20M8 11h8M4.500 14c.5 3.500 3.600 6 7.500 6s7-2.500 7.500-6" />
        </svg>
      </span>
    );
  return (
    <span class={`avatar tone-${tone(name)}`} aria-hidden="true">
      {name.slice(0, 1).toUpperCase()}
    </span>
  );
}

/** One of five colours, the same for a name wherever it stands. */
function tone(name: string): number {
  return (name.charCodeAt(0) + 4 * name.length) % 5;
}
