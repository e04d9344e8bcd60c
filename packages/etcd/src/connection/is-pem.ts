/** Whether a part of a {@link TlsMaterial} is the text itself and not the path of a file. */
export const isPem = (pathOrText: string): boolean => pathOrText.startsWith("-----BEGIN");
