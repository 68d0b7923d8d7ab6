using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthServer.Storage.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class RootKeysAndAccessKeys : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "key_checks");

            migrationBuilder.CreateTable(
                name: "access_keys",
                columns: table => new
                {
                    number = table.Column<int>(type: "integer", nullable: false),
                    algorithm = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<long>(type: "bigint", nullable: false),
                    signs_from = table.Column<long>(type: "bigint", nullable: false),
                    signs_until = table.Column<long>(type: "bigint", nullable: true),
                    gone_at = table.Column<long>(type: "bigint", nullable: true),
                    @sealed = table.Column<byte[]>(name: "sealed", type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_access_keys", x => x.number);
                });

            migrationBuilder.CreateTable(
                name: "root_keys",
                columns: table => new
                {
                    number = table.Column<int>(type: "integer", nullable: false),
                    fingerprint = table.Column<byte[]>(type: "bytea", nullable: false),
                    created_with_at = table.Column<long>(type: "bigint", nullable: true),
                    revoked_at = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_root_keys", x => x.number);
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "access_keys");

            migrationBuilder.DropTable(
                name: "root_keys");

            migrationBuilder.CreateTable(
                name: "key_checks",
                columns: table => new
                {
                    kind = table.Column<string>(type: "text", nullable: false),
                    number = table.Column<int>(type: "integer", nullable: false),
                    value = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_key_checks", x => new { x.kind, x.number });
                });
        }
    }
}
