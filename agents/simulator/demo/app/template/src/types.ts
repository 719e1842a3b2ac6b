@@trace@@
// The lists of this app: their details, what must be filled in, and the choices.

export type Kind = "string" | "text" | "number" | "date" | "boolean" | "email" | "enum";
/** Which numbers are taken: money has two decimals, a count is whole, and only "any" may be below 0. */
export type Numbers = "any" | "positive" | "money" | "count";
export type Value = string | number | boolean | null;
export type Values = Readonly<Record<string, Value>>;

export interface Field {
  readonly key: string;
  readonly label: string;
  readonly kind: Kind;
  readonly required: boolean;
  readonly choices: readonly string[];
  readonly numbers: Numbers;
}

export interface List {
  /** The list's part of the page address and its name in the data file. */
  readonly slug: string;
  readonly one: string;
  readonly many: string;
  /** The key of the detail that stands for the whole row. */
  readonly heading: string;
  readonly fields: readonly Field[];
}

export interface Row {
  readonly id: string;
  readonly values: Values;
}

export const LISTS: readonly List[] = [
@@lists@@
];
