// Answers by request id, and the hash that tells two requests apart.
#include "services/storage/request_ledger.h"

#include <openssl/sha.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace rapport::storage::request_ledger {

std::string Fingerprint(absl::string_view bytes) {
  constexpr size_t kKept = 16;  // 128 bits: nobody meets a collision by accident or can cheaply make one.
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), kKept));
}

absl::StatusOr<std::optional<std::string>> Find(Transaction& tx, const Key& key,
                                                absl::string_view fingerprint) {
  std::optional<std::string> response;
  absl::Status status = tx.Query(
      "SELECT fingerprint, response FROM request_ledger WHERE network = $1 AND method = $2 AND request_id = "
      "$3",
      {key.network, key.method, key.request_id}, [&](const Row& row) {
        if (row.Text(0) != fingerprint) {
          // Without the id itself: callers may have put something personal into it.
          return absl::AlreadyExistsError(
              absl::StrCat("the request_id was used before with different content for ", key.method,
                           "; use a new request_id for a new request"));
        }
        response = row.Blob(1);
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  return response;
}

absl::Status Record(Transaction& tx, const Key& key, absl::string_view fingerprint,
                    absl::string_view response, absl::Time now) {
  return tx
      .Execute(
          "INSERT INTO request_ledger (network, method, request_id, fingerprint, response, recorded_at) "
          "VALUES ($1, $2, $3, $4, $5, $6)",
          {key.network, key.method, key.request_id, std::string(fingerprint), Bytes{std::string(response)},
           absl::ToUnixMicros(now)})
      .status();
}

absl::StatusOr<int64_t> Prune(Transaction& tx, absl::Time older_than) {
  return tx.Execute(
      "DELETE FROM request_ledger WHERE (network, method, request_id) IN "
      "(SELECT network, method, request_id FROM request_ledger WHERE recorded_at < $1 ORDER BY recorded_at "
      "LIMIT $2)",
      {absl::ToUnixMicros(older_than), kPruneBatch});
}

}  // namespace rapport::storage::request_ledger
