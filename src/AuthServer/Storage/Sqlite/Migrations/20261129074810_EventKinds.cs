using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthServer.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class EventKinds : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
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
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
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
        }
    }
}
