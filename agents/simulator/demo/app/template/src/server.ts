@@trace@@
// Answers the requests of the browser: which address does what, and what is refused.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { CSS, deletePage, formPage, listPage, messagePage, typedValues } from "./html.js";
import type { Store } from "./store.js";
import { LISTS, type List } from "./types.js";
import { check } from "./validate.js";

const MAX_BODY_BYTES = 64 * 1024;
const LOCAL_HOSTS = new Set(["localhost", "127.0.0.1", "[::1]"]);
const SAFETY = {
  "Content-Security-Policy":
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "Referrer-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
  "Cache-Control": "no-store",
};

class Refused extends Error {
  constructor(readonly status: number, readonly title: string, message: string, readonly headers: Record<string, string> = {}) {
    super(message);
  }
}

/** anyHost: also answer under other names than localhost, for a computer that serves a network. */
export function createApp(store: Store, options: { readonly anyHost?: boolean } = {}): Server {
  const server = createServer((request, response) => {
    answer(store, request, response, options.anyHost ?? false).catch((error: unknown) => {
      const refused = error instanceof Refused ? error : new Refused(500, "Problem", "Something went wrong.");
      if (refused.status === 500) console.error(error);
      if (response.headersSent) return response.destroy();
      send(response, refused.status, messagePage(refused.title, refused.message), refused.headers);
      return undefined;
    });
  });
  server.requestTimeout = 15_000;
  return server;
}

async function answer(store: Store, request: IncomingMessage, response: ServerResponse, anyHost: boolean): Promise<void> {
  const url = addressOf(request, anyHost);
  const [slug = "", id = "", action = "", ...more] = url.pathname.slice(1).split("/");
  if (url.pathname === "/app.css") {
    allow(request, "GET");
    return send(response, 200, CSS, { "Content-Type": "text/css; charset=utf-8" });
  }
  if (url.pathname === "/") {
    allow(request, "GET");
    return goTo(response, `/${LISTS[0]?.slug ?? ""}`);
  }
  const list = LISTS.find((one) => one.slug === slug);
  if (list === undefined || more.length > 0 || (action !== "" && action !== "delete")) throw notFound();
  if (id === "") {
    allow(request, "GET", "POST");
    if (request.method === "POST") return save(store, list, "", request, response);
    const search = (url.searchParams.get("q") ?? "").slice(0, 200);
    return send(response, 200, listPage(list, store.find(list, search), search));
  }
  if (id === "new" && action === "") {
    allow(request, "GET");
    return send(response, 200, formPage(list, "", () => "", new Map()));
  }
  const row = store.get(list, id);
  if (row === undefined) throw notFound();
  allow(request, "GET", "POST");
  if (request.method === "POST" && action === "") return save(store, list, id, request, response);
  if (request.method === "POST") {
    await formOf(request);
    store.remove(list, id);
    return goTo(response, `/${list.slug}`);
  }
  const page = action === "delete" ? deletePage(list, row) : formPage(list, id, typedValues(row.values), new Map());
  return send(response, 200, page);
}

async function save(
  store: Store, list: List, id: string, request: IncomingMessage, response: ServerResponse,
): Promise<void> {
  const form = await formOf(request);
  const { values, problems } = check(list, form);
  if (problems.size > 0) {
    return send(response, 422, formPage(list, id, (field) => form.get(field.key) ?? "", problems));
  }
  if (id === "") store.add(list, values);
  else if (!store.change(list, id, values)) throw notFound();
  return goTo(response, `/${list.slug}`);
}

function addressOf(request: IncomingMessage, anyHost: boolean): URL {
  const host = request.headers.host ?? "";
  let url: URL;
  try {
    url = new URL(`http://${host}${request.url ?? "/"}`);
  } catch {
    throw new Refused(400, "Not understood", "The address could not be read.");
  }
  // A foreign website can point its own name at this computer; only the names we know are answered.
  if (!anyHost && !LOCAL_HOSTS.has(url.hostname)) {
    throw new Refused(403, "Refused", "This app answers only under the name localhost.");
  }
  const origin = request.headers.origin;
  const foreign = origin !== undefined && origin !== `http://${host}`;
  if (request.method === "POST" && (foreign || request.headers["sec-fetch-site"] === "cross-site")) {
    throw new Refused(403, "Refused", "This form came from another website.");
  }
  return url;
}

function allow(request: IncomingMessage, ...methods: string[]): void {
  const asked = request.method === "HEAD" ? "GET" : request.method ?? "";
  if (!methods.includes(asked)) {
    throw new Refused(405, "Refused", "This address cannot do that.", { Allow: methods.join(", ") });
  }
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  const type = (request.headers["content-type"] ?? "").split(";")[0]?.trim();
  if (type !== "application/x-www-form-urlencoded") {
    throw new Refused(415, "Refused", "Only the forms of this app are accepted.");
  }
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY_BYTES) throw new Refused(413, "Too long", "The form is too long.", { Connection: "close" });
    parts.push(part);
  }
  return new URLSearchParams(Buffer.concat(parts).toString("utf8"));
}

function notFound(): Refused {
  return new Refused(404, "Not found", "There is nothing at this address.");
}

function goTo(response: ServerResponse, path: string): void {
  send(response, 303, "", { Location: path });
}

function send(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  const all = { "Content-Type": "text/html; charset=utf-8", "Content-Length": String(Buffer.byteLength(body)) };
  response.writeHead(status, { ...all, ...SAFETY, ...headers }).end(body);
}
