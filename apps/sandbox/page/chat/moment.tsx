/** A message's time of day; the full date on hover. `ts` is Slack's timestamp. */
export function Moment({ ts }: { readonly ts: string }) {
  const date = new Date(Number(ts) * 1000);
  return (
    <time dateTime={date.toISOString()} title={date.toLocaleString()}>
      {date.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" })}
    </time>
  );
}
