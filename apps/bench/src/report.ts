/** What a benchmark found out: for people in 80 columns, and for programs. */
export type Report = { readonly text: string; readonly json: unknown };
