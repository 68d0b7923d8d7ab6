using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthServer.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class ProofsAndLateRetries : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<byte[]>(
                name: "security_stamp",
                table: "users",
                type: "BLOB",
                nullable: false,
                defaultValue: new byte[16]);

            migrationBuilder.AddColumn<long>(
                name: "authenticated_at",
                table: "sessions",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<int>(
                name: "methods",
                table: "sessions",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<uint>(
                name: "newest_presented",
                table: "sessions",
                type: "INTEGER",
                nullable: true);

            // So far every login was by password, and every rotation presented the generation before.
            migrationBuilder.Sql("UPDATE users SET security_stamp = randomblob(16);");
            migrationBuilder.Sql("UPDATE sessions SET authenticated_at = created_at, methods = 1;");
            migrationBuilder.Sql("UPDATE sessions SET newest_presented = generation - 1 WHERE generation > 0;");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "security_stamp",
                table: "users");

            migrationBuilder.DropColumn(
                name: "authenticated_at",
                table: "sessions");

            migrationBuilder.DropColumn(
                name: "methods",
                table: "sessions");

            migrationBuilder.DropColumn(
                name: "newest_presented",
                table: "sessions");
        }
    }
}
