@@trace@@
// Keeps all rows in one JSON file. Every change writes a new file and swaps it in, so that a crash
// in the middle leaves the old file whole.
import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { LISTS, type List, type Row, type Values } from "./types.js";

type Data = Map<string, Row[]>;

export class Store {
  readonly #path: string;
  #data: Data;

  /** Opens the data file; a missing file means empty lists. Throws when the file is damaged. */
  constructor(path: string) {
    this.#path = path;
    this.#data = read(path);
  }

  /** The rows of a list that contain every word of the search, the oldest first. */
  find(list: List, search: string): readonly Row[] {
    const words = search.toLowerCase().split(/\s+/).filter((word) => word !== "");
    return this.#rows(list).filter((row) => {
      const text = Object.values(row.values).join("\n").toLowerCase();
      return words.every((word) => text.includes(word));
    });
  }

  get(list: List, id: string): Row | undefined {
    return this.#rows(list).find((row) => row.id === id);
  }

  add(list: List, values: Values): Row {
    const row = { id: randomUUID(), values };
    this.#replace(list, [...this.#rows(list), row]);
    return row;
  }

  /** Returns false when the row is not there any more. */
  change(list: List, id: string, values: Values): boolean {
    if (this.get(list, id) === undefined) return false;
    this.#replace(list, this.#rows(list).map((row) => (row.id === id ? { id, values } : row)));
    return true;
  }

  remove(list: List, id: string): boolean {
    if (this.get(list, id) === undefined) return false;
    this.#replace(list, this.#rows(list).filter((row) => row.id !== id));
    return true;
  }

  #rows(list: List): readonly Row[] {
    return this.#data.get(list.slug) ?? [];
  }

  #replace(list: List, rows: readonly Row[]): void {
    const data = new Map(this.#data).set(list.slug, [...rows]);
    mkdirSync(dirname(this.#path), { recursive: true });
    const draft = `${this.#path}.new`;
    writeFileSync(draft, `${JSON.stringify(Object.fromEntries(data), null, 2)}\n`, { mode: 0o600 });
    renameSync(draft, this.#path);
    this.#data = data;
  }
}

function read(path: string): Data {
  const saved = parse(path);
  return new Map(LISTS.map((list) => [list.slug, rowsIn(saved[list.slug], path)]));
}

function parse(path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
  try {
    const saved: unknown = JSON.parse(text);
    if (typeof saved === "object" && saved !== null) return saved as Record<string, unknown>;
  } catch {
    // Said below, in words that help.
  }
  throw damaged(path);
}

function rowsIn(saved: unknown, path: string): Row[] {
  if (saved === undefined) return [];
  if (!Array.isArray(saved) || !saved.every(isRow)) throw damaged(path);
  return saved;
}

function isRow(saved: unknown): saved is Row {
  const row = saved as Partial<Row> | null;
  return typeof row === "object" && typeof row?.id === "string" && typeof row.values === "object" && row.values !== null;
}

function damaged(path: string): Error {
  return new Error(`The data file ${path} is damaged. Nothing was changed. Put back a copy, or move the file away.`);
}
