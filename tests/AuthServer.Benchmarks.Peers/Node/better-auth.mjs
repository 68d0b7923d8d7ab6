// better-auth on better-sqlite3. It has no refresh tokens: what renews a session is asking for it, which writes its row once a day
// unless told otherwise. Here it is told to write at each, or there would be nothing to compare.
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
createServer((request, response) => request.url === "/ready" ? response.end("ready") : handle(request, response))
  .listen(Number(process.env.PORT), "127.0.0.1");
