using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthServer.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class AccountRecords : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_events_kind_user_id_at",
                table: "events");

            migrationBuilder.AlterColumn<byte[]>(
                name: "user_id",
                table: "reserved_names",
                type: "BLOB",
                nullable: true,
                oldClrType: typeof(byte[]),
                oldType: "BLOB");

            migrationBuilder.AlterColumn<long>(
                name: "reserved_at",
                table: "reserved_names",
                type: "INTEGER",
                nullable: true,
                oldClrType: typeof(long),
                oldType: "INTEGER");

            migrationBuilder.CreateIndex(
                name: "IX_events_kind_user_id_at",
                table: "events",
                columns: new[] { "kind", "user_id", "at" },
                unique: true,
                filter: "kind IN (5, 9, 30, 35)");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_events_kind_user_id_at",
                table: "events");

            migrationBuilder.AlterColumn<byte[]>(
                name: "user_id",
                table: "reserved_names",
                type: "BLOB",
                nullable: false,
                defaultValue: new byte[0],
                oldClrType: typeof(byte[]),
                oldType: "BLOB",
                oldNullable: true);

            migrationBuilder.AlterColumn<long>(
                name: "reserved_at",
                table: "reserved_names",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L,
                oldClrType: typeof(long),
                oldType: "INTEGER",
                oldNullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_events_kind_user_id_at",
                table: "events",
                columns: new[] { "kind", "user_id", "at" },
                unique: true,
                filter: "kind IN (5, 9)");
        }
    }
}
