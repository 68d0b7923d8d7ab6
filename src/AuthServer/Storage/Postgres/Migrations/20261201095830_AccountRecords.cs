using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthServer.Storage.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class AccountRecords : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // The index is dropped last, because that stops reads of the events too until the end of the transaction.
            migrationBuilder.RenameIndex(
                name: "IX_events_kind_user_id_at",
                table: "events",
                newName: "IX_events_kind_user_id_at_before");

            migrationBuilder.AlterColumn<Guid>(
                name: "user_id",
                table: "reserved_names",
                type: "uuid",
                nullable: true,
                oldClrType: typeof(Guid),
                oldType: "uuid");

            migrationBuilder.AlterColumn<long>(
                name: "reserved_at",
                table: "reserved_names",
                type: "bigint",
                nullable: true,
                oldClrType: typeof(long),
                oldType: "bigint");

            migrationBuilder.CreateIndex(
                name: "IX_events_kind_user_id_at",
                table: "events",
                columns: new[] { "kind", "user_id", "at" },
                unique: true,
                filter: "kind IN (5, 9, 30, 35)");

            migrationBuilder.DropIndex(
                name: "IX_events_kind_user_id_at_before",
                table: "events");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_events_kind_user_id_at",
                table: "events");

            migrationBuilder.AlterColumn<Guid>(
                name: "user_id",
                table: "reserved_names",
                type: "uuid",
                nullable: false,
                defaultValue: new Guid("00000000-0000-0000-0000-000000000000"),
                oldClrType: typeof(Guid),
                oldType: "uuid",
                oldNullable: true);

            migrationBuilder.AlterColumn<long>(
                name: "reserved_at",
                table: "reserved_names",
                type: "bigint",
                nullable: false,
                defaultValue: 0L,
                oldClrType: typeof(long),
                oldType: "bigint",
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
