// Express with jsonwebtoken and better-sqlite3, combined as in tutorials for Node: one row per refresh token.
import { createSecretKey, randomBytes, randomUUID } from "node:crypto";
import bcrypt from "bcrypt";
import Database from "better-sqlite3";
import express from "express";
import jwt from "jsonwebtoken";

const db = new Database(`${process.env.DATA}/peer.db`);
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.exec(`
  CREATE TABLE IF NOT EXISTS users (id TEXT PRIMARY KEY, username TEXT UNIQUE, password_hash TEXT);
  CREATE TABLE IF NOT EXISTS refresh_tokens (
    id INTEGER PRIMARY KEY, token TEXT UNIQUE, user_id TEXT REFERENCES users,
    created_at INTEGER, expires_at INTEGER, revoked_at INTEGER)`);
const insertUser = db.prepare("INSERT INTO users VALUES (?, ?, ?)");
const findUser = db.prepare("SELECT * FROM users WHERE username = ?");
const findToken = db.prepare(
  "SELECT t.*, u.username FROM refresh_tokens t JOIN users u ON u.id = t.user_id WHERE t.token = ?");
const revokeToken = db.prepare("UPDATE refresh_tokens SET revoked_at = ? WHERE id = ?");
const insertToken = db.prepare("INSERT INTO refresh_tokens (token, user_id, created_at, expires_at) VALUES (?, ?, ?, ?)");

// A key object, because jsonwebtoken first tries to parse bytes as PEM, for each token.
const secret = createSecretKey(randomBytes(32));
const workFactor = Number(process.env.WORK_FACTOR ?? 11);

function grant(userId, username) {
  const now = Date.now();
  const refreshToken = randomBytes(32).toString("base64url");
  insertToken.run(refreshToken, userId, now, now + 14 * 86_400_000);
  const claims = { sub: userId, preferred_username: username, jti: randomUUID() };
  const accessToken = jwt.sign(claims, secret, { expiresIn: "15m", issuer: "peer", audience: "peer" });
  return { accessToken, refreshToken };
}

const rotate = db.transaction((token) => {
  const old = findToken.get(token);
  if (!old || old.revoked_at !== null || old.expires_at <= Date.now()) {
    return undefined;
  }

  revokeToken.run(Date.now(), old.id);
  return grant(old.user_id, old.username);
});

const app = express();
app.use(express.json());
app.get("/ready", (_, response) => response.send("ready"));
app.post("/register", async ({ body }, response) => {
  insertUser.run(randomUUID(), body.username, await bcrypt.hash(body.password, workFactor));
  response.sendStatus(201);
});
app.post("/login", async ({ body }, response) => {
  const user = findUser.get(body.username);
  return user && await bcrypt.compare(body.password, user.password_hash)
    ? response.json(grant(user.id, user.username))
    : response.sendStatus(401);
});
app.post("/refresh", ({ body }, response) => {
  const pair = rotate(body.refreshToken);
  return pair ? response.json(pair) : response.sendStatus(401);
});
app.get("/me", ({ headers }, response) => {
  try {
    const token = (headers.authorization ?? "").slice("Bearer ".length);
    const claims = jwt.verify(token, secret, { issuer: "peer", audience: "peer" });
    response.json({ id: claims.sub, username: claims.preferred_username });
  } catch {
    response.sendStatus(401);
  }
});
app.listen(Number(process.env.PORT), "127.0.0.1");
