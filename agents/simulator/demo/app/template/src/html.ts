@@trace@@
// The pages. Every text that a person typed goes through `escape`.
import { LISTS, type Field, type List, type Row, type Value, type Values } from "./types.js";

const APP = @@app_title@@;

export function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** A value as the pages show it: an amount of money has two decimals. */
function inField(field: Field, value: Value | undefined): string {
  return field.numbers === "money" && typeof value === "number" && Number.isInteger(Math.round(value * 1e6) / 1e4)
    ? value.toFixed(2) : shown(value);
}

export function shown(value: Value | undefined): string {
  if (value === true) return "yes";
  if (value === false) return "no";
  return value === null || value === undefined ? "" : String(value);
}

export function listPage(list: List, rows: readonly Row[], search: string): string {
  const path = `/${list.slug}`;
  const clear = search === "" ? "" : ` <a href="${path}">Show all</a>`;
  return page(list.many, list, `
<p><a class="button" href="${path}/new">Add ${escape(list.one)}</a></p>
<form class="search" action="${path}" role="search">
<label for="q">Search</label> <input id="q" name="q" type="search" value="${escape(search)}">
<button>Search</button>${clear}
</form>
${rows.length === 0 ? `<p>${search === "" ? "Nothing here yet." : "Nothing found."}</p>` : table(list, rows)}`);
}

function table(list: List, rows: readonly Row[]): string {
  const head = list.fields.map((field) => `<th scope="col">${escape(field.label)}</th>`).join("");
  const body = rows.map((row) => {
    const cells = list.fields.map((field) => `<td data-label="${escape(field.label)}">${escape(inField(field, row.values[field.key]))}</td>`).join("");
    const name = escape(headingOf(list, row));
    const path = `/${list.slug}/${encodeURIComponent(row.id)}`;
    return `<tr>${cells}<td class="actions"><a href="${path}" aria-label="Change ${name}">Change</a> ` +
      `<a href="${path}/delete" aria-label="Delete ${name}">Delete</a></td></tr>`;
  });
  return `<div class="wide" role="region" aria-label="${escape(list.many)}" tabindex="0"><table>
<thead><tr>${head}<th scope="col">Actions</th></tr></thead>
<tbody>
${body.join("\n")}
</tbody></table></div>`;
}

/** The form for a new row (id empty) or an existing one. */
export function formPage(
  list: List, id: string, typed: (field: Field) => string, problems: ReadonlyMap<string, string>,
): string {
  const action = id === "" ? `/${list.slug}` : `/${list.slug}/${encodeURIComponent(id)}`;
  const title = `${id === "" ? "Add" : "Change"} ${list.one}`;
  const wrong = list.fields.filter((field) => problems.has(field.key));
  const summary = wrong.length === 0 ? "" : `<div class="problems" role="alert"><p>Not saved yet. Please correct:</p><ul>
${wrong.map((field) => `<li><a href="#f-${field.key}">${escape(field.label)}</a> ${escape(problems.get(field.key) ?? "")}</li>`).join("\n")}
</ul></div>`;
  return page(title, list, `${summary}
<form method="post" action="${action}">
<p>* must be filled in</p>
${list.fields.map((field) => row(field, typed(field), problems.get(field.key))).join("\n")}
<p><button>Save</button> <a href="/${list.slug}">Cancel</a></p>
</form>`);
}

function row(field: Field, text: string, problem: string | undefined): string {
  const name = `id="f-${field.key}" name="${field.key}"`;
  const wrong = problem === undefined ? "" : ` aria-invalid="true" aria-describedby="p-${field.key}"`;
  const mark = field.required && field.kind !== "boolean" ? " *" : "";
  const said = problem === undefined ? "" : `<span class="problem" id="p-${field.key}">${escape(problem)}</span>`;
  return `<p><label for="f-${field.key}">${escape(field.label)}${mark}</label>${said}${input(field, text, name + wrong)}</p>`;
}

function input(field: Field, text: string, attributes: string): string {
  const must = field.required ? " required" : "";
  switch (field.kind) {
    case "text":
      return `<textarea ${attributes} rows="4"${must}>\n${escape(text)}</textarea>`;
    case "boolean":
      return `<input ${attributes} type="checkbox" value="yes"${text === "yes" ? " checked" : ""}>`;
    case "enum": {
      const options = ["", ...field.choices].map((choice) =>
        `<option value="${escape(choice)}"${choice === text ? " selected" : ""}>${escape(choice === "" ? "Choose" : choice)}</option>`);
      return `<select ${attributes}${must}>${options.join("")}</select>`;
    }
    default: {
      const type = { string: "text", number: "text", date: "date", email: "email" }[field.kind];
      const digits = field.kind === "number" ? ` inputmode="${field.numbers === "count" ? "numeric" : "decimal"}"` : "";
      return `<input ${attributes} type="${type}"${digits} value="${escape(text)}"${must}>`;
    }
  }
}

export function deletePage(list: List, found: Row): string {
  const path = `/${list.slug}/${encodeURIComponent(found.id)}`;
  return page(`Delete ${list.one}`, list, `
<p>Delete <strong>${escape(headingOf(list, found))}</strong>? This cannot be undone.</p>
<form method="post" action="${path}/delete"><p><button>Delete</button> <a href="/${list.slug}">Cancel</a></p></form>`);
}

export function messagePage(title: string, message: string): string {
  return page(title, undefined, `<p>${escape(message)}</p><p><a href="/">Back to the start</a></p>`);
}

export function typedValues(values: Values): (field: Field) => string {
  return (field) => inField(field, values[field.key]);
}

function headingOf(list: List, found: Row): string {
  return shown(found.values[list.heading]) || list.one;
}

function page(title: string, current: List | undefined, body: string): string {
  const links = LISTS.map((list) => {
    const here = list.slug === current?.slug ? ' aria-current="page"' : "";
    return `<li><a href="/${list.slug}"${here}>${escape(list.many)}</a></li>`;
  });
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)} - ${escape(APP)}</title><link rel="stylesheet" href="/app.css"></head>
<body>
<header><strong>${escape(APP)}</strong><nav aria-label="Lists"><ul>${links.join("")}</ul></nav></header>
<main><h1>${escape(title)}</h1>${body}</main>
<footer><p>Demo app, made by fixed rules.</p></footer>
</body></html>`;
}

export const CSS = `:root{color-scheme:light dark;--ink:#1d2733;--paper:#fff;--line:#8693a3;--main:#1a5fb4;--wrong:#a51d2d}
@media (prefers-color-scheme:dark){:root{--ink:#e8ecf1;--paper:#161b22;--line:#6b7a8c;--main:#8ab8f0;--wrong:#ff9d9d}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:64rem;padding:0 1rem 2rem;font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
header{display:flex;flex-wrap:wrap;gap:1rem;align-items:baseline;padding:1rem 0;border-bottom:1px solid var(--line)}
nav ul{display:flex;flex-wrap:wrap;gap:1rem;list-style:none;margin:0;padding:0}
a{color:var(--main)} [aria-current]{font-weight:700}
:focus-visible{outline:3px solid var(--main);outline-offset:2px}
.wide{overflow-x:auto} table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.5rem .75rem .5rem 0;border-bottom:1px solid var(--line);white-space:pre-wrap}
@media (max-width:40rem){.wide thead{position:absolute;clip-path:inset(50%);height:1px;overflow:hidden}.wide table,.wide tbody,.wide tr,.wide td{display:block}.wide tr{border:1px solid var(--line);border-radius:.4rem;margin:0 0 1rem;padding:.25rem .75rem}.wide td{padding:.4rem 0;overflow-wrap:anywhere}.wide tr td:last-child{border:0}.wide td[data-label]::before{content:attr(data-label);display:block;font-weight:600}}
label{display:block;font-weight:600} .search label{display:inline}
input,select,textarea,button,.button{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--line);border-radius:.4rem;padding:.45rem .7rem;min-height:2.75rem}
input:not([type=checkbox]),select,textarea{width:100%;max-width:32rem} .search input{width:auto}
input[type=checkbox]{width:1.5rem;min-height:1.5rem}
button,.button{display:inline-block;background:var(--main);border-color:var(--main);color:var(--paper);text-decoration:none;cursor:pointer}
.problem{display:block;color:var(--wrong)} .problems{border:2px solid var(--wrong);border-radius:.4rem;padding:0 1rem}
[aria-invalid]{border-color:var(--wrong)}
`;
