using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthServer.Storage.Sqlite.Migrations
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

            migrationBuilder.AlterColumn<byte[]>(
                name: "user_id",
                table: "events",
                type: "BLOB",
                nullable: true,
                oldClrType: typeof(byte[]),
                oldType: "BLOB");

            migrationBuilder.AddColumn<string>(
                name: "detail",
                table: "events",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "network",
                table: "events",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "failure_counts",
                columns: table => new
                {
                    id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    empty_at = table.Column<long>(type: "INTEGER", nullable: false),
                    last_at = table.Column<long>(type: "INTEGER", nullable: false)
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

            migrationBuilder.AlterColumn<byte[]>(
                name: "user_id",
                table: "events",
                type: "BLOB",
                nullable: false,
                defaultValue: new byte[0],
                oldClrType: typeof(byte[]),
                oldType: "BLOB",
                oldNullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_sessions_user_id",
                table: "sessions",
                column: "user_id");
        }
    }
}
