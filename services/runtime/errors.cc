// See errors.h. Payloads are keyed by type URL, as google.protobuf.Any has them, so that they travel
// unchanged.
#include "services/runtime/errors.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/runtime/limits.h"

namespace rapport::runtime {
namespace {

constexpr char kDomain[] = "rapport";

template <typename Detail>
std::string TypeUrl() {
  return absl::StrCat("type.googleapis.com/", Detail::descriptor()->full_name());
}

template <typename Detail>
void Attach(const Detail& detail, absl::Status* status) {
  // Metadata are a map: in a fixed order, so that the same error is the same bytes.
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream out(&bytes);
    google::protobuf::io::CodedOutputStream coded(&out);
    coded.SetSerializationDeterministic(true);
    detail.SerializeToCodedStream(&coded);
  }
  status->SetPayload(TypeUrl<Detail>(), absl::Cord(bytes));
}

template <typename Detail>
std::optional<Detail> Find(const absl::Status& status) {
  if (status.ok()) return std::nullopt;
  const auto payload = status.GetPayload(TypeUrl<Detail>());
  Detail detail;
  if (!payload || !detail.ParseFromString(std::string(*payload))) return std::nullopt;
  return detail;
}

// At most `limit` bytes of `text`, never half a UTF-8 character.
absl::string_view Cut(absl::string_view text, size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
  return text.substr(0, limit);
}

}  // namespace

absl::Status Error(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                   const Metadata& metadata) {
  absl::Status status(code, message);
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain(kDomain);
  for (const auto& [key, value] : metadata) (*info.mutable_metadata())[key] = value;
  Attach(info, &status);
  return status;
}

void Violations::Add(const FieldPath& field, absl::string_view description) {
  items_.push_back({field.ToString(), std::string(Cut(description, kMaxViolationLength))});
}

absl::Status Violations::ToStatus(absl::string_view reason) const {
  if (items_.empty()) return absl::OkStatus();
  google::rpc::BadRequest bad_request;
  size_t bytes = 0;
  for (const Item& item : items_) {
    constexpr size_t kFraming = 8;  // of protobuf: a tag and a length for each part
    bytes += item.field_path.size() + item.description.size() + kFraming;
    if (bytes > kMaxViolationsBytes) break;
    auto* violation = bad_request.add_field_violations();
    violation->set_field(item.field_path);
    violation->set_description(item.description);
  }
  const size_t told = std::min(items_.size(), kMaxViolationsInMessage);
  std::string message = absl::StrCat(items_.size(), items_.size() == 1 ? " violation" : " violations");
  for (size_t i = 0; i < told; ++i) {
    absl::StrAppend(&message, i == 0 ? ": " : "; ", items_[i].field_path, ": ", items_[i].description);
  }
  if (told < items_.size()) absl::StrAppend(&message, "; and ", items_.size() - told, " more");
  absl::Status status = Error(absl::StatusCode::kInvalidArgument, reason, message,
                              {{"violations", absl::StrCat(items_.size())}});
  Attach(bad_request, &status);
  return status;
}

absl::Status WithRetryAfter(absl::Status status, absl::Duration delay) {
  if (status.ok()) return status;
  google::rpc::RetryInfo retry;
  absl::Duration rest = std::max(delay, absl::ZeroDuration());
  retry.mutable_retry_delay()->set_seconds(absl::IDivDuration(rest, absl::Seconds(1), &rest));
  retry.mutable_retry_delay()->set_nanos(static_cast<int>(absl::ToInt64Nanoseconds(rest)));
  Attach(retry, &status);
  return status;
}

std::string ReasonOf(const absl::Status& status) {
  const auto info = Find<google::rpc::ErrorInfo>(status);
  return info ? info->reason() : "";
}

std::string MetadataOf(const absl::Status& status, absl::string_view key) {
  const auto info = Find<google::rpc::ErrorInfo>(status);
  if (!info) return "";
  const auto found = info->metadata().find(std::string(key));
  return found == info->metadata().end() ? "" : found->second;
}

std::vector<Violations::Item> ViolationsOf(const absl::Status& status) {
  std::vector<Violations::Item> items;
  if (const auto bad_request = Find<google::rpc::BadRequest>(status)) {
    for (const auto& violation : bad_request->field_violations()) {
      items.push_back({violation.field(), violation.description()});
    }
  }
  return items;
}

bool OnlyViolates(const absl::Status& status, absl::string_view field_path) {
  const std::vector<Violations::Item> items = ViolationsOf(status);
  return absl::IsInvalidArgument(status) && items.size() == 1 && items.front().field_path == field_path;
}

std::optional<absl::Duration> RetryAfterOf(const absl::Status& status) {
  const auto retry = Find<google::rpc::RetryInfo>(status);
  if (!retry) return std::nullopt;
  return absl::Seconds(retry->retry_delay().seconds()) + absl::Nanoseconds(retry->retry_delay().nanos());
}

bool OurFault(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
      return true;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
      return ReasonOf(status).empty();
    default:
      return false;
  }
}

grpc::Status ToGrpc(const absl::Status& status, absl::string_view request_id) {
  if (status.ok()) return grpc::Status::OK;
  if (OurFault(status) && ReasonOf(status).empty()) {
    const bool trouble = !absl::IsInternal(status) && !absl::IsUnknown(status);
    return ToGrpc(
        Error(trouble ? status.code() : absl::StatusCode::kInternal, trouble ? kServerTrouble : kInternal,
              absl::StrCat(trouble ? "this server cannot do its work now: its operators find why in its "
                                     "log, under request id "
                                   : "internal error, request id ",
                           request_id),
              {{"request_id", std::string(request_id)}}));
  }
  google::rpc::Status wire;
  wire.set_code(static_cast<int>(status.code()));
  wire.set_message(std::string(Cut(status.message(), kMaxErrorMessageLength)));
  status.ForEachPayload([&wire](absl::string_view type_url, const absl::Cord& payload) {
    auto* detail = wire.add_details();
    detail->set_type_url(std::string(type_url));
    detail->set_value(std::string(payload));
  });
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), wire.message(), wire.SerializeAsString());
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status wire;
  if (!wire.ParseFromString(status.error_details())) return result;
  for (const auto& detail : wire.details()) result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  return result;
}

}  // namespace rapport::runtime
