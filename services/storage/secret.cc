// The secret's table belongs to storage itself, so it is a component of its own in schema_version.
#include "services/storage/secret.h"

#include <openssl/rand.h>

#include "services/storage/migrations.h"

namespace rapport::storage {
namespace {

constexpr size_t kSecretBytes = 32;

constexpr Migration kMigrations[] = {{1, "installation secret", R"sql(
CREATE TABLE installation_secret (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  secret BLOB NOT NULL
) STRICT;
)sql"}};

}  // namespace

absl::StatusOr<std::string> InstallationSecret(Database& db) {
  if (absl::Status migrated = Migrate(db, "storage", kMigrations); !migrated.ok()) return migrated;
  std::string fresh(kSecretBytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(fresh.data()), static_cast<int>(fresh.size())) != 1) {
    return absl::InternalError("the system gave no random bytes for the installation secret");
  }
  std::string secret;
  absl::Status status = db.Write([&](Transaction& tx) {
    absl::Status kept =
        tx.Execute("INSERT INTO installation_secret (id, secret) VALUES (1, $1) ON CONFLICT DO NOTHING",
                   {Bytes{fresh}})
            .status();
    if (!kept.ok()) return kept;
    return tx.Query("SELECT secret FROM installation_secret", {}, [&](const Row& row) {
      secret = row.Blob(0);
      return absl::OkStatus();
    });
  });
  if (!status.ok()) return status;
  return secret;
}

}  // namespace rapport::storage
