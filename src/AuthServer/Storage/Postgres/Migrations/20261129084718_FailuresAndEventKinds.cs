using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthServer.Storage.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class FailuresAndEventKinds : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_sessions_user_id",
                table: "sessions");

            migrationBuilder.AlterColumn<Guid>(
                name: "user_id",
                table: "events",
                type: "uuid",
                nullable: true,
                oldClrType: typeof(Guid),
                oldType: "uuid");

            migrationBuilder.AddColumn<string>(
                name: "detail",
                table: "events",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "network",
                table: "events",
                type: "text",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "failure_counts",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    empty_at = table.Column<long>(type: "bigint", nullable: false),
                    last_at = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_failure_counts", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_sessions_user_id_ended_at_id",
                table: "sessions",
                columns: new[] { "user_id", "ended_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_events_kind_id",
                table: "events",
                columns: new[] { "kind", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_events_kind_network_at",
                table: "events",
                columns: new[] { "kind", "network", "at" },
                unique: true,
                filter: "network IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_events_kind_user_id_at",
                table: "events",
                columns: new[] { "kind", "user_id", "at" },
                unique: true,
                filter: "kind IN (5, 9)");

            migrationBuilder.CreateIndex(
                name: "IX_failure_counts_empty_at",
                table: "failure_counts",
                column: "empty_at");

            migrationBuilder.CreateIndex(
                name: "IX_failure_counts_last_at",
                table: "failure_counts",
                column: "last_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "failure_counts");

            migrationBuilder.DropIndex(
                name: "IX_sessions_user_id_ended_at_id",
                table: "sessions");

            migrationBuilder.DropIndex(
                name: "IX_events_kind_id",
                table: "events");

            migrationBuilder.DropIndex(
                name: "IX_events_kind_network_at",
                table: "events");

            migrationBuilder.DropIndex(
                name: "IX_events_kind_user_id_at",
                table: "events");

            migrationBuilder.DropColumn(
                name: "detail",
                table: "events");

            migrationBuilder.DropColumn(
                name: "network",
                table: "events");

            migrationBuilder.AlterColumn<Guid>(
                name: "user_id",
                table: "events",
                type: "uuid",
                nullable: false,
                defaultValue: new Guid("00000000-0000-0000-0000-000000000000"),
                oldClrType: typeof(Guid),
                oldType: "uuid",
                oldNullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_sessions_user_id",
                table: "sessions",
                column: "user_id");
        }
    }
}
