CREATE TABLE IF NOT EXISTS "__EFMigrationsHistory" (
    "MigrationId" TEXT NOT NULL CONSTRAINT "PK___EFMigrationsHistory" PRIMARY KEY,
    "ProductVersion" TEXT NOT NULL
);

CREATE TABLE "events" (
    "id" INTEGER NOT NULL CONSTRAINT "PK_events" PRIMARY KEY AUTOINCREMENT,
    "at" INTEGER NOT NULL,
    "kind" INTEGER NOT NULL,
    "user_id" BLOB NOT NULL,
    "session_id" BLOB NULL,
    "reason" INTEGER NULL,
    "count" INTEGER NOT NULL,
    "ip_address" TEXT NULL,
    "user_agent" TEXT NULL
);

CREATE TABLE "users" (
    "id" BLOB NOT NULL CONSTRAINT "PK_users" PRIMARY KEY,
    "username" TEXT NOT NULL,
    "normalized_username" TEXT NOT NULL,
    "email" TEXT NULL,
    "display_name" TEXT NULL,
    "password_hash" TEXT NOT NULL,
    "roles" TEXT NOT NULL,
    "disabled" INTEGER NOT NULL,
    "created_at" INTEGER NOT NULL
);

CREATE TABLE "sessions" (
    "id" BLOB NOT NULL CONSTRAINT "PK_sessions" PRIMARY KEY,
    "user_id" BLOB NOT NULL,
    "generation" INTEGER NOT NULL,
    "created_at" INTEGER NOT NULL,
    "rotated_at" INTEGER NOT NULL,
    "device_name" TEXT NULL,
    "ip_address" TEXT NULL,
    "user_agent" TEXT NULL,
    "ended_at" INTEGER NULL,
    "end_reason" INTEGER NULL,
    CONSTRAINT "FK_sessions_users_user_id" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
);

CREATE UNIQUE INDEX "IX_events_user_id_at" ON "events" ("user_id", "at") WHERE kind = 2;

CREATE INDEX "IX_events_user_id_id" ON "events" ("user_id", "id");

CREATE INDEX "IX_sessions_ended_at" ON "sessions" ("ended_at") WHERE ended_at IS NOT NULL;

CREATE INDEX "IX_sessions_user_id" ON "sessions" ("user_id");

CREATE UNIQUE INDEX "IX_users_normalized_username" ON "users" ("normalized_username");

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261122153213_Initial', '10.0.15');

ALTER TABLE "users" ADD "security_stamp" BLOB NOT NULL DEFAULT X'00000000000000000000000000000000';

ALTER TABLE "sessions" ADD "authenticated_at" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "sessions" ADD "methods" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "sessions" ADD "newest_presented" INTEGER NULL;

UPDATE users SET security_stamp = randomblob(16);

UPDATE sessions SET authenticated_at = created_at, methods = 1;

UPDATE sessions SET newest_presented = generation - 1 WHERE generation > 0;

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261128203059_ProofsAndLateRetries', '10.0.15');

DROP INDEX "IX_sessions_user_id";

ALTER TABLE "events" ADD "detail" TEXT NULL;

ALTER TABLE "events" ADD "network" TEXT NULL;

CREATE TABLE "failure_counts" (
    "id" BLOB NOT NULL CONSTRAINT "PK_failure_counts" PRIMARY KEY,
    "empty_at" INTEGER NOT NULL,
    "last_at" INTEGER NOT NULL
);

CREATE INDEX "IX_sessions_user_id_ended_at_id" ON "sessions" ("user_id", "ended_at", "id");

CREATE INDEX "IX_events_kind_id" ON "events" ("kind", "id");

CREATE UNIQUE INDEX "IX_events_kind_network_at" ON "events" ("kind", "network", "at") WHERE network IS NOT NULL;

CREATE UNIQUE INDEX "IX_events_kind_user_id_at" ON "events" ("kind", "user_id", "at") WHERE kind IN (5, 9);

CREATE INDEX "IX_failure_counts_empty_at" ON "failure_counts" ("empty_at");

CREATE INDEX "IX_failure_counts_last_at" ON "failure_counts" ("last_at");

CREATE TABLE "ef_temp_events" (
    "id" INTEGER NOT NULL CONSTRAINT "PK_events" PRIMARY KEY AUTOINCREMENT,
    "at" INTEGER NOT NULL,
    "count" INTEGER NOT NULL,
    "detail" TEXT NULL,
    "ip_address" TEXT NULL,
    "kind" INTEGER NOT NULL,
    "network" TEXT NULL,
    "reason" INTEGER NULL,
    "session_id" BLOB NULL,
    "user_agent" TEXT NULL,
    "user_id" BLOB NULL
);

INSERT INTO "ef_temp_events" ("id", "at", "count", "detail", "ip_address", "kind", "network", "reason", "session_id", "user_agent", "user_id")
SELECT "id", "at", "count", "detail", "ip_address", "kind", "network", "reason", "session_id", "user_agent", "user_id"
FROM "events";

PRAGMA foreign_keys = 0;

DROP TABLE "events";

ALTER TABLE "ef_temp_events" RENAME TO "events";

PRAGMA foreign_keys = 1;

CREATE INDEX "IX_events_kind_id" ON "events" ("kind", "id");

CREATE UNIQUE INDEX "IX_events_kind_network_at" ON "events" ("kind", "network", "at") WHERE network IS NOT NULL;

CREATE UNIQUE INDEX "IX_events_kind_user_id_at" ON "events" ("kind", "user_id", "at") WHERE kind IN (5, 9);

CREATE UNIQUE INDEX "IX_events_user_id_at" ON "events" ("user_id", "at") WHERE kind = 2;

CREATE INDEX "IX_events_user_id_id" ON "events" ("user_id", "id");

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261129084713_FailuresAndEventKinds', '10.0.15');

CREATE TABLE "access_keys" (
    "number" INTEGER NOT NULL CONSTRAINT "PK_access_keys" PRIMARY KEY,
    "algorithm" TEXT NOT NULL,
    "created_at" INTEGER NOT NULL,
    "signs_from" INTEGER NOT NULL,
    "signs_until" INTEGER NULL,
    "gone_at" INTEGER NULL,
    "sealed" BLOB NOT NULL
);

CREATE TABLE "root_keys" (
    "number" INTEGER NOT NULL CONSTRAINT "PK_root_keys" PRIMARY KEY,
    "fingerprint" BLOB NOT NULL,
    "created_with_at" INTEGER NULL,
    "revoked_at" INTEGER NULL
);

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261129150755_RootKeysAndAccessKeys', '10.0.15');

CREATE TABLE "resource_servers" (
    "name" TEXT NOT NULL CONSTRAINT "PK_resource_servers" PRIMARY KEY,
    "secret_hash" BLOB NOT NULL,
    "created_at" INTEGER NOT NULL
);

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261129170514_ResourceServers', '10.0.15');

ALTER TABLE "users" ADD "verified_email" TEXT NULL;

CREATE TABLE "external_identities" (
    "id" BLOB NOT NULL CONSTRAINT "PK_external_identities" PRIMARY KEY,
    "user_id" BLOB NOT NULL,
    "provider" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "name" TEXT NULL,
    "created_at" INTEGER NOT NULL
);

CREATE UNIQUE INDEX "IX_users_verified_email" ON "users" ("verified_email");

CREATE UNIQUE INDEX "IX_external_identities_provider_subject" ON "external_identities" ("provider", "subject");

CREATE INDEX "IX_external_identities_user_id" ON "external_identities" ("user_id");

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261130124224_ExternalIdentities', '10.0.15');

ALTER TABLE "users" ADD "locale" TEXT NULL;

CREATE TABLE "mails" (
    "id" BLOB NOT NULL CONSTRAINT "PK_mails" PRIMARY KEY,
    "kind" INTEGER NOT NULL,
    "state" INTEGER NOT NULL,
    "user_id" BLOB NOT NULL,
    "security_stamp" BLOB NOT NULL,
    "address" TEXT NOT NULL,
    "normalized_address" TEXT NOT NULL,
    "session_id" BLOB NULL,
    "created_at" INTEGER NOT NULL,
    "due_at" INTEGER NOT NULL,
    "attempts" INTEGER NOT NULL,
    "problem" TEXT NULL
);

CREATE INDEX "IX_mails_normalized_address_kind_created_at" ON "mails" ("normalized_address", "kind", "created_at");

CREATE INDEX "IX_mails_state_due_at" ON "mails" ("state", "due_at");

CREATE INDEX "IX_mails_user_id_kind_created_at" ON "mails" ("user_id", "kind", "created_at");

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261130215401_Mails', '10.0.15');

ALTER TABLE "mails" ADD "detail" TEXT NULL;

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261130222927_MailDetail', '10.0.15');

ALTER TABLE "users" ADD "deleted_at" INTEGER NULL;

ALTER TABLE "users" ADD "second_factor_required" INTEGER NOT NULL DEFAULT 0;

CREATE TABLE "passkeys" (
    "id" BLOB NOT NULL CONSTRAINT "PK_passkeys" PRIMARY KEY,
    "user_id" BLOB NOT NULL,
    "credential_id" BLOB NOT NULL,
    "public_key" BLOB NOT NULL,
    "sign_count" INTEGER NOT NULL,
    "transports" TEXT NOT NULL,
    "is_backup_eligible" INTEGER NOT NULL,
    "is_backed_up" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" INTEGER NOT NULL,
    "last_used_at" INTEGER NULL,
    CONSTRAINT "FK_passkeys_users_user_id" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
);

CREATE TABLE "recovery_codes" (
    "id" BLOB NOT NULL CONSTRAINT "PK_recovery_codes" PRIMARY KEY,
    "user_id" BLOB NOT NULL,
    "sealed" BLOB NOT NULL,
    "root_key" INTEGER NOT NULL,
    CONSTRAINT "FK_recovery_codes_users_user_id" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
);

CREATE TABLE "reserved_names" (
    "name" TEXT NOT NULL CONSTRAINT "PK_reserved_names" PRIMARY KEY,
    "user_id" BLOB NOT NULL,
    "reserved_at" INTEGER NOT NULL
);

CREATE TABLE "spent_tokens" (
    "id" BLOB NOT NULL CONSTRAINT "PK_spent_tokens" PRIMARY KEY,
    "ends_at" INTEGER NOT NULL
);

CREATE TABLE "totps" (
    "user_id" BLOB NOT NULL CONSTRAINT "PK_totps" PRIMARY KEY,
    "sealed" BLOB NOT NULL,
    "root_key" INTEGER NOT NULL,
    "created_at" INTEGER NOT NULL,
    "confirmed_at" INTEGER NULL,
    "last_step" INTEGER NOT NULL,
    CONSTRAINT "FK_totps_users_user_id" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
);

CREATE UNIQUE INDEX "IX_passkeys_credential_id" ON "passkeys" ("credential_id");

CREATE INDEX "IX_passkeys_user_id" ON "passkeys" ("user_id");

CREATE INDEX "IX_recovery_codes_root_key" ON "recovery_codes" ("root_key");

CREATE INDEX "IX_recovery_codes_user_id" ON "recovery_codes" ("user_id");

CREATE INDEX "IX_reserved_names_user_id" ON "reserved_names" ("user_id");

CREATE INDEX "IX_spent_tokens_ends_at" ON "spent_tokens" ("ends_at");

CREATE INDEX "IX_totps_root_key" ON "totps" ("root_key");

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261201002026_AccountLife', '10.0.15');

DROP INDEX "IX_events_kind_user_id_at";

CREATE UNIQUE INDEX "IX_events_kind_user_id_at" ON "events" ("kind", "user_id", "at") WHERE kind IN (5, 9, 30, 35);

CREATE TABLE "ef_temp_reserved_names" (
    "name" TEXT NOT NULL CONSTRAINT "PK_reserved_names" PRIMARY KEY,
    "reserved_at" INTEGER NULL,
    "user_id" BLOB NULL
);

INSERT INTO "ef_temp_reserved_names" ("name", "reserved_at", "user_id")
SELECT "name", "reserved_at", "user_id"
FROM "reserved_names";

PRAGMA foreign_keys = 0;

DROP TABLE "reserved_names";

ALTER TABLE "ef_temp_reserved_names" RENAME TO "reserved_names";

PRAGMA foreign_keys = 1;

CREATE INDEX "IX_reserved_names_user_id" ON "reserved_names" ("user_id");

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261201095820_AccountRecords', '10.0.15');

