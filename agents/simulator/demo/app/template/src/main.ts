@@trace@@
// Starts the app. PORT, HOST and DATA_FILE can be set in the environment.
import { createApp } from "./server.js";
import { Store } from "./store.js";

const port = Number(process.env["PORT"] ?? "3000");
const host = process.env["HOST"] ?? "127.0.0.1";
const local = host === "127.0.0.1" || host === "localhost" || host === "::1";
const server = createApp(new Store(process.env["DATA_FILE"] ?? "data/app.json"), { anyHost: !local });

server.on("error", (error) => {
  console.error(`Could not start at port ${port}: ${error.message}`);
  process.exitCode = 1;
});
server.listen(port, host, () => {
  console.log(`Open http://${local ? "localhost" : host}:${port} in your browser. Stop with Ctrl-C.`);
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}
