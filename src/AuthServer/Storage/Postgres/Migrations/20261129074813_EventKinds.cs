using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AuthServer.Storage.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class EventKinds : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
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

            migrationBuilder.AlterColumn<Guid>(
                name: "user_id",
                table: "events",
                type: "uuid",
                nullable: false,
                defaultValue: new Guid("00000000-0000-0000-0000-000000000000"),
                oldClrType: typeof(Guid),
                oldType: "uuid",
                oldNullable: true);
        }
    }
}
