// @@trace@@
// Starts the app and uses it from outside, like a browser.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createApp } from "../src/server.js";
import { Store } from "../src/store.js";

type Form = Readonly<Record<string, string>>;

interface App {
  readonly file: string;
  get(path: string): Promise<{ status: number; text: string; location: string }>;
  post(path: string, form: Form, headers?: Form): Promise<{ status: number; text: string; location: string }>;
}

async function withApp(run: (app: App) => Promise<void>, saved?: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "app-test-"));
  const file = join(folder, "app.json");
  try {
    if (saved !== undefined) writeFileSync(file, saved);
    await running(file, run);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function running(file: string, run: (app: App) => Promise<void>): Promise<void> {
  const server = createApp(new Store(file));
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const start = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = async (path: string, init: RequestInit) => {
    const answer = await fetch(start + path, { redirect: "manual", ...init });
    return { status: answer.status, text: await answer.text(), location: answer.headers.get("location") ?? "" };
  };
  const post = (path: string, form: Form, headers: Form = {}) =>
    ask(path, { method: "POST", body: new URLSearchParams(form), headers: { origin: start, ...headers } });
  try {
    await run({ file, get: (path) => ask(path, {}), post });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

function asHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign === "'" ? "39" : ""};`.replace("&#;", HTML[sign] ?? ""));
}

const HTML: Form = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

async function save(app: App, list: string, form: Form): Promise<void> {
  const answer = await app.post(`/${list}`, form);
  assert.equal(answer.status, 303, answer.text);
  assert.equal(answer.location, `/${list}`);
}

async function rowAddress(app: App, list: string): Promise<string> {
  const page = await app.get(`/${list}`);
  const found = /href="(\/[^"/]+\/[^"/]+)\/delete"/.exec(page.text);
  assert.ok(found?.[1], "there is no row on the page");
  return found[1];
}

async function shows(app: App, path: string, form: Form, expected = true): Promise<void> {
  const page = await app.get(path);
  assert.equal(page.status, 200);
  for (const text of Object.values(form)) {
    assert.equal(page.text.includes(`>${asHtml(text)}</td>`), expected, `${text} on ${path}`);
  }
}

async function refuses(app: App, list: string, form: Form, wrong: readonly string[]): Promise<void> {
  const before = await app.get(`/${list}`);
  const answer = await app.post(`/${list}`, form);
  assert.equal(answer.status, 422);
  const named = [...answer.text.matchAll(/<a href="#f-([^"]+)">/g)].map((found) => found[1]);
  assert.deepEqual(named, wrong);
  for (const text of Object.values(form)) {
    // A choice that does not exist cannot stay chosen.
    if (text !== "no such choice") assert.ok(answer.text.includes(asHtml(text)), `${text} was typed`);
  }
  assert.equal((await app.get(`/${list}`)).text, before.text);
}

@@rows@@

@@tests@@
