// better-auth on better-sqlite3. It has no refresh tokens: a request for the session extends it, and writes its row once a day by
// default. With updateAge 0 each request writes the row, which makes the figures comparable.
import { createServer } from "node:http";
import { randomBytes } from "node:crypto";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import { bearer } from "better-auth/plugins/bearer";
import Database from "better-sqlite3";

const database = new Database(`${process.env.DATA}/peer.db`);
database.pragma("journal_mode = WAL");
database.pragma("synchronous = FULL");

const auth = betterAuth({
  database,
  baseURL: `http://127.0.0.1:${process.env.PORT}`,
  secret: randomBytes(32).toString("hex"),
  emailAndPassword: { enabled: true },
  session: { updateAge: 0 },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  plugins: [bearer()],
});
await (await getMigrations(auth.options)).runMigrations();

const handle = toNodeHandler(auth);
const route = (request, response) => request.url === "/ready" ? response.end("ready") : handle(request, response);
createServer(route)
  .listen(Number(process.env.PORT), "127.0.0.1");
