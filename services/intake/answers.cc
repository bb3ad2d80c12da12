// See answers.h.
#include "services/intake/answers.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "services/intake/reasons.h"
#include "services/runtime/errors.h"
#include "services/storage/request_ledger.h"

namespace rapport::intake {
namespace {

namespace ledger = storage::request_ledger;

ledger::Key AnsweredKey(const RequestKey& key) {
  return {key.network, absl::StrCat("rapport.intake.v1.IntakeService/", key.method), key.request_id};
}

ledger::Key BegunKey(const RequestKey& key) {
  return {key.network, absl::StrCat("rapport.intake.v1.IntakeService/", key.method, "#begun"),
          key.request_id};
}

absl::StatusOr<std::optional<std::string>> Find(storage::Transaction& tx, const ledger::Key& key,
                                                const std::string& fingerprint) {
  absl::StatusOr<std::optional<std::string>> found = ledger::Find(tx, key, fingerprint);
  if (!absl::IsAlreadyExists(found.status())) return found;
  return runtime::Error(absl::StatusCode::kAlreadyExists, kRequestIdReused, found.status().message());
}

}  // namespace

RequestKey KeyOf(absl::string_view network, absl::string_view method, absl::string_view request_id,
                 const google::protobuf::Message& request) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream out(&bytes);
    google::protobuf::io::CodedOutputStream coded(&out);
    coded.SetSerializationDeterministic(true);
    request.SerializeToCodedStream(&coded);
  }
  return {std::string(network), std::string(method), std::string(request_id), ledger::Fingerprint(bytes)};
}

absl::StatusOr<std::optional<v1::Referral>> FindAnswer(storage::Transaction& tx, const RequestKey& key) {
  absl::StatusOr<std::optional<std::string>> found = Find(tx, AnsweredKey(key), key.fingerprint);
  if (!found.ok()) return found.status();
  if (!found->has_value()) return std::nullopt;
  v1::Referral answer;
  if (!answer.ParseFromString(**found)) return absl::DataLossError("a recorded answer is not readable");
  return answer;
}

absl::StatusOr<bool> WasBegun(storage::Transaction& tx, const RequestKey& key) {
  absl::StatusOr<std::optional<std::string>> found = Find(tx, BegunKey(key), key.fingerprint);
  if (!found.ok()) return found.status();
  return found->has_value();
}

absl::Status RecordBegun(storage::Transaction& tx, const RequestKey& key, absl::Time now) {
  return ledger::Record(tx, BegunKey(key), key.fingerprint, "begun", now);
}

absl::Status RecordAnswer(storage::Transaction& tx, const RequestKey& key, const v1::Referral& answer,
                          absl::Time now) {
  return ledger::Record(tx, AnsweredKey(key), key.fingerprint, answer.SerializeAsString(), now);
}

}  // namespace rapport::intake
