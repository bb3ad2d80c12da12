// One random secret per installation, kept in its database so that every replica and every restart has the
// same one.
#ifndef RAPPORT_SERVICES_STORAGE_SECRET_H_
#define RAPPORT_SERVICES_STORAGE_SECRET_H_

#include <string>

#include "absl/status/statusor.h"
#include "services/storage/database.h"

namespace rapport::storage {

// 32 random bytes, created (with their table) by the first call and the same ever after; used to sign page
// tokens. Errors of Migrate and Database::Write; INTERNAL when the system has no randomness. Thread-safe.
absl::StatusOr<std::string> InstallationSecret(Database& db);

}  // namespace rapport::storage

#endif  // RAPPORT_SERVICES_STORAGE_SECRET_H_
