// Same request id, same answer, one effect: the ledger of answered requests as intake uses it. A write that
// needs a ranking takes two transactions, so it has two records: that it was begun, and what was answered. A
// retry that finds the first without the second goes on where a crash stopped the first try.
#ifndef RAPPORT_SERVICES_INTAKE_ANSWERS_H_
#define RAPPORT_SERVICES_INTAKE_ANSWERS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "rapport/intake/v1/intake.pb.h"
#include "services/storage/database.h"

namespace rapport::intake {

// One request as its caller named it.
struct RequestKey {
  std::string network;
  std::string method;  // name in the contract: "SubmitReferral"
  std::string request_id;
  std::string fingerprint;  // of its whole content
};

RequestKey KeyOf(absl::string_view network, absl::string_view method, absl::string_view request_id,
                 const google::protobuf::Message& request);

// Errors of all: those of the database, and ALREADY_EXISTS REQUEST_ID_REUSED where the id had other content.

// What was answered, or nullopt.
absl::StatusOr<std::optional<v1::Referral>> FindAnswer(storage::Transaction& tx, const RequestKey& key);

// Whether the request's first transaction was committed.
absl::StatusOr<bool> WasBegun(storage::Transaction& tx, const RequestKey& key);

absl::Status RecordBegun(storage::Transaction& tx, const RequestKey& key, absl::Time now);
absl::Status RecordAnswer(storage::Transaction& tx, const RequestKey& key, const v1::Referral& answer,
                          absl::Time now);

}  // namespace rapport::intake

#endif  // RAPPORT_SERVICES_INTAKE_ANSWERS_H_
