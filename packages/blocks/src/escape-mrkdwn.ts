/**
 * Makes text inert inside mrkdwn: what it shows is what it was, and it can form no link, mention or broadcast.
 * Slack knows three control characters and no others; `*`, `_`, `~` and the back-tick still style.
 * @see https://docs.slack.dev/messaging/formatting-message-text "Escaping text"
 */
export function escapeMrkdwn(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
