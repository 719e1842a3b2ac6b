// Drives the npm SDK against a simulator and prints what it saw as JSON.
// Usage: node npm_sdk.mjs <base url>; it must lie beside node_modules.
import Anthropic from "@anthropic-ai/sdk";

const baseURL = process.argv[2];
const clientFor = (apiKey) => new Anthropic({ apiKey, baseURL, maxRetries: 0 });
const client = clientFor("sk-ant-test");
const ask = {
  model: "claude-sonnet-4-6",
  max_tokens: 1000,
  messages: [{ role: "user", content: "Hello" }],
};
const writeFile = {
  name: "write_file",
  input_schema: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
};
const schema = {
  type: "object",
  properties: { verdict: { type: "string" } },
  required: ["verdict"],
  additionalProperties: false,
};

const checks = {
  async create() {
    const message = await client.messages.create(ask);
    return [message.content[0].text, message.stop_reason, message.usage.input_tokens];
  },
  async stream() {
    let words = "";
    const stream = client.messages.stream(ask).on("text", (part) => (words += part));
    const final = await stream.finalMessage();
    return [words, final.content[0].text, final.stop_reason];
  },
  async raw_events() {
    const types = [];
    for await (const event of await client.messages.create({ ...ask, stream: true })) {
      types.push(event.type);
    }
    return types;
  },
  async tools() {
    const first = await client.messages.stream({ ...ask, tools: [writeFile] }).finalMessage();
    const call = first.content.find((block) => block.type === "tool_use");
    const result = { type: "tool_result", tool_use_id: call.id, content: "saved" };
    const second = await client.messages.create({
      ...ask,
      tools: [writeFile],
      messages: [
        ...ask.messages,
        { role: "assistant", content: first.content },
        { role: "user", content: [result] },
      ],
    });
    return [call.input, first.stop_reason, second.content[0].text];
  },
  async structured() {
    const message = await client.messages.create({
      ...ask,
      output_config: { format: { type: "json_schema", schema } },
    });
    return JSON.parse(message.content[0].text);
  },
  async counting() {
    const { max_tokens, ...question } = ask;
    return (await client.messages.countTokens(question)).input_tokens;
  },
  async models() {
    const ids = [];
    for await (const model of client.models.list({ limit: 3 })) ids.push(model.id);
    const one = await client.models.retrieve("claude-haiku-4-5");
    return [ids.length, one.max_input_tokens, one.lifecycle];
  },
  async cache() {
    const system = [{ type: "text", text: "x".repeat(8000), cache_control: { type: "ephemeral" } }];
    const first = await client.messages.create({ ...ask, system });
    const second = await client.messages.create({ ...ask, system });
    return [first.usage.cache_creation_input_tokens, second.usage.cache_read_input_tokens];
  },
  async errors() {
    const seen = {};
    for (const status of ["400", "401", "403", "404", "429", "500", "529"]) {
      const error = await clientFor(`sk-ant-sim-${status}-1`).messages.create(ask).catch((e) => e);
      seen[status] = [error.status, error.type, error.requestID?.slice(0, 6)];
    }
    return seen;
  },
  async overload_in_stream() {
    try {
      const events = await clientFor("sk-ant-sim-overloadmid-1").messages.create({ ...ask, stream: true });
      for await (const event of events);
      return "no error";
    } catch (error) {
      return error.type ?? error.error?.error?.type;
    }
  },
};

const seen = {};
for (const [name, check] of Object.entries(checks)) {
  seen[name] = await check().catch((error) => `failed: ${error}`);
}
console.log(JSON.stringify(seen));
