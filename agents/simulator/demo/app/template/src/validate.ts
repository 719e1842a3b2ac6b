@@trace@@
// Checks a form that was sent in, and says in words what is wrong with which detail.
import type { Field, List, Value, Values } from "./types.js";

const MAX_LINE = 200;
const MAX_TEXT = 5000;
const NUMBER = /^-?\d{1,12}(?:[.,]\d{1,6})?$/;
const COUNT = /^\d{1,12}$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const EMAIL = /^[^\s@]{1,64}@[^\s@.]+(?:\.[^\s@.]+)+$/;

export interface Checked {
  readonly values: Values;
  /** Key of the detail → what is wrong. Empty: everything is right. */
  readonly problems: ReadonlyMap<string, string>;
}

export function check(list: List, form: URLSearchParams): Checked {
  const values: Record<string, Value> = {};
  const problems = new Map<string, string>();
  for (const field of list.fields) {
    const text = (form.get(field.key) ?? "").replaceAll("\r\n", "\n").trim();
    const problem = problemWith(field, text);
    if (problem !== "") problems.set(field.key, problem);
    values[field.key] = valueOf(field, text);
  }
  return { values, problems };
}

function problemWith(field: Field, text: string): string {
  // A box that is not ticked means no, so a yes-or-no detail is always filled in.
  if (field.kind === "boolean") return "";
  if (text === "") return field.required ? "must be filled in" : "";
  switch (field.kind) {
    case "string":
      return tooLong(text, MAX_LINE);
    case "text":
      return tooLong(text, MAX_TEXT);
    case "number":
      return numberProblem(field, text);
    case "date":
      return isDate(text) ? "" : "must be a date, written as year-month-day";
    case "email":
      return EMAIL.test(text) ? tooLong(text, MAX_LINE) : "must be an e-mail address, such as ann@example.org";
    case "enum":
      return field.choices.includes(text) ? "" : `must be one of: ${field.choices.join(", ")}`;
  }
}

function numberProblem(field: Field, text: string): string {
  if (field.numbers === "count" && !COUNT.test(text)) return "must be a whole number, such as 12, and not less than 0";
  if (!NUMBER.test(text)) return "must be a number, such as 12 or 3.50";
  return field.numbers !== "any" && text.startsWith("-") ? "must not be less than 0" : "";
}

function tooLong(text: string, most: number): string {
  return text.length > most ? `must not be longer than ${most} characters` : "";
}

function isDate(text: string): boolean {
  if (!DATE.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

function valueOf(field: Field, text: string): Value {
  if (field.kind === "boolean") return text === "yes";
  if (field.kind !== "number") return text;
  return NUMBER.test(text) ? Number(text.replace(",", ".")) : null;
}
